"""Hard swish and hard sigmoid written out: x·relu6(x + 3)/6, relu6(x + 3)/6."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import Hardsigmoid, Hardswish, ReLU6
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.polynomial import Formula, formula, same

__all__ = ["hardsigmoid", "hardswish"]


def hardswish(net: ArchGraph, name: str) -> Match | None:
    """Howard et al., 2019, section 5.2: x times a hard sigmoid, that as one node or written out."""
    whole = formula(net, name)
    if whole is None or len(whole.variables) != 2:
        return None
    for gate in whole.variables:
        (x,) = whole.variables - {gate}
        if ":" in gate:
            continue
        if isinstance(net.op(gate), Hardsigmoid) and net.reads(gate) == (x,):
            if same(whole, {(x, gate): 1.0}):
                return Match(name, (whole.nodes | {gate}) - {name}, Hardswish(), (x,))
        elif same(whole, {(x, gate): 1 / 6}):
            shifted = _shifted(net, gate)
            if same(shifted, {(x,): 1.0, (): 3.0}) and shifted is not None:
                nodes = (whole.nodes | shifted.nodes | {gate}) - {name}
                return Match(name, nodes, Hardswish(), (x,))
    return None


def hardsigmoid(net: ArchGraph, name: str) -> Match | None:
    """Howard et al., 2019, section 5.2: relu6(x + 3)/6."""
    whole = formula(net, name)
    if whole is None or len(whole.variables) != 1:
        return None
    (gate,) = whole.variables
    if not same(whole, {(gate,): 1 / 6}):
        return None
    shifted = _shifted(net, gate)
    if shifted is None or len(shifted.variables) != 1:
        return None
    (x,) = shifted.variables
    if not same(shifted, {(x,): 1.0, (): 3.0}):
        return None
    return Match(name, (whole.nodes | shifted.nodes | {gate}) - {name}, Hardsigmoid(), (x,))


def _shifted(net: ArchGraph, gate: str) -> Formula | None:
    """Return what is cut to between 0 and 6 in a node; None for a node of another kind."""
    if ":" in gate or not isinstance(net.op(gate), ReLU6):
        return None
    (source,) = net.reads(gate)
    return None if ":" in source else formula(net, source)
