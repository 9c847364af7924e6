"""Reshapes and permutations in the words that people use: flatten, unflatten, transpose."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.tensors import Batch

from .code_layout import Brackets, Expression, call

__all__ = ["permuted", "reshaped"]


def reshaped(first: str, before: Sequence[int], after: Sequence[int]) -> Expression | None:
    """Return a reshape that adds, drops, joins or parts axes next to one another; else None.

    Such a call says nothing of the other axes, so that it also holds for other lengths.
    """
    for axis in range(max(len(before), len(after))):
        head, rest = tuple(before[:axis]), tuple(before[axis:])
        if tuple(after) == (*head, 1, *rest):
            return call(f"{first}.unsqueeze", str(axis))
        if rest[:1] == (1,) and tuple(after) == (*head, *rest[1:]):
            return call(f"{first}.squeeze", str(axis))
    axis = _alike(before, after)
    if len(after) < len(before):
        ends = _join(before, after, axis)
        if ends is not None:
            last = (str(ends[1]),) if ends[1] < len(before) - 1 else ()
            return call(f"{first}.flatten", str(ends[0]), *last)
    elif len(after) > len(before):
        ends = _join(after, before, min(axis, len(before) - 1))
        if ends is not None:
            sizes = after[ends[0] : ends[1] + 1]
            following = [type(size) is not int for size in sizes]  # the batch, open sizes
            if sum(following) < 2:
                texts = ["-1" if f else str(size) for f, size in zip(following, sizes, strict=True)]
                return call(f"{first}.unflatten", str(ends[0]), Brackets("(", tuple(texts), ")"))
    return None


def _alike(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many extents are the same, from the first on."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b or type(a) is not type(b):
            break
        count += 1
    return count


def _join(many: Sequence[int], few: Sequence[int], axis: int) -> tuple[int, int] | None:
    """Return the first and last of the axes of ``many`` that are one axis of ``few``."""
    span = len(many) - len(few)
    for start in range(min(axis, len(few) - 1), -1, -1):
        same = (*many[:start], few[start], *many[start + span + 1 :])
        if tuple(few) == same and _kinds(few) == _kinds(same):
            return start, start + span
    return None


def _kinds(shape: Sequence[int]) -> list[bool]:
    return [type(size) is Batch for size in shape]


def permuted(first: str, dims: Sequence[int]) -> Expression:
    """Return a permutation; two axes that change places are transposed."""
    axes = [dim % len(dims) for dim in dims]
    moved = [axis for axis, place in enumerate(axes) if place != axis]
    if len(moved) == 2:
        return call(f"{first}.transpose", *map(str, moved))
    return call(f"{first}.permute", *map(str, dims))
