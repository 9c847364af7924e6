"""What stands in a group when it is opened by one step: the groups below, and operators."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from archgraph.structure.acyclic import pieces
from archgraph.structure.repeats import Motifs, runs
from archgraph.structure.tree import structure
from archgraph.wiring import WiredGraph

__all__ = ["Contents", "Opened"]

LARGE = 8
"""A group without arithmetic of its own stays a box where it has more operators than this."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What stands in a group: the operators of each box, by id, and runs of equal boxes."""

    members: Mapping[str, tuple[str, ...]]
    runs: Sequence[Sequence[str]]


class Contents:
    """Opens groups of a network step by step; knows the groups around each operator."""

    def __init__(self, net: WiredGraph) -> None:
        parts = structure(net)
        self._net = net
        self._motifs = Motifs(net)
        self._place = {name: index for index, name in enumerate(parts.order)}
        self._members = {key: group.members for key, group in parts.groups.items()}
        self._around: dict[str, list[str]] = {name: [] for name in parts.order}
        for key, group in sorted(parts.groups.items(), key=lambda each: -len(each[1].members)):
            layers = sum(bool(net.op(name).layer) for name in group.members)
            # What wraps one layer, with its norm and activation, is like that layer.
            if layers > 1 or (not layers and len(group.members) > LARGE):
                for name in group.members:
                    self._around[name].append(key)

    def of(self, key: str, names: Sequence[str], taken: Container[str] = ()) -> Opened:
        """Return what stands in a box of these operators, in topological order.

        ``key`` is the group that is opened. A group inside that closes a cycle stands in pieces,
        whose ids are none of ``taken``.
        """
        split: set[str] = set()
        while True:
            groups = self._groups(key, names, split)
            parts = pieces(self._net, groups)
            # A container that never runs as one is opened, too.
            more = {box for box in parts if len(parts[box]) > 1 and self._holds_groups(box)}
            if not more:
                break
            split |= more
        members: dict[str, tuple[str, ...]] = {}
        for box, found in parts.items():
            for number, part in enumerate(found, 1):
                name = f"{box}~{number}" if len(found) > 1 else box
                if len(part) == 1:
                    name = part[0]
                else:
                    while name in taken or name in members:
                        name += "~"
                members[name] = tuple(part)
        ordered = sorted(members, key=lambda box: self._place[members[box][0]])
        boxes = {box: members[box] for box in ordered}
        return Opened(boxes, runs(self._net, boxes, self._motifs))

    def _groups(
        self, key: str, names: Sequence[str], opened: Container[str]
    ) -> dict[str, list[str]]:
        """Return the operators of each box: of the largest groups inside that are not opened."""
        size = len(names)
        owner: dict[str, str] = {}
        groups: dict[str, list[str]] = {}
        for name in names:
            around = self._around[name]
            # What joined the box may make it larger than the groups around it.
            inner = around[around.index(key) + 1 :] if key in around else around
            inner = [g for g in inner if key in around or len(self._members[g]) < size]
            box = next((each for each in inner if each not in opened), None)
            if box is None:
                sources = [each for each in self._net.pred[name] if each in owner]
                joins = self._net.op(name).silent and len(sources) == 1
                box = owner[sources[0]] if joins else name
            owner[name] = box
            groups.setdefault(box, []).append(name)
        return groups

    def _holds_groups(self, box: str) -> bool:
        """Return whether most of a group lies in groups further inside."""
        names = self._members.get(box, ())
        return 2 * sum(self._around[name][-1] != box for name in names) > len(names)
