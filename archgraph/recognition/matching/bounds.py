"""Bounds: what is cut to lie between two numbers, however that is written."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from archgraph.graph import ArchGraph
from archgraph.ops import ReLU, ReLU6
from archgraph.recognition.matching.polynomial import number
from archgraph.recognition.matching.steps_back import is_function, is_node
from archgraph.tensors import Key

__all__ = ["Bounded", "bounded"]


class Bounded(NamedTuple):
    """min(max(source, low), high), and the nodes that compute it."""

    source: str
    low: float
    high: float
    nodes: frozenset[str]


def bounded(net: ArchGraph, name: str) -> Bounded | None:
    """Return what a node cuts to lie between two numbers; None for any other node."""
    if not is_node(name):
        return None
    op, reads = net.op(name), net.reads(name)
    if isinstance(op, (ReLU, ReLU6)):
        found = Bounded(reads[0], 0.0, 6.0 if isinstance(op, ReLU6) else inf, frozenset({name}))
    elif is_function(op, "clamp"):
        low, high = number(net, reads[1]), number(net, reads[2])
        if low is None or high is None:
            return None
        found = Bounded(reads[0], low, high, frozenset({name}))
    elif is_function(op, "minimum", "maximum"):
        least = is_function(op, "maximum")
        one, two = (number(net, each) for each in reads)
        if (one is None) == (two is None):
            return None
        value = one if two is None else two
        assert value is not None
        source = reads[1] if two is None else reads[0]
        found = Bounded(source, *((value, inf) if least else (-inf, value)), frozenset({name}))
    else:
        return None
    return _joined(net, found)


def _joined(net: ArchGraph, outer: Bounded) -> Bounded | None:
    """Return one bound that is put upon another as both together."""
    if type(outer.source) is Key:
        return None
    if (outer.low, outer.high) != (-inf, inf) and inf in (outer.high, -outer.low):
        inner = bounded(net, outer.source)
        if inner is not None and inner.low <= outer.high and outer.low <= inner.high:
            low, high = max(inner.low, outer.low), min(inner.high, outer.high)
            return Bounded(inner.source, low, high, outer.nodes | inner.nodes)
    return outer
