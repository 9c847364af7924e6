"""Which nodes a picture has: collapsed to a level, equal blocks folded, some boxes opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from archgraph.graph import ArchGraph
from archgraph.structure import LEVELS, runs, structure

from .fold import Folds
from .opened import Inside, find_inside, find_opened, in_place

__all__ = ["LEVELS", "Plan", "planned"]


@dataclass(frozen=True)
class Plan:
    """The nodes of a picture, before they have words.

    ``level`` is the finest there is. ``members`` are the operators of each node, ``levels`` the
    level of each, ``frames`` the opened box around a node ("" where no frame shall be), ``framed``
    how many equal blocks a frame stands for, ``around`` the opened box that each node came from.
    ``aside`` are operators that tell nothing of the flow of data: no lines are drawn for them.
    ``joined`` are the nodes of several steps of arithmetic that stand together for want of room.
    """

    level: str
    members: Mapping[str, Sequence[str]]
    levels: Mapping[str, str]
    frames: Mapping[str, str]
    framed: Mapping[str, int]
    folds: Folds
    around: Mapping[str, str]
    aside: frozenset[str] = field(default=frozenset())
    searched: bool = False
    joined: frozenset[str] = frozenset()
    whole: bool = True
    """Whether it is of all that there is: what a part reads from outside has no box."""

    @cached_property
    def owner(self) -> dict[str, str]:
        """The node that each operator which is not hidden is in."""
        return {name: key for key, names in self.members.items() for name in names}

    def shown(self, operator: str) -> str:
        """Return the node that an operator, or the one that stands for it, is in."""
        return self.owner[self.folds.stand_in(operator)]

    @cached_property
    def _hidden(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for other in self.folds.hidden:
            found.setdefault(self.owner[self.folds.stand_in(other)], []).append(other)
        return found

    def behind(self, key: str) -> Sequence[str]:
        """Return the operators that a node stands for, of every block that is folded."""
        return [*self.members[key], *self._hidden.get(key, ())]

    def times(self, key: str) -> int:
        """Return how often what a node shows stands in the network."""
        count = self.folds.counts.get(key, 1)
        outer = self.around.get(key)
        # A box of an operator and what joined it is called after the operator, opened or not.
        return count if outer in (None, key) else count * self.times(outer)


def planned(net: ArchGraph, level: str, *, fold: bool, opened: Sequence[str]) -> Plan:
    """Return the nodes of a level; DrawError for what is to be opened and is not there."""
    cuts = structure(net).cuts
    members: dict[str, Sequence[str]] = dict(cuts[level].members)
    chosen = find_opened(net, level, members, opened)
    folds = Folds()
    if fold and level == "layer":
        blocks: dict[str, Sequence[str]] = dict(cuts["block"].own)
        folds.add(blocks, [run for run in runs(net, blocks) if len(blocks[run[0]]) > 1])
        members = {key: names for key, names in members.items() if key not in folds.hidden}
    elif fold:
        folds.add(members, cuts[level].runs)
    inside: dict[str, Inside] = {}
    # Of equal blocks the first is there; it is opened for all.
    for key in dict.fromkeys(folds.hosts.get(key, key) for key in chosen):
        part = find_inside(net, level, members[key])
        if part.level != "layer" and fold:
            equal = cuts[part.level].runs
            folds.add(part.members, [run for run in equal if part.members.keys() >= set(run)])
        inside[key] = part
    levels = dict.fromkeys(members, level)
    frames: dict[str, str] = {}
    for key, part in inside.items():
        levels |= dict.fromkeys(part.members, part.level)
        frames |= dict.fromkeys(part.members, key)
    around = dict(frames)
    if level == "layer":  # what is folded there is the block around an operator
        around |= {name: key for key in folds.counts for name in cuts["block"].own.get(key, ())}
    return Plan(
        level=max([level, *(part.level for part in inside.values())], key=LEVELS.index),
        members=in_place(members, inside),
        levels=levels,
        frames=frames,
        framed={
            key: count for key, count in folds.counts.items() if level == "layer" or key in inside
        },
        folds=folds,
        around=around,
    )
