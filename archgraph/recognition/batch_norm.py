"""Batch norm as it is left at inference: each channel times a stored number, plus another."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import BatchNorm2d, Mul
from archgraph.recognition.matching.learned_row import as_own, beside
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.steps_back import shape_of

__all__ = ["batch_norm"]


def batch_norm(net: ArchGraph, name: str) -> Match | None:
    """Ioffe and Szegedy, 2015, algorithm 2, of running means that are zero, variances that are one.

    Of maps only, and where scale and shift are learned.
    """
    found = beside(net, name)
    if found is None or not isinstance(net.op(found[0]), Mul):
        return None
    product, shift = found
    inner = beside(net, product)
    if inner is None:
        return None
    x, scale = inner
    shape = shape_of(net, x)
    if len(shape) != 4 or type(shape[1]) is not int or shape[1] < 2:
        return None
    read = (shape[1], 1, 1)
    if not (scale.stands_in(read) and shift.stands_in(read)):
        return None
    if {scale.tensor.kind, shift.tensor.kind} != {"parameter"}:
        return None
    weight, one = as_own(net, scale, (shape[1],))
    bias, two = as_own(net, shift, (shape[1],))
    nodes = frozenset({product}) | scale.nodes | shift.nodes
    tensors = {"weight": weight, "bias": bias}
    return Match(name, nodes, BatchNorm2d(shape[1], 0.0), (x,), tensors, stored={**one, **two})
