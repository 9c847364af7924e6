"""Motifs: groups with the same structure, told by their operators and not by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archgraph.wiring import WiredGraph

__all__ = ["LONGEST", "Motifs", "period_of", "runs"]

Members = Mapping[str, Sequence[str]]
"""The operators of each group, in topological order."""


class Motifs:
    """Gives groups their motifs; knows each operator's settings and inputs from one pass.

    Groups are equal when their operators, settings, shapes, devices and inner edges are.
    """

    def __init__(self, net: WiredGraph) -> None:
        kinds: dict[object, int] = {}
        self._steps = {
            name: (
                kinds.setdefault((data["op"], data["shape"], data["device"]), len(kinds)),
                net.inputs_of(name),
            )
            for name, data in net.nodes(data=True)
        }
        self._known: dict[object, int] = {}

    def of(self, names: Sequence[str]) -> int:
        """Return a number that equal groups share; operators come in topological order."""
        place = {name: index for index, name in enumerate(names)}
        sign = []
        for name in names:
            kind, inputs = self._steps[name]
            sign.append((kind, *[place.get(source, -1) for source in inputs]))
        return self._known.setdefault(tuple(sign), len(self._known))


def runs(net: WiredGraph, members: Members, motifs: Motifs | None = None) -> list[list[str]]:
    """Return lists of two or more consecutive groups that are equal and follow one another.

    They follow one another when the next reads the one before and nothing else, through one
    tensor that nobody else reads.
    """
    known = motifs or Motifs(net)
    motif = {key: known.of(names) for key, names in members.items()}
    owner = {name: key for key, names in members.items() for name in names}
    found: list[list[str]] = []
    last: list[str] = []
    for key in members:
        before = _only_source(net, members[key], owner, key)
        if (
            last
            and before == last[-1]
            and motif[key] == motif[before]
            and _only_reader(net, members[before], owner, before) == key
        ):
            last.append(key)
            continue
        if len(last) > 1:
            found.append(last)
        last = [key]
    return [*found, last] if len(last) > 1 else found


def _only_source(
    net: WiredGraph, names: Sequence[str], owner: Mapping[str, str], key: str
) -> str | None:
    outside = {source for name in names for source in net.pred[name] if owner[source] != key}
    return owner[outside.pop()] if len(outside) == 1 else None


def _only_reader(
    net: WiredGraph, names: Sequence[str], owner: Mapping[str, str], key: str
) -> str | None:
    readers = {owner[t] for name in names for t in net.succ[name] if owner[t] != key}
    leaving = {name for name in names if any(owner[t] != key for t in net.succ[name])}
    return readers.pop() if len(readers) == 1 and len(leaving) == 1 else None


LONGEST = 16
"""Groups that repeat together are at most so many."""


def period_of(motifs: Sequence[int], at: int = 0) -> tuple[int, int]:
    """Return how many groups at a place of a row repeat together, and how often.

    (1, 1) where nothing repeats there; of several periods the shortest.
    """
    for size in range(1, min(LONGEST, (len(motifs) - at) // 2) + 1):
        first, end = motifs[at : at + size], at + size
        while motifs[end : end + size] == first:
            end += size
        if end > at + size:
            return size, (end - at) // size
    return 1, 1
