"""The view as plain data: nodes with their labels, edges with what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from archgraph.ops import Shape
from archgraph.ops.words import Form

from .label_parts import Label

__all__ = ["EdgeKind", "Form", "Room", "View", "ViewEdge", "ViewNode"]

EdgeKind = Literal["data", "shortcut", "projection", "padding", "crossing", "auxiliary", "loop"]

Room = Literal["wide", "narrow", "narrowest"]
"""How much room the layout gives the words of a node; in a narrow one fewer stand on a line."""


@dataclass(frozen=True, slots=True)
class ViewNode:
    """One thing that is shown: an operator, a block or a stage, or several equal ones folded.

    ``kind`` is the operator's family, or "module"; ``members`` the graph's nodes behind it (of all
    that are folded); ``attached`` whether it is drawn touching the node before it.
    """

    id: str
    kind: str
    form: Form
    label: Label
    title: str
    members: tuple[str, ...]
    shape: Shape
    device: int | None = None
    role: str = ""
    stage: str | None = None
    block: str | None = None
    repeat: int = 1
    times: int = 1
    """How often what it shows stands in the network, with the frames around it."""
    attached: bool = False
    shortcut: EdgeKind | None = None
    """What its box shows of its inside: a block's shortcut, or that it goes on step by step."""
    room: Room = "wide"
    color: str = ""
    """The colour that a user chose for it."""
    means: str = ""
    """What a legend says of that colour."""
    counts: tuple[tuple[str, int], ...] = ()
    """How many operators are behind it, and what they cost together, where that is known."""
    marks: tuple[tuple[int, int], ...] = ()
    """Of a continuation mark, the numbers of what goes on and each one's other page."""

    @property
    def data(self) -> tuple[tuple[str, str], ...]:
        """What scripts read of it in a written picture."""
        if self.marks:
            return (("marks", " ".join(f"{number}:{page}" for number, page in self.marks)),)
        return (*((name, str(count)) for name, count in self.counts), ("repeat", str(self.times)))


@dataclass(frozen=True, slots=True)
class ViewEdge:
    """What flows from one shown thing to another; ``bytes`` for one image, None where unknown."""

    source: str
    target: str
    kind: EdgeKind
    bytes: int | None
    title: str


@dataclass(frozen=True, slots=True)
class View:
    """What one picture shows of a network.

    ``groups`` are the labels of stages and blocks by id, ``repeats`` how often a framed block
    stands in the network where only its first is shown.
    """

    name: str
    level: str
    nodes: Mapping[str, ViewNode]
    edges: tuple[ViewEdge, ...]
    groups: Mapping[str, str]
    repeats: Mapping[str, int]
    output: str
    searched: bool = False
    """Whether its nodes are no named level but the cut that tells most."""
    frame_colors: Mapping[str, str] = field(default_factory=dict)
    """The colours that a user chose for frames."""
    found: frozenset[str] = frozenset()
    """What a user set that found something here."""
    hidden: Mapping[str, str] = field(default_factory=dict)
    """The operators that are not shown, and the one that stands for each."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """What a user wrote to stand beside boxes and frames."""
    lanes: bool = True
    """Whether devices that work side by side have a lane each."""

    @property
    def framed(self) -> Literal["stage", "block"] | None:
        """Which group of a node gets a frame at this level."""
        return {"block": "stage", "layer": "block"}.get(self.level)  # type: ignore[return-value]

    def frame_label(self, key: str) -> str:
        """Return the label of a framed stage or block."""
        count = self.repeats.get(key, 1)
        return self.groups.get(key, key) + (f" × {count}" if count > 1 else "")

    def stacks(self) -> dict[str, list[str]]:
        """Return for each node those that are drawn touching it, itself included, from the top."""
        below = {e.source: e.target for e in self.edges if self.nodes[e.target].attached}
        found = {name: [name] for name in self.nodes}
        attached = set(below.values())
        for name, stack in list(found.items()):
            if name in attached:
                continue
            while stack[-1] in below:  # edges may stand in any order
                stack.append(below[stack[-1]])
                found[stack[-1]] = stack
        return found
