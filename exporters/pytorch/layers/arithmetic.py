"""Functions that compute with elements: sums, products, functions of each, reductions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from archgraph.ops import CUMULATIONS, POINTWISE

__all__ = [
    "CUMULATING",
    "FUNCTIONS",
    "einsum",
    "grouped_product",
    "hard_sigmoid",
    "product",
    "quick_gelu",
    "reduce",
    "total",
]


def total(first: Tensor, *others: Tensor) -> Tensor:
    """Return the sum of all inputs."""
    for other in others:
        first = first + other
    return first


def product(first: Tensor, *others: Tensor) -> Tensor:
    """Return the product of all inputs."""
    for other in others:
        first = first * other
    return first


def einsum(*inputs: Tensor, equation: str) -> Tensor:
    """Return Einstein's summation of the inputs."""
    return torch.einsum(equation, *inputs)


def grouped_product(rows: Tensor, matrices: Tensor, ends: Tensor) -> Tensor:
    """Return each row times the matrix of its group; rows behind the last end meet the last."""
    bounds = [0, *ends.tolist()[:-1], len(rows)]
    spans = zip(pairwise(bounds), matrices, strict=True)
    return torch.cat([rows[start:stop] @ matrix for (start, stop), matrix in spans])


def quick_gelu(x: Tensor) -> Tensor:
    """Return x · sigmoid(1.702 · x)."""
    return x * torch.sigmoid(1.702 * x)


def hard_sigmoid(x: Tensor, *, slope: float) -> Tensor:
    """Return slope · x + ½, from 0 to 1."""
    return (slope * x + 0.5).clamp(0, 1)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(torch, name, None) or getattr(functional, name) for name in POINTWISE
}
"""PyTorch's function for each of ``POINTWISE``: they bear the same names."""


def _axes(x: Tensor, dims: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(dim % x.ndim for dim in dims) or tuple(range(x.ndim))


def _norm(x: Tensor, *, dim: tuple[int, ...], keepdim: bool) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(x, 2, dim, keepdim)
    return norm


def _prod(x: Tensor, *, dim: tuple[int, ...], keepdim: bool) -> Tensor:
    for axis in sorted(dim, reverse=True):
        x = torch.prod(x, axis, keepdim)
    return x


_SEVERAL: dict[str, Callable[..., Any]] = {
    "mean": torch.mean,
    "sum": torch.sum,
    "prod": _prod,
    "max": torch.amax,
    "min": torch.amin,
    "any": torch.any,
    "all": torch.all,
    "norm": _norm,
    "var": torch.var,
    "std": torch.std,
    "logsumexp": torch.logsumexp,
}
_PLACES = {"argmax": torch.argmax, "argmin": torch.argmin}


def reduce(x: Tensor, *, name: str, dims: tuple[int, ...], keepdim: bool) -> Any:
    """Return one number of all elements along axes: a function of ``REDUCTIONS``."""
    if name in _SEVERAL:
        return _SEVERAL[name](x, dim=_axes(x, dims), keepdim=keepdim)
    if len(dims) == 1:
        return _PLACES[name](x, dim=dims[0], keepdim=keepdim)
    found = _PLACES[name](x.flatten(), dim=0)
    return found.reshape((1,) * x.ndim) if keepdim else found


def _cummax(x: Tensor, *, dim: int) -> Tensor:
    return torch.cummax(x, dim).values


CUMULATING: dict[str, Callable[..., Any]] = dict(
    zip(CUMULATIONS, (torch.cumsum, torch.cumprod, _cummax), strict=True)
)
