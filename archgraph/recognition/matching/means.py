"""Reductions over axes that stay with extent 1, however that is written."""

from __future__ import annotations

from math import isclose, prod
from typing import NamedTuple

from archgraph.graph import ArchGraph
from archgraph.ops import AdaptiveAvgPool2d, GlobalAvgPool2d, Identity, Reduce, Reshape
from archgraph.recognition.matching.polynomial import number
from archgraph.recognition.matching.steps_back import factor, is_function, is_node, shape_of

__all__ = ["Reduction", "mean_of", "reduced"]


class Reduction(NamedTuple):
    """What is reduced, the axes in order, and the nodes that do it."""

    source: str
    dims: tuple[int, ...]
    nodes: frozenset[str]


def mean_of(net: ArchGraph, source: str) -> Reduction | None:
    """Return what a source is the mean of; None where it is none.

    It may be a mean, a pooling to one element, or a sum over the number of elements.
    """
    if not is_node(source):
        return None
    op = net.op(source)
    pooled = isinstance(op, AdaptiveAvgPool2d) and set(op.output_size) == {1}
    if pooled or isinstance(op, GlobalAvgPool2d):
        return Reduction(net.reads(source)[0], (2, 3), frozenset({source}))
    return reduced(net, source, "mean")


def reduced(net: ArchGraph, source: str, function: str) -> Reduction | None:
    """Return what a source reduces; the axes stay with extent 1, or are put back by a reshape."""
    nodes: set[str] = set()
    kept = shape_of(net, source)
    while is_node(source):
        nodes.add(source)
        op, shape = net.op(source), shape_of(net, source)
        if isinstance(op, Reduce):
            found = _reduction(net, source, function, kept, nodes)
            return found or _by_sum(net, source, function, kept, nodes, 1.0)
        scaled = factor(net, source)
        if scaled is not None and is_node(scaled[0]):
            return _by_sum(net, scaled[0], function, kept, nodes, scaled[1])
        if isinstance(op, Identity) or (
            isinstance(op, Reshape) and _without_ones(shape) == _without_ones(kept)
        ):
            (source,) = net.reads(source)
        elif is_function(op, "maximum") and function == "max":
            # Of nothing the greatest is −∞, and that is greater than nothing.
            bounds = [each for each in net.reads(source) if number(net, each) == -float("inf")]
            others = [each for each in net.reads(source) if each not in bounds]
            if len(others) != 1:
                return None
            (source,) = others
        else:
            return None
    return None


def _by_sum(
    net: ArchGraph, source: str, function: str, kept: tuple[int, ...], nodes: set[str], by: float
) -> Reduction | None:
    """Return a sum times 1 over the number of its elements as a mean."""
    if function != "mean" or not is_node(source):
        return None
    found = _reduction(net, source, "sum", kept, nodes | {source})
    if found is None:
        return None
    shape = shape_of(net, found.source)
    count = prod(int(shape[axis]) for axis in found.dims)
    return found if isclose(by * count, 1.0, rel_tol=1e-5) else None


def _reduction(
    net: ArchGraph, source: str, function: str, kept: tuple[int, ...], nodes: set[str]
) -> Reduction | None:
    """Return a node as a reduction by a function whose axes are of extent 1 in what is kept."""
    op = net.op(source)
    if not isinstance(op, Reduce) or op.function != function:
        return None
    (inner,) = net.reads(source)
    shape = shape_of(net, inner)
    if not shape:
        return None
    axes = {dim % len(shape) for dim in op.dims} or set(range(len(shape)))
    wanted = tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    # Before a reshape puts the axes back, they are not there: the mean of a mean is of that shape.
    short = tuple(size for axis, size in enumerate(shape) if axis not in axes)
    if kept not in (wanted, short):
        return None
    return Reduction(inner, tuple(sorted(axes)), frozenset(nodes))


def _without_ones(shape: tuple[int, ...]) -> list[int]:
    return [each for each in shape if not (type(each) is int and each == 1)]
