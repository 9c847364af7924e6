"""Views: tensors that lie where another lies, told by their strides as PyTorch tells them."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Strides", "contiguous", "reshaped"]

Strides = tuple[int, ...]
"""How many elements one step along each axis is."""


def contiguous(shape: Sequence[int]) -> Strides:
    """Return the strides of a tensor whose elements lie in order."""
    found, step = [], 1
    for extent in reversed(shape):
        found.append(step)
        step *= max(extent, 1)
    return tuple(reversed(found))


def reshaped(shape: Sequence[int], strides: Strides, wanted: Sequence[int]) -> Strides | None:
    """Return the strides of a tensor in another shape; None where its elements must be copied.

    Axes may be joined where one step of the outer is all of the inner, and cut anywhere
    (``at::detail::computeStride`` in PyTorch's ATen/TensorUtils.cpp).
    """
    if 0 in shape:
        return contiguous(wanted)
    if not shape:
        return (1,) * len(wanted)
    found = [0] * len(wanted)
    left = len(wanted) - 1
    step, held, given = strides[-1], 1, 1
    for axis in reversed(range(len(shape))):
        held *= shape[axis]
        if axis and (shape[axis - 1] == 1 or strides[axis - 1] == held * step):
            continue
        while left >= 0 and (given < held or wanted[left] == 1):
            found[left] = given * step
            given *= wanted[left]
            left -= 1
        if given != held:
            return None
        if axis:
            step, held, given = strides[axis - 1], 1, 1
    return tuple(found) if left < 0 else None
