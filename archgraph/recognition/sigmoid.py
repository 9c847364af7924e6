"""Sigmoid and SiLU by the exponential: 1/(1 + exp(−x)), x/(1 + exp(−x))."""

from __future__ import annotations

from dataclasses import replace

from archgraph.graph import ArchGraph
from archgraph.ops import Sigmoid, SiLU
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.polynomial import formula, number, same
from archgraph.recognition.matching.steps_back import factor, is_function, is_node, only_reader
from archgraph.tensors import Key

__all__ = ["sigmoid"]

_ENDS = ("div", "reciprocal")


def sigmoid(net: ArchGraph, name: str) -> Match | None:
    """The logistic function, alone or with x in the numerator."""
    inverse = factor(net, name)
    if inverse is not None and inverse[1] == 1:  # torch's 1/x is (1/x)·1
        inner = inverse[0]
        if not is_node(inner) or not is_function(net.op(inner), *_ENDS):
            return None
        found = _matched(net, inner)
        return found and replace(found, last=name, inner=found.nodes)
    reader = only_reader(net, name)
    if reader is not None and factor(net, reader) == (name, 1.0):
        return None  # with that
    return _matched(net, name) if is_function(net.op(name), *_ENDS) else None


def _matched(net: ArchGraph, name: str) -> Match | None:
    reads = net.reads(name)
    below = reads[-1]
    under = formula(net, below) if is_node(below) else None
    if under is None or len(under.variables) != 1:
        return None
    (power,) = under.variables
    if not same(under, {(): 1.0, (power,): 1.0}) or not is_node(power):
        return None
    if not is_function(net.op(power), "exp"):
        return None
    (source,) = net.reads(power)
    inside = formula(net, source) if is_node(source) else None
    if inside is None or len(inside.variables) != 1:
        return None
    (x,) = inside.variables
    if not same(inside, {(x,): -1.0}):
        return None
    nodes = under.nodes | inside.nodes | {power}
    if len(reads) == 1 or number(net, reads[0]) == 1:
        return Match(name, nodes, Sigmoid(), (x,))
    return Match(name, nodes, SiLU(), (x,)) if reads[0] == x and type(x) is not Key else None
