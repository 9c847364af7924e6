"""Which operators read from elsewhere, beyond what follows from what was added and removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from archgraph.difference.findings import Change, Setting
from archgraph.graph import ArchGraph
from archgraph.ops import Op
from archgraph.tensors import Key, node_of

__all__ = ["rewired"]

ORDERLESS = frozenset(("Add", "Mul"))
"""Operators whose result does not depend on the order of what they read."""


def rewired(first: ArchGraph, second: ArchGraph, pairs: Mapping[str, str]) -> tuple[Change, ...]:
    """Return the pairs that read from elsewhere.

    An operator that was put between two others is looked through: what reads it is not rewired,
    nor is what gained or lost an input that was added or removed with the branch behind it.
    """
    partner = {other: one for one, other in pairs.items()}
    here, there = _Reads(first, pairs), _Reads(second, partner)
    found = []
    for one, other in pairs.items():
        mine, theirs = here.direct(one), there.direct(other)
        translated = Counter(
            {(pairs[name], output): count for (name, output), count in mine.items()}
        )
        back = Counter({(partner[name], output): n for (name, output), n in theirs.items()})
        lost = [read for read in translated - theirs if read[0] not in there.behind(other)]
        gained = [read for read in back - mine if read[0] not in here.behind(one)]
        if lost or gained or (translated == theirs and _turned(first, second, one, other, partner)):
            reads = [", ".join(net.reads(n)) for net, n in ((first, one), (second, other))]
            found.append(Change(one, other, (Setting("reads", *reads),)))
    return tuple(found)


class _Reads:
    """What the nodes of one network read, those without a partner looked through."""

    def __init__(self, net: ArchGraph, known: Collection[str]) -> None:
        self.net, self.known = net, known
        self._behind: dict[str, frozenset[str]] = {}

    def direct(self, name: str) -> Counter[tuple[str, str]]:
        """Return the outputs of nodes with a partner that a node reads, and how often."""
        return Counter(
            (node_of(read), read.partition(":")[2])
            for read in self.net.reads(name)
            if type(read) is not Key and node_of(read) in self.known
        )

    def behind(self, name: str) -> frozenset[str]:
        """Return the nearest nodes with a partner behind those without one that a node reads."""
        waiting = [name]
        while waiting:
            at = waiting[-1]
            strange = [s for s in self.net.pred[at] if s not in self.known]
            missing = [s for s in strange if s not in self._behind]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            found = frozenset().union(*(self._behind[s] for s in strange))
            if at not in self.known:
                found |= {source for source in self.net.pred[at] if source in self.known}
                self._behind[at] = found
            elif at == name:
                return found
        return self._behind[name]


def _turned(
    first: ArchGraph, second: ArchGraph, one: str, other: str, partner: Mapping[str, str]
) -> bool:
    """Return whether a pair reads the same in another order that matters."""
    op: Op = first.op(one)
    before, after = first.reads(one), second.reads(other)
    if op.kind in ORDERLESS or len(before) != len(after):
        return False
    for was, now in zip(before, after, strict=True):
        if (type(was) is Key) != (type(now) is Key):
            return True
        node, colon, output = now.partition(":")
        if type(now) is not Key and node in partner and partner[node] + colon + output != was:
            return True
    return False
