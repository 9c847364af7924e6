"""The sublayers of a network: several operators that people see as one.

They are told by what flows into what, not by names: an attention with the linear layers before
and behind it, an MLP with or without a gate, squeeze-and-excite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain

from archgraph import ops
from archgraph.graph import ArchGraph
from archgraph.structure import structure

from .attentions import attentions
from .experts import experts
from .mlps import channel_gates, mlps
from .projections import projections
from .scans import scans
from .sublayer import Sublayer

__all__ = ["Sublayers", "fixed", "sublayers"]

_CACHED = "archgraph.pictures.sublayers"


@dataclass(frozen=True, slots=True)
class Sublayers:
    """Those of a network, by each of their operators.

    ``place`` is the order of all operators; ``fixed`` are those that read no input of the network,
    such as positions and weights that are cut in parts; ``projections`` stand on shortcuts.
    """

    of: Mapping[str, Sublayer]
    place: Mapping[str, int]
    fixed: Set[str]
    projections: Set[str]


def sublayers(net: ArchGraph) -> Sublayers:
    """Return the sublayers of a network; they are kept until the graph changes."""
    parts = structure(net)
    cache = net.__dict__.setdefault("__networkx_cache__", {})
    known = cache.get(_CACHED)
    if known is not None and known[0] is parts:
        kept: Sublayers = known[1]
        return kept
    order = parts.order
    constant = fixed(net, order)
    found: dict[str, Sublayer] = {}
    # An operator belongs to the first that takes it.
    readers = (experts, mlps, channel_gates, scans)
    for each in chain(attentions(net, order, constant), *(read(net, order) for read in readers)):
        if found.keys().isdisjoint(each.members):
            found |= dict.fromkeys(each.members, each)
    place = {name: index for index, name in enumerate(order)}
    made = Sublayers(found, place, constant, projections(net, order, constant))
    cache[_CACHED] = parts, made
    return made


def fixed(net: ArchGraph, order: Sequence[str], *, learned: bool = True) -> set[str]:
    """Return the operators that read no input of the network, directly or through others.

    Without ``learned`` only those that learn nothing either, nor hang on what does.
    """
    found: set[str] = set()
    for name in order:
        op = net.op(name)
        made = not isinstance(op, ops.Input) and (learned or not op.parameters())
        if made and found.issuperset(net.pred[name]):
            found.add(name)
    return found
