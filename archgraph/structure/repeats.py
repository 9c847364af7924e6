"""Motifs: groups with the same structure, told by their operators and not by their names."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence, Set

from archgraph.wiring import WiredGraph

__all__ = ["LONGEST", "Motifs", "follow", "period_of", "runs"]

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

    def entering(self, names: Sequence[str]) -> list[str]:
        """Return what a group reads from outside, in the order in which its operators read it."""
        inside = set(names)
        return [s for name in names for s in self._steps[name][1] if s not in inside]


def runs(net: WiredGraph, members: Members, motifs: Motifs | None = None) -> list[list[str]]:
    """Return lists of two or more groups that are equal and follow one another.

    The next reads what the one before computed and nobody else reads: always the same of it, at
    the same places. What else they read (a mask, another network's result) is the same for all.
    """
    known = motifs or Motifs(net)
    motif = {key: known.of(names) for key, names in members.items()}
    owner = {name: key for key, names in members.items() for name in names}
    returned = set(net.outputs)
    links: dict[str, tuple[str, _Handed]] = {}
    for key, names in members.items():
        sources = known.entering(names)
        before = {owner[s] for s in sources if s in owner and motif[owner[s]] == motif[key]}
        if len(before) != 1:
            continue
        (last,) = before
        handed = _handed(known, members[last], names)
        if handed and _leads_only_to(net, members[last], names, returned):
            links[key] = last, handed
    found: dict[str, list[str]] = {}
    for key in members:
        if key in links:
            last, handed = links[key]
            # The first reads at these places what stands before the run.
            same = last not in links or links[last][1] == handed
            if same and last in found:
                found[key] = found.pop(last)
                found[key].append(key)
                continue
        found[key] = [key]
    place = {key: index for index, key in enumerate(members)}
    return sorted((run for run in found.values() if len(run) > 1), key=lambda run: place[run[0]])


def follow(net: WiredGraph, groups: Sequence[Sequence[str]], motifs: Motifs) -> bool:
    """Return whether equal groups are one run: each follows the one before, always alike."""
    returned = set(net.outputs)
    pairs = list(itertools.pairwise(groups))
    handed = {_handed(motifs, one, other) for one, other in pairs}
    return (
        len({motifs.of(names) for names in groups}) == len(handed) == 1
        and () not in handed
        and any(place >= 0 for places in handed for place in places)
        and all(_leads_only_to(net, one, other, returned) for one, other in pairs)
    )


_Handed = tuple[int, ...]
"""Of all that a group reads from outside, which operators of the one before; −1 for others."""


def _handed(motifs: Motifs, before: Sequence[str], names: Sequence[str]) -> _Handed:
    """Return what a group reads of an equal one; () where it reads other things elsewhere."""
    number = {name: index for index, name in enumerate(before)}
    found: list[int] = []
    read, otherwise = motifs.entering(names), motifs.entering(before)
    if len(read) != len(otherwise):
        return ()
    for source, other in zip(read, otherwise, strict=True):
        if source not in number and source != other:
            return ()
        found.append(number.get(source, -1))
    return tuple(found)


def _leads_only_to(
    net: WiredGraph, names: Sequence[str], into: Sequence[str], returned: Set[str]
) -> bool:
    """Return whether nobody else reads what a group computes."""
    inside = {*names, *into}
    return returned.isdisjoint(names) and all(
        target in inside for name in names for target in net.succ[name]
    )


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
