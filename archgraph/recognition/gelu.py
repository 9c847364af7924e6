"""GELU written out: x·½·(1 + erf(x/√2)), and with tanh in the place of erf."""

from __future__ import annotations

from math import pi, sqrt

from archgraph.graph import ArchGraph
from archgraph.ops import GELU, Tanh
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.polynomial import formula, same
from archgraph.recognition.matching.steps_back import is_function

__all__ = ["gelu"]

_SLOPE = sqrt(2 / pi)


def gelu(net: ArchGraph, name: str) -> Match | None:
    """Hendrycks and Gimpel, 2016, section 2: x·Φ(x), and √(2/π)·(x + 0.044715·x³) in the tanh."""
    whole = formula(net, name)
    if whole is None or len(whole.terms) != 2 or len(whole.variables) != 2:
        return None
    for curve in whole.variables:
        (x,) = whole.variables - {curve}
        if ":" in curve or not same(whole, {(x,): 0.5, (x, curve): 0.5}):
            continue
        op = net.op(curve)
        if not is_function(op, "erf") and not isinstance(op, Tanh):
            continue
        (source,) = net.reads(curve)
        inside = None if ":" in source else formula(net, source)
        if inside is None:
            continue
        nodes = (whole.nodes | inside.nodes | {curve}) - {name}
        if is_function(op, "erf") and same(inside, {(x,): sqrt(0.5)}):
            return Match(name, nodes, GELU(), (x,))
        if isinstance(op, Tanh) and same(inside, {(x,): _SLOPE, (x, x, x): _SLOPE * 0.044715}):
            return Match(name, nodes, GELU("tanh"), (x,))
    return None
