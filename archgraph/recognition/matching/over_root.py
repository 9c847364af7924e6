"""A value over the root of a mean of squares, as norms have it: a/√(mean(b²) + eps)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archgraph.graph import ArchGraph
from archgraph.ops import Mul, Pointwise
from archgraph.recognition.matching.means import mean_of
from archgraph.recognition.matching.polynomial import formula, number, same
from archgraph.tensors import Batch, Key, Shape, Tensor

__all__ = ["OverRoot", "last_axes", "over_root"]

_LARGEST_EPS = 0.01
"""More than any norm adds for stability; a larger number has another meaning."""


class OverRoot(NamedTuple):
    """a/√(mean(b²) + eps): a, b, the axes of the mean, eps, and the nodes that compute it."""

    value: str
    squared: str
    dims: tuple[int, ...]
    eps: float
    nodes: frozenset[str]


def over_root(net: ArchGraph, name: str) -> OverRoot | None:
    """Return what a node divides by the root of a mean of squares; None where it does not."""
    op, reads = net.op(name), net.reads(name)
    if op == Pointwise("div"):
        pairs = [(reads[0], reads[1], "sqrt")]
    elif isinstance(op, Mul) and len(reads) == 2:
        pairs = [(reads[0], reads[1], "rsqrt"), (reads[1], reads[0], "rsqrt")]
    else:
        return None
    for value, root, word in pairs:
        found = _mean_under(net, root, word)
        if found is not None and type(value) is not Key:
            squared, dims, eps, nodes = found
            return OverRoot(value, squared, dims, eps, nodes | {name})
    return None


def last_axes(tensor: Tensor, dims: Sequence[int]) -> Shape | None:
    """Return the extents of the axes that are named if they are the last ones and of known size."""
    shape = tensor.shape
    if not shape or not dims:
        return None
    axes = sorted(dim % len(shape) for dim in dims)
    extents = shape[axes[0] :]
    if axes != list(range(axes[0], len(shape))) or not all(type(each) is int for each in extents):
        return None
    return None if Batch in map(type, extents) else extents


def _mean_under(
    net: ArchGraph, root: str, word: str
) -> tuple[str, tuple[int, ...], float, frozenset[str]] | None:
    """Return b, the axes, eps and the nodes of √(mean(b²) + eps), or of 1 over it."""
    if type(root) is Key or ":" in root:
        return None
    nodes = frozenset({root})
    op = net.op(root)
    over_one = op == Pointwise("div") and number(net, net.reads(root)[0]) == 1
    if word == "rsqrt" and (op == Pointwise("reciprocal") or over_one):
        root = net.reads(root)[-1]
        if type(root) is Key or ":" in root:
            return None
        nodes, op, word = nodes | {root}, net.op(root), "sqrt"
    if op == Pointwise("pow"):
        if number(net, net.reads(root)[1]) != (0.5 if word == "sqrt" else -0.5):
            return None
    elif op != Pointwise(word):
        return None
    inside = net.reads(root)[0]
    sum_ = None if type(inside) is Key or ":" in inside else formula(net, inside)
    if sum_ is None or len(sum_.variables) != 1:
        return None
    (mean,) = sum_.variables
    eps = float(f"{sum_.terms.get((), 0.0):.6g}")  # as it was written before it became 32 bits
    if not same(sum_, {(mean,): 1.0, (): eps}) or not 0 < eps <= _LARGEST_EPS or ":" in mean:
        return None
    found = mean_of(net, mean)
    if found is None:
        return None
    square, dims = found
    base = _base(net, square)
    return None if base is None else (base, dims, eps, nodes | sum_.nodes | {mean, square})


def _base(net: ArchGraph, square: str) -> str | None:
    """Return what a node is the square of; None for any other node."""
    if type(square) is Key or ":" in square:
        return None
    op, (base, *others) = net.op(square), net.reads(square)
    if isinstance(op, Mul):
        squared = others == [base]
    else:
        squared = op == Pointwise("pow") and number(net, others[0]) == 2
    return base if squared and type(base) is not Key else None
