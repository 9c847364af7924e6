"""SiLU and quick GELU written out: x·sigmoid(x), x·sigmoid(1.702·x)."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import QuickGELU, Sigmoid, SiLU
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.polynomial import Formula, formula, same
from archgraph.recognition.matching.steps_back import is_node

__all__ = ["silu"]


def silu(net: ArchGraph, name: str) -> Match | None:
    """Hendrycks and Gimpel, 2016, section 2: the SiLU, and the second approximation of GELU."""
    whole = formula(net, name)
    if whole is None or len(whole.variables) != 2:
        return None
    for gate in whole.variables:
        (x,) = whole.variables - {gate}
        if not is_node(gate) or not isinstance(net.op(gate), Sigmoid):
            continue
        (source,) = net.reads(gate)
        inside = formula(net, source) if is_node(source) else None
        if source == x or inside is None:
            inside = Formula({(source,): 1.0}, frozenset())
        if not same(whole, {(x, gate): 1.0}):
            continue
        nodes = (whole.nodes | inside.nodes | {gate}) - {name}
        if same(inside, {(x,): 1.0}):
            return Match(name, nodes, SiLU(), (x,))
        if same(inside, {(x,): 1.702}):
            return Match(name, nodes, QuickGELU(), (x,))
    return None
