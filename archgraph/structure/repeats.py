"""Motifs: groups with the same structure, told by their operators and not by their names."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from archgraph.wiring import WiredGraph

__all__ = ["LONGEST", "Motifs", "follow", "period_of", "runs"]

Members = Mapping[str, Sequence[str]]
"""The operators of each group, in topological order."""


class Motifs:
    """Gives groups their motifs; knows each operator's settings and inputs from one pass.

    Groups are equal when their operators, settings, shapes, devices and inner edges are, and what
    else sets operators apart. Which part they take of what stands outside may differ: each step
    of a loop that was written out takes its own.
    """

    def __init__(self, net: WiredGraph) -> None:
        kinds: dict[object, int] = {}
        self._steps: dict[str, tuple[int, int, tuple[str, ...]]] = {}
        for name, data in net.nodes(data=True):
            op, tensor = data["op"], (data["shape"], data["device"], data.get("apart"))
            kind = kinds.setdefault((op, tensor), len(kinds))
            taking = op.kind in ("Select", "Slice")
            outside = kinds.setdefault((op.kind, tensor), len(kinds)) if taking else kind
            self._steps[name] = kind, outside, net.inputs_of(name)
        self._known: dict[object, int] = {}

    def of(self, names: Sequence[str]) -> int:
        """Return a number that equal groups share; operators come in topological order."""
        place = {name: index for index, name in enumerate(names)}
        sign = []
        for name in names:
            kind, outside, inputs = self._steps[name]
            places = [place.get(source, -1) for source in inputs]
            sign.append((kind if any(p >= 0 for p in places) else outside, *places))
        return self._known.setdefault(tuple(sign), len(self._known))

    def entering(self, names: Sequence[str]) -> list[str]:
        """Return what a group reads from outside, in the order in which its operators read it."""
        inside = set(names)
        return [s for name in names for s in self._steps[name][2] if s not in inside]


def runs(net: WiredGraph, members: Members, motifs: Motifs | None = None) -> list[list[str]]:
    """Return lists of two or more groups that are equal and follow one another.

    The next reads what the one before computed: always the same of it, at the same places. What
    else they read (a mask, another network's result) is the same for all. Nobody else reads what
    they compute, unless it gathers that of all of them.
    """
    known = motifs or Motifs(net)
    motif = {key: known.of(names) for key, names in members.items()}
    owner = {name: key for key, names in members.items() for name in names}
    returned = set(net.outputs)
    links: dict[str, tuple[str, _Link]] = {}
    for key, names in members.items():
        sources = known.entering(names)
        before = {owner[s] for s in sources if s in owner and motif[owner[s]] == motif[key]}
        if len(before) == 1:
            (last,) = before
            link = _link(net, known, members[last], names, returned)
            # One operator with others beside it is no block that people would fold.
            if link is not None and (len(names) > 1 or link.alone):
                links[key] = last, link
    found: dict[str, list[str]] = {}
    for key in members:
        if key in links:
            last, link = links[key]
            if last in found and (len(found[last]) == 1 or links[last][1] == link):
                found[key] = [*found.pop(last), key]
                continue
        found[key] = [key]
    place = {key: index for index, key in enumerate(members)}
    return sorted((run for run in found.values() if len(run) > 1), key=lambda run: place[run[0]])


def follow(net: WiredGraph, groups: Sequence[Sequence[str]], motifs: Motifs) -> bool:
    """Return whether equal groups are one run: each follows the one before, always alike."""
    returned = set(net.outputs)
    if len({motifs.of(names) for names in groups}) > 1:
        return False
    links = {_link(net, motifs, *pair, returned) for pair in itertools.pairwise(groups)}
    return len(links) == 1 and None not in links


@dataclass(frozen=True, slots=True)
class _Link:
    """How a group follows an equal one.

    ``handed`` says of all that it reads from outside which operators of the one before these
    are, −1 for others; ``aside`` which of its operators others read that read both.
    """

    handed: tuple[int, ...]
    aside: frozenset[tuple[int, str]]

    @property
    def alone(self) -> bool:
        """Whether it reads nothing else, and nobody else reads what it reads."""
        return min(self.handed) >= 0 and not self.aside


def _link(
    net: WiredGraph,
    motifs: Motifs,
    before: Sequence[str],
    names: Sequence[str],
    returned: Set[str],
) -> _Link | None:
    """Return how a group follows an equal one; None where it does not, or others read that."""
    number = {name: index for index, name in enumerate(before)}
    handed: list[int] = []
    for source, other in zip(motifs.entering(names), motifs.entering(before), strict=True):
        if source not in number and source != other:
            return None
        handed.append(number.get(source, -1))
    inside = {*before, *names}
    aside = {
        (index, target)
        for index, name in enumerate(before)
        for target in net.succ[name]
        if target not in inside
    }
    gathered = all(target in net.succ[names[index]] for index, target in aside)
    if not gathered or not returned.isdisjoint(before) or max(handed, default=-1) < 0:
        return None
    return _Link(tuple(handed), frozenset(aside))


LONGEST = 16
"""Groups that repeat together are at most so many."""


def period_of(motifs: Sequence[int], at: int = 0, longest: int = LONGEST) -> tuple[int, int]:
    """Return how many groups at a place of a row repeat together, and how often.

    (1, 1) where nothing repeats there; of several periods the shortest.
    """
    for size in range(1, min(longest, (len(motifs) - at) // 2) + 1):
        first, end = motifs[at : at + size], at + size
        while motifs[end : end + size] == first:
            end += size
        if end > at + size:
            return size, (end - at) // size
    return 1, 1
