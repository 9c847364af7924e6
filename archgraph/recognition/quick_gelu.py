"""Quick GELU written out: x·sigmoid(1.702·x)."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import QuickGELU, Sigmoid
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.polynomial import formula, same
from archgraph.recognition.matching.steps_back import is_node

__all__ = ["quick_gelu"]


def quick_gelu(net: ArchGraph, name: str) -> Match | None:
    """Hendrycks and Gimpel, 2016, section 2, the second approximation."""
    whole = formula(net, name)
    if whole is None or len(whole.variables) != 2:
        return None
    for gate in whole.variables:
        (x,) = whole.variables - {gate}
        if not is_node(gate) or not isinstance(net.op(gate), Sigmoid):
            continue
        (source,) = net.reads(gate)
        inside = formula(net, source) if is_node(source) else None
        if inside is not None and same(inside, {(x,): 1.702}) and same(whole, {(x, gate): 1.0}):
            return Match(name, (whole.nodes | inside.nodes | {gate}) - {name}, QuickGELU(), (x,))
    return None
