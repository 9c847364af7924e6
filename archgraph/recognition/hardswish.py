"""Hard swish and hard sigmoid written out: x·min(max(x + 3, 0), 6)/6, min(max(x + 3, 0), 6)/6."""

from __future__ import annotations

from typing import NamedTuple

from archgraph.graph import ArchGraph
from archgraph.ops import Hardsigmoid, Hardswish
from archgraph.recognition.matching.bounds import bounded
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.polynomial import formula, same
from archgraph.recognition.matching.steps_back import is_node

__all__ = ["hardsigmoid", "hardswish"]


class _Gate(NamedTuple):
    """A hard sigmoid of x as so many times what a node gives, and the nodes that compute that."""

    x: str
    times: float
    nodes: frozenset[str]


def hardswish(net: ArchGraph, name: str) -> Match | None:
    """Howard et al., 2019, section 5.2: x times a hard sigmoid, that as one node or written out."""
    whole = formula(net, name)
    if whole is None or len(whole.variables) != 2:
        return None
    for each in whole.variables:
        (x,) = whole.variables - {each}
        gate = _gate(net, each)
        if gate is not None and gate.x == x and same(whole, {(x, each): 1 / gate.times}):
            return Match(name, (whole.nodes | gate.nodes) - {name}, Hardswish(), (x,))
    return None


def hardsigmoid(net: ArchGraph, name: str) -> Match | None:
    """Howard et al., 2019, section 5.2: min(max(x + 3, 0), 6)/6, or the sixth taken before."""
    gate = _gate(net, name)
    if gate is not None and gate.times == 1 and not isinstance(net.op(name), Hardsigmoid):
        return Match(name, gate.nodes - {name}, Hardsigmoid(), (gate.x,))
    whole = formula(net, name)
    if whole is None or len(whole.variables) != 1:
        return None
    (inner,) = whole.variables
    gate = _gate(net, inner)
    if gate is None or gate.times == 1 or not same(whole, {(inner,): 1 / gate.times}):
        return None
    return Match(name, (whole.nodes | gate.nodes) - {name}, Hardsigmoid(), (gate.x,))


def _gate(net: ArchGraph, name: str) -> _Gate | None:
    """Return a node as a hard sigmoid, once or six times as large; None for any other node."""
    if not is_node(name):
        return None
    if net.op(name) == Hardsigmoid():
        return _Gate(net.reads(name)[0], 1.0, frozenset({name}))
    cut = bounded(net, name)
    if cut is None or cut.low != 0 or cut.high not in (1, 6) or not is_node(cut.source):
        return None
    inside = formula(net, cut.source)
    if inside is None or len(inside.variables) != 1:
        return None
    (x,) = inside.variables
    if not same(inside, {(x,): cut.high / 6, (): cut.high / 2}):
        return None
    return _Gate(x, cut.high, cut.nodes | inside.nodes)
