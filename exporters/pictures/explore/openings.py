"""Which pictures there are to explore: every level, and what opens when a box is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.structure import structure

from ..captions import title_of
from ..drawing import Drawing
from ..view import LEVELS, View

__all__ = ["Explored", "Render", "explored"]

Render = Callable[[ArchGraph, str, Sequence[str]], tuple[View, Drawing]]
"""Draws a network at a level, some boxes open, at its natural size."""

MOST = 48
"""So many boxes of a level are drawn open in their places; of larger networks each stands alone."""


@dataclass(frozen=True, slots=True)
class Explored:
    """One picture: a level, a level with boxes open in their places, or a part that stands alone.

    ``members`` are the graph's nodes behind each box; ``opens`` is the picture that opens a box in
    its place and ``alone`` the one of its inside only; ``focus`` are the nodes that are open.
    """

    key: str
    kind: Literal["level", "place", "alone"]
    level: str
    title: str
    view: View
    drawing: Drawing
    members: Mapping[str, tuple[str, ...]]
    opens: Mapping[str, str] = field(default_factory=dict)
    alone: Mapping[str, str] = field(default_factory=dict)
    focus: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    """The boxes that are open here."""


def explored(net: ArchGraph, render: Render, level: str, opened: Sequence[str]) -> list[Explored]:
    """Return the picture of each level, and of each box that can be opened.

    The boxes ``opened`` of one level are open together in a picture of their own.
    """
    return list(_Pictures(net, render).made(level, opened).values())


class _Pictures:
    """Collects the pictures of one network by their keys."""

    def __init__(self, net: ArchGraph, render: Render) -> None:
        self.net, self.render = net, render
        self.found: dict[str, Explored] = {}

    def made(self, first: str, opened: Sequence[str]) -> dict[str, Explored]:
        for level in LEVELS:
            key = f"level:{level}"
            view, drawing = self.render(self.net, level, ())
            boxes = self._boxes(view, level)
            alone = self._alone(view, boxes, level, key)
            members = _members(view)
            title = title_of(self.net)
            if len(boxes) <= MOST:
                for name in boxes:
                    self._place(f"place:{level}:{name}", level, (name,), members)
            if opened and level == first:
                self._place(f"place:{level}", level, opened, members, asked=True)
            places = {name: f"place:{level}:{name}" for name in boxes}
            opens = {n: key if key in self.found else alone[n] for n, key in places.items()}
            self.found[key] = Explored(
                key, "level", level, title, view, drawing, members, opens, alone
            )
        return {key: self._further(picture) for key, picture in self.found.items()}

    def _further(self, picture: Explored) -> Explored:
        """Let the other boxes of a level with an open one open too, and those inside it alone."""
        if picture.kind != "place":
            return picture
        level = self.found[f"level:{picture.level}"].opens
        inside = {name: f"open:{name}" for name in picture.members if f"open:{name}" in self.found}
        beside = {name: level[name] for name in picture.members if name in level}
        return replace(picture, opens=inside | beside)

    def _place(
        self,
        key: str,
        level: str,
        names: Sequence[str],
        closed: Mapping[str, tuple[str, ...]],
        *,
        asked: bool = False,
    ) -> None:
        """Add a level with boxes open in their places; what cannot be drawn so is left out."""
        try:
            view, drawing = self.render(self.net, level, names)
        except DrawError:
            if asked:
                raise
            return
        members = _members(view)
        frames = tuple(name for name in closed if name not in members)
        focus = tuple(node for name in frames for node in closed[name])
        title = ", ".join(map(self._called, names))
        self.found[key] = Explored(
            key, "place", level, title, view, drawing, members, focus=focus, frames=frames
        )

    def _boxes(self, view: View, level: str) -> list[str]:
        """Return the boxes that hold several operators."""
        if level == "layer":
            return []
        return [
            name
            for name, node in view.nodes.items()
            if name not in self.net and sum(member in self.net for member in node.members) > 1
        ]

    def _alone(self, view: View, boxes: Sequence[str], level: str, within: str) -> dict[str, str]:
        """Add the pictures of what is inside some boxes; return their keys by box."""
        keys: dict[str, str] = {}
        for name in boxes:
            key = f"open:{name}"
            if key in (within, *keys.values()):
                continue
            keys[name] = key
            if key not in self.found:
                inside = [member for member in view.nodes[name].members if member in self.net]
                finer = "block" if level == "stage" and _has_blocks(self.net, inside) else "layer"
                self._add_alone(key, name, finer)
        return keys

    def _add_alone(self, key: str, name: str, level: str) -> None:
        part = self.net.module(name)
        view, drawing = self.render(part, level, ())
        opens = self._alone(view, self._boxes(view, level), level, key)
        # What feeds a part stands for the tensor outside, though it may be called as the input is.
        members = _members(view, outside=part.sources)
        self.found[key] = Explored(
            key, "alone", level, self._called(name), view, drawing, members, opens, opens
        )

    def _called(self, name: str) -> str:
        group = structure(self.net).groups.get(name)
        return name if group is None else group.label


def _members(view: View, outside: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(member for member in node.members if member not in outside)
        for name, node in view.nodes.items()
    }


def _has_blocks(net: ArchGraph, names: list[str]) -> bool:
    block = structure(net).cuts["block"].group
    return len({block[name] for name in names if name in block}) > 1
