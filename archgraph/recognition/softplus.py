"""Softplus written out: log(1 + exp(x))."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import Pointwise
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.polynomial import formula, same
from archgraph.recognition.matching.steps_back import is_function, is_node

__all__ = ["softplus"]


def softplus(net: ArchGraph, name: str) -> Match | None:
    """Dugas et al., 2000, section 3."""
    (inner,) = net.reads(name)
    nodes: frozenset[str] = frozenset()
    power = inner
    if is_function(net.op(name), "log"):
        sum_ = formula(net, inner) if is_node(inner) else None
        if sum_ is None or len(sum_.variables) != 1:
            return None
        (power,) = sum_.variables
        if not same(sum_, {(): 1.0, (power,): 1.0}):
            return None
        nodes = sum_.nodes
    if not is_node(power) or not is_function(net.op(power), "exp"):
        return None
    return Match(name, nodes | {power}, Pointwise("softplus"), net.reads(power))
