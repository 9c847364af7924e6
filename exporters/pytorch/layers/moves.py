"""Functions that rearrange, cut, take and make tensors, as the operators of those names say."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .base import Surroundings, sizes

__all__ = [
    "SCATTERING",
    "arange",
    "cast",
    "concat",
    "expand",
    "full",
    "gather",
    "index",
    "index_select",
    "pad",
    "pad_shortcut",
    "repeat",
    "reshape",
    "resize",
    "slice_",
    "sort",
    "split",
    "stack",
]


def concat(*inputs: Tensor, dim: int) -> Tensor:
    """Return the inputs side by side along ``dim``."""
    return torch.cat(inputs, dim)


def stack(*inputs: Tensor, dim: int) -> Tensor:
    """Return the inputs beside each other along a new axis."""
    return torch.stack(inputs, dim)


def slice_(x: Tensor, *, start: int, stop: int, dim: int, step: int) -> Tensor:
    """Return every ``step``-th element from ``start`` up to ``stop`` of an axis."""
    return x[(slice(None),) * (dim % x.ndim) + (slice(start, stop, step),)]


def pad_shortcut(x: Tensor, *, stride: tuple[int, int], before: int, after: int) -> Tensor:
    """Return every stride-th pixel, with channels of zeros: (N, before + C + after, …)."""
    return functional.pad(x[:, :, :: stride[0], :: stride[1]], (0, 0, 0, 0, before, after))


def pad(x: Tensor, *, padding: tuple[int, ...], mode: str, value: float) -> Tensor:
    """Return a tensor with elements around it."""
    return functional.pad(x, padding, mode, value if mode == "constant" else None)


def resize(x: Tensor, *, size: Any, scale: Any, mode: str, align_corners: bool) -> Tensor:
    """Return maps of another size."""
    corners = align_corners if mode in ("linear", "bilinear", "bicubic", "trilinear") else None
    rank = x.ndim - 2
    size, scale = (each if each is None or len(each) > 1 else each * rank for each in (size, scale))
    return functional.interpolate(x, size, scale, mode, corners)


def gather(x: Tensor, places: Tensor, *, dim: int) -> Tensor:
    """Return for each place the element of an axis that it names."""
    return torch.gather(x, dim, places.long())


def index_select(x: Tensor, places: Tensor, *, dim: int) -> Tensor:
    """Return what stands at places of one axis, their own axes in its place."""
    return x[(slice(None),) * (dim % x.ndim) + (places.long(),)]


def index(x: Tensor, *places: Tensor, dims: tuple[int, ...]) -> Tensor:
    """Return what stands at places of several axes: x[i, j, …]."""
    found: list[Any] = [slice(None)] * x.ndim
    for dim, place in zip(dims, places, strict=True):
        found[dim] = place.long()
    return x[tuple(found)]


def sort(x: Tensor, *, dim: int, descending: bool, k: int | None) -> tuple[Tensor, Tensor]:
    """Return the elements of an axis in order, and where they stood; only the first k, if given."""
    if k is not None:
        values, places = torch.topk(x, k, dim, largest=descending)
    else:
        values, places = torch.sort(x, stable=True, dim=dim, descending=descending)
    return values, places


def _replace(x: Tensor, places: Tensor, new: Tensor, *, dim: int) -> Tensor:
    return torch.scatter(x, dim, places.long(), new)


def _add(x: Tensor, places: Tensor, new: Tensor, *, dim: int) -> Tensor:
    return torch.scatter_add(x, dim, places.long(), new)


SCATTERING = {"replace": _replace, "add": _add}
"""Functions that write elements to places of an axis."""


def cast(x: Tensor, *, dtype: torch.dtype) -> Tensor:
    """Return the numbers in another element type."""
    return x.to(dtype)


# ---- what follows the batch ----------------------------------------------------------------


def reshape(around: Surroundings, x: Tensor, *, shape: tuple[int, ...]) -> Tensor:
    """Return the elements in another shape."""
    return x.reshape(sizes(shape, around))


def expand(around: Surroundings, x: Tensor, *, shape: tuple[int, ...]) -> Tensor:
    """Return a tensor stretched to ``shape``."""
    return x.expand(sizes(shape, around))


def repeat(around: Surroundings, x: Tensor, *, repeats: tuple[int, ...]) -> Tensor:
    """Return a tensor several times along each axis."""
    return x.repeat(sizes(repeats, around))


def split(
    around: Surroundings, x: Tensor, *, parts: tuple[int, ...], dim: int
) -> tuple[Tensor, ...]:
    """Return the parts of an axis."""
    return torch.split(x, list(sizes(parts, around)), dim)


def full(
    around: Surroundings, *, shape: tuple[int, ...], value: float, dtype: torch.dtype
) -> Tensor:
    """Return a tensor of one number."""
    return torch.full(sizes(shape, around), value, dtype=dtype, device=around.device)


def arange(around: Surroundings, *, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Return the numbers from 0 up."""
    return torch.arange(*sizes(shape, around), dtype=dtype, device=around.device)
