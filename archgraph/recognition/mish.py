"""Mish written out: x·tanh(softplus(x))."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import Pointwise, Tanh
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.polynomial import formula, same
from archgraph.recognition.matching.steps_back import is_function, is_node

__all__ = ["mish"]


def mish(net: ArchGraph, name: str) -> Match | None:
    """Misra, 2019, equation 1."""
    whole = formula(net, name)
    if whole is None or len(whole.variables) != 2:
        return None
    for curve in whole.variables:
        (x,) = whole.variables - {curve}
        if not is_node(curve) or not isinstance(net.op(curve), Tanh):
            continue
        (soft,) = net.reads(curve)
        if not is_node(soft) or not is_function(net.op(soft), "softplus"):
            continue
        if net.reads(soft) == (x,) and same(whole, {(x, curve): 1.0}):
            nodes = (whole.nodes | {curve, soft}) - {name}
            return Match(name, nodes, Pointwise("mish"), (x,))
    return None
