"""SiLU written out: x·sigmoid(x)."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import Sigmoid, SiLU
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.polynomial import formula, same

__all__ = ["silu"]


def silu(net: ArchGraph, name: str) -> Match | None:
    """Hendrycks and Gimpel, 2016, section 2, as PyTorch defines it: a product of two."""
    whole = formula(net, name)
    if whole is None or len(whole.variables) != 2:
        return None
    for gate in whole.variables:
        (x,) = whole.variables - {gate}
        if ":" in gate or not isinstance(net.op(gate), Sigmoid) or net.reads(gate) != (x,):
            continue
        if same(whole, {(x, gate): 1.0}):
            return Match(name, (whole.nodes | {gate}) - {name}, SiLU(), (x,))
    return None
