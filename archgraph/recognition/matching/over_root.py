"""A value over the root of a mean of squares, as norms have it: a/√(mean(b²) + eps)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archgraph.graph import ArchGraph
from archgraph.ops import Identity, Mul, Reshape
from archgraph.recognition.matching.learned_row import Row, beside
from archgraph.recognition.matching.means import mean_of
from archgraph.recognition.matching.polynomial import formula, number, same
from archgraph.recognition.matching.steps_back import is_function, is_node
from archgraph.tensors import Batch, Key, Shape, Tensor

__all__ = ["OverRoot", "RootOfMean", "last_axes", "over_root", "scale_of"]

_LARGEST_EPS = 0.01
"""More than any norm adds for stability; a larger number has another meaning."""


class RootOfMean(NamedTuple):
    """√(mean(b²) + eps), or 1 over it: b, the axes, eps, and the nodes that compute it.

    Where it is ``centred``, it is the root of b's variance, mean(b²) − mean(b)², with eps.
    """

    squared: str
    dims: tuple[int, ...]
    eps: float
    nodes: frozenset[str]
    centred: bool = False


class OverRoot(NamedTuple):
    """weight · a/√(mean(b²) + eps): a, the root, the weight where there is one, all the nodes."""

    value: str
    root: RootOfMean
    weight: Row | None
    nodes: frozenset[str]


def over_root(net: ArchGraph, name: str) -> OverRoot | None:
    """Return what a node divides by the root of a mean of squares; None where it does not."""
    op, reads = net.op(name), net.reads(name)
    if is_function(op, "div"):
        root = _root_of_mean(net, reads[1], "sqrt")
        if root is None or type(reads[0]) is Key:
            return None
        return OverRoot(reads[0], root, None, root.nodes | {name})
    if isinstance(op, Mul) and len(reads) == 2:
        for value, scale in (reads, reads[::-1]):
            found = None if type(value) is Key else scale_of(net, scale)
            if found is not None:
                root, weight = found
                more = {scale} | (frozenset() if weight is None else weight.nodes)
                return OverRoot(value, root, weight, root.nodes | more | {name})
    return None


def scale_of(net: ArchGraph, source: str) -> tuple[RootOfMean, Row | None] | None:
    """Return weight/√(mean + eps) taken apart; the weight is None where there is none."""
    root = _root_of_mean(net, source, "rsqrt")
    if root is not None:
        return root, None
    found = beside(net, source) if is_node(source) and isinstance(net.op(source), Mul) else None
    root = None if found is None else _root_of_mean(net, found[0], "rsqrt")
    return None if root is None or found is None else (root, found[1])


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


def _root_of_mean(net: ArchGraph, root: str, word: str) -> RootOfMean | None:
    """Return b, the axes, eps and the nodes of √(mean(b²) + eps), or of 1 over it."""
    if not is_node(root):
        return None
    nodes = frozenset({root})
    op = net.op(root)
    over_one = is_function(op, "div") and number(net, net.reads(root)[0]) == 1
    if word == "rsqrt" and (is_function(op, "reciprocal") or over_one):
        root = net.reads(root)[-1]
        if not is_node(root):
            return None
        nodes, op, word = nodes | {root}, net.op(root), "sqrt"
    if is_function(op, "pow"):
        if number(net, net.reads(root)[1]) != (0.5 if word == "sqrt" else -0.5):
            return None
    elif not is_function(op, word):
        return None
    inside = net.reads(root)[0]
    sum_ = formula(net, inside) if is_node(inside) else None
    if sum_ is None or len(sum_.variables) != 1:
        return None
    (mean,) = sum_.variables
    eps = float(f"{sum_.terms.get((), 0.0):.6g}")  # as it was written before it became 32 bits
    if not same(sum_, {(mean,): 1.0, (): eps}) or not 0 < eps <= _LARGEST_EPS or ":" in mean:
        return None
    found = _mean_of_squares(net, mean, eps) or _variance(net, mean, eps)
    return None if found is None else found._replace(nodes=nodes | sum_.nodes | found.nodes)


def _mean_of_squares(net: ArchGraph, mean: str, eps: float) -> RootOfMean | None:
    found = mean_of(net, mean)
    base = None if found is None else _base(net, found.source)
    if found is None or base is None:
        return None
    return RootOfMean(base, found.dims, eps, found.nodes | {found.source})


def _variance(net: ArchGraph, source: str, eps: float) -> RootOfMean | None:
    """Return mean(b²) − mean(b)², not below zero, as jax's libraries have it."""
    nodes: set[str] = set()
    while is_node(source):
        nodes.add(source)
        op, reads = net.op(source), net.reads(source)
        if isinstance(op, (Identity, Reshape)):
            (source,) = reads
        elif is_function(op, "maximum") and 0 in [number(net, each) for each in reads]:
            (source,) = (each for each in reads if type(each) is not Key)
        elif is_function(op, "sub"):
            squares, squared = mean_of(net, reads[0]), _base(net, reads[1])
            mean = None if squared is None else mean_of(net, squared)
            base = None if squares is None else _base(net, squares.source)
            if squares is None or mean is None or base != mean.source or squares.dims != mean.dims:
                return None
            nodes |= squares.nodes | mean.nodes | {squares.source, reads[1]}
            return RootOfMean(mean.source, mean.dims, eps, frozenset(nodes), centred=True)
        else:
            return None
    return None


def _base(net: ArchGraph, square: str) -> str | None:
    """Return what a node is the square of; None for any other node."""
    if not is_node(square):
        return None
    op, reads = net.op(square), net.reads(square)
    if isinstance(op, Mul):
        squared = len(reads) == 2 and reads[0] == reads[1]
    else:
        squared = is_function(op, "pow") and number(net, reads[1]) == 2
    return reads[0] if squared and type(reads[0]) is not Key else None
