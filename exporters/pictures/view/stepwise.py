"""Which nodes a picture has when groups are opened step by step, each to what stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx

from archgraph.graph import ArchGraph
from archgraph.ops import Input
from archgraph.structure import LEVELS, Contents, pieces, runs, structure

from .collapse import Plan
from .fold import Folds
from .slices import slices
from .sublayers import fixed

__all__ = ["SLICES", "WHOLE", "Opening"]

WHOLE = "whole"
"""The coarsest cut: one box for all but the inputs."""

SLICES = "slices"
"""The cut of last resort: what runs one after the other, in a few boxes."""

SEVERAL = 8
"""Of more inputs than this, those of one shape stand together in the coarsest cut."""

JOINED = 3
"""From so many on, steps of arithmetic beside each other stand together where room is short."""

_ARITHMETIC = ("elementwise", "reduce", "merge", "activation", "reshape", "other")
"""Families of what calculates and moves between layers."""

Members = dict[str, Sequence[str]]


@dataclass(slots=True)
class _Boxes:
    """The boxes of one picture while groups are opened."""

    members: Members
    folds: Folds = field(default_factory=Folds)
    around: dict[str, str] = field(default_factory=dict)
    framed: list[str] = field(default_factory=list)
    """Groups of boxes of a cut that repeat together."""
    joined: set[str] = field(default_factory=set)
    """Steps of arithmetic that stand together."""


class Opening:
    """Makes plans of one network with any groups open."""

    def __init__(self, net: ArchGraph) -> None:
        self._net = net
        self._contents = Contents(net)
        # Positions, masks and tables of angles; what is learned is shown.
        self._aside = frozenset(fixed(net, structure(net).order, learned=False))
        self._place = {name: index for index, name in enumerate(structure(net).order)}

    def plan(self, level: str, opened: Iterable[str], *, joined: bool = False) -> Plan:
        """Return the nodes of a level, of WHOLE or SLICES, with groups open one after the other.

        With ``joined`` what calculates between layers stands together, island by island.
        """
        boxes = self._start(level)
        level = level if level in LEVELS else LEVELS[0]
        for key in opened:
            self._open(boxes, key)
        opened = [*boxes.framed, *opened]
        if level != "layer":
            self._absorb(boxes)
        if joined:
            self._join(boxes)
        return Plan(
            level="layer" if opened else level,
            members=boxes.members,
            levels={key: _level(boxes, key, level) for key in boxes.members},
            frames=_frames(boxes, opened),
            framed={key: boxes.folds.counts[key] for key in opened if key in boxes.folds.counts},
            folds=boxes.folds,
            around=boxes.around,
            aside=self._aside,
            searched=True,
            joined=frozenset(boxes.joined),
        )

    def part(
        self, key: str, names: Sequence[str], hidden: Mapping[str, str], ports: Members
    ) -> Plan:
        """Return the nodes of what stands in a box of these operators, and nothing around it.

        ``hidden`` are operators that are not shown, and those of the box that stand for them;
        ``ports`` are further nodes, of operators outside that it reads.
        """
        boxes = _Boxes({key: names})
        boxes.folds.hidden.update(hidden)
        self._open(boxes, key)
        self._absorb(boxes)
        members = ports | boxes.members
        return Plan(
            level="layer",
            members=members,
            levels={key: "layer" if key in names else "block" for key in members}
            | dict.fromkeys(ports, "layer"),
            frames=dict.fromkeys(members, ""),
            framed={},
            folds=boxes.folds,
            around={},
            aside=self._aside,
            searched=True,
            whole=False,
        )

    def is_aside(self, operator: str) -> bool:
        """Return whether an operator tells nothing of the flow of data: no line comes from it."""
        return operator in self._aside

    def _start(self, level: str) -> _Boxes:
        """Return the boxes of a named cut, or one or a few for all but the inputs."""
        if level in LEVELS:
            cut = structure(self._net).cuts[level]
            boxes = _Boxes(dict(cut.members))
            boxes.folds.add(boxes.members, cut.runs)
            self._fold_periods(boxes)
            return boxes
        inputs: Members = {
            name: (name,) for name in self._place if isinstance(self._net.op(name), Input)
        }
        rest = tuple(name for name in self._place if name not in inputs)
        alike: dict[object, list[str]] = {}
        for name in inputs:
            alike.setdefault(self._net.nodes[name]["shape"], []).append(name)
        key = self._net.name
        while key in self._net or key in structure(self._net).groups:
            key += "~"
        boxes = _Boxes(inputs)
        if len(inputs) > SEVERAL:
            boxes.folds.add(inputs, [names for names in alike.values() if len(names) > 1])
        if not rest:
            return boxes
        if level == WHOLE:
            boxes.members[key] = rest
            return boxes
        inside = self._contents.of(key, rest).members
        for number, part in enumerate(slices(self._net, inside), 1):
            name = part[0] if len(part) == 1 else f"{key} {number}"
            names = (n for each in part for n in inside[each])
            boxes.members[name] = sorted(names, key=self._place.__getitem__)
        return boxes

    def _fold_periods(self, boxes: _Boxes) -> None:
        """Show boxes that repeat together once: (W-MSA, SW-MSA) × 3."""
        groups = structure(self._net).groups
        held: dict[str, list[str]] = {}
        for key in boxes.members:
            outer = groups[key].parent if key in groups else None
            if outer is not None and groups[outer].kind == "found":
                held.setdefault(outer, []).append(key)
        whole: dict[str, Sequence[str]] = {
            outer: groups[outer].members
            for outer, keys in held.items()
            if len(keys) > 1
            and len(groups[outer].members) == sum(len(boxes.members[key]) for key in keys)
        }
        for first, *others in runs(self._net, whole):
            boxes.framed.append(first)
            boxes.around |= dict.fromkeys(held[first], first)
            for other in others:
                for key in held[other]:
                    del boxes.members[key]
            boxes.folds.add(dict(whole), [[first, *others]])

    def _open(self, boxes: _Boxes, key: str) -> None:
        part = self._contents.of(key, boxes.members[key], boxes.members)
        inside: Members = dict(part.members)
        boxes.folds.add(inside, [run for run in part.runs if len(inside[run[0]]) > 1])
        boxes.around |= dict.fromkeys(inside, key)
        found: Members = {}
        for box, names in boxes.members.items():
            found |= inside if box == key else {box: names}
        boxes.members = found

    def _join(self, boxes: _Boxes) -> None:
        """Let steps of arithmetic that lie beside each other, in one frame, stand together."""
        flow: nx.DiGraph[str] = nx.DiGraph()
        flow.add_nodes_from(boxes.members)
        owner = {name: key for key, names in boxes.members.items() for name in names}
        for key, names in boxes.members.items():
            sources = {owner[boxes.folds.stand_in(s)] for n in names for s in self._net.pred[n]}
            flow.add_edges_from((source, key) for source in sources if source != key)
        if not nx.is_directed_acyclic_graph(flow):  # what repeats leads back to where it begins
            return
        small = [
            key
            for key, names in boxes.members.items()
            if key not in boxes.folds.counts and all(map(self._calculates, names))
        ]
        near: nx.Graph[str] = nx.Graph(
            (one, other)
            for one, other in flow.subgraph(small).edges
            if boxes.around.get(one) == boxes.around.get(other)
        )
        islands: dict[str, list[str]] = {key: [key] for key in boxes.members}
        for keys in nx.connected_components(near):
            first, *others = sorted(keys, key=small.index)
            islands[first] += others
            for key in others:
                del islands[key]
        members: Members = {}
        for parts in pieces(flow, islands).values():
            for part in parts:
                names = [name for key in part for name in boxes.members[key]]
                steps = sum(not (self._net.op(n).silent or self._net.op(n).moves) for n in names)
                if len(part) == 1 or steps < JOINED:
                    members |= {key: boxes.members[key] for key in part}
                    continue
                made = f"{part[0]}+{len(part) - 1}"
                boxes.joined.add(made)
                members[made] = sorted(names, key=self._place.__getitem__)
                if part[0] in boxes.around:
                    boxes.around[made] = boxes.around[part[0]]
        begins = {key: self._place[names[0]] for key, names in members.items()}
        boxes.members = {key: members[key] for key in sorted(members, key=begins.__getitem__)}

    def _calculates(self, name: str) -> bool:
        """Return whether an operator is neither an input nor a layer, and multiplies nothing."""
        op, data = self._net.op(name), self._net.nodes[name]
        plain = op.family in _ARITHMETIC and op.known and not op.layer
        return plain and not data.get("role") and data["macs"] == 0 and not data["params"]

    def _absorb(self, boxes: _Boxes) -> None:
        """Let what only moves data, and what hangs on no input, stand in the boxes beside it."""
        owner = {name: key for key, names in boxes.members.items() for name in names}
        readers: dict[str, dict[str, None]] = {key: {} for key in boxes.members}
        sources: dict[str, dict[str, None]] = {key: {} for key in boxes.members}
        for key, names in boxes.members.items():
            for name in names:
                for source in self._net.pred[name]:
                    other = owner.get(boxes.folds.stand_in(source))
                    if other is not None and other != key:  # none: it is outside of a part
                        readers[other][key] = None
                        if source not in self._aside:
                            sources[key][other] = None
        joined: dict[str, str] = {}

        def now(key: str) -> str:
            while key in joined:
                key = joined[key]
            return key

        flow = [k for k, names in boxes.members.items() if not self._aside.issuperset(names)]
        enters = [key for key in flow if readers[key]]
        for key, names in boxes.members.items():
            if not readers[key] and all(isinstance(self._net.op(n), Input) for n in names):
                if enters:  # an input that nobody reads is told in words
                    joined[key] = enters[0]
            elif self._aside.issuperset(names):
                # What nobody reads has to stand somewhere, too.
                beside = [*readers[key], *flow[-1:]]
                if beside:
                    joined[key] = beside[0]
            elif all(self._moves(name) for name in names):
                before = {now(source) for source in sources[key]} - {now(key)}
                one = before.pop() if len(before) == 1 else None
                if one is not None and boxes.around.get(one) == boxes.around.get(key):
                    joined[key] = one
        members: dict[str, list[str]] = {key: [] for key in boxes.members if key not in joined}
        for key, names in boxes.members.items():
            members[now(key)] += names
        for names in members.values() if joined else ():
            names.sort(key=self._place.__getitem__)
        boxes.members = dict(members)

    def _moves(self, name: str) -> bool:
        op = self._net.op(name)
        if isinstance(op, Input) or self._net.nodes[name].get("role"):
            return False
        return name in self._aside or op.silent or op.moves


def _level(boxes: _Boxes, key: str, level: str) -> str:
    """Return the level that a box is of: that of the cut, or of what stood in an opened box."""
    if key not in boxes.around:
        return level
    return "layer" if key in boxes.members[key] else "block"


def _frames(boxes: _Boxes, opened: Sequence[str]) -> Mapping[str, str]:
    """Return the opened box that each node is framed by, "" for none.

    The innermost that stands for several; else the one around, where nothing in it is open.
    """
    holds_open = {boxes.around[key] for key in opened if key in boxes.around}
    found = {}
    for key in boxes.members:
        outer = boxes.around.get(key)
        if outer is None:
            continue
        frame = outer if outer not in holds_open else ""
        while outer is not None:
            if boxes.folds.counts.get(outer, 1) > 1:
                frame = outer
                break
            outer = boxes.around.get(outer)
        found[key] = frame
    return found
