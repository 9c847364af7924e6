"""Placed pieces of a picture, along a main axis and across it.

``m`` runs along the flow, ``c`` across it with 0 on the main path; which of them is x and which y
is decided last, so that one algorithm lays out columns and rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..view import ViewEdge

__all__ = [
    "Part",
    "PlacedNode",
    "Segment",
    "Wire",
    "led",
    "rounded",
    "s_curve",
    "shifted",
    "side_curve",
    "straight",
]

MC = tuple[float, float]
Segment = tuple[MC, ...]
"""The end of a straight line, or two control points and the end of a Bézier curve."""


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A node from ``m`` to ``m + length`` and from ``c`` to ``c + breadth``."""

    id: str
    m: float
    c: float
    length: float
    breadth: float


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge's line."""

    edge: ViewEdge
    start: MC
    segments: tuple[Segment, ...]
    arrow: bool = True


@dataclass(slots=True)
class Part:
    """Something placed: how long it is, how far it reaches on either side of the axis."""

    length: float
    left: float
    right: float
    nodes: list[PlacedNode] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    end: float = 0.0
    """Where the main path ends; branches that leave it may make the part longer."""

    def reach(self, start: float, stop: float) -> float:
        """Return how far right anything reaches between two places along the flow."""
        boxes = (n.c + n.breadth for n in self.nodes if n.m < stop and n.m + n.length > start)
        points = (
            c
            for wire in self.wires
            for m, c in (wire.start, *(p for segment in wire.segments for p in segment))
            if start <= m <= stop
        )
        return max((*boxes, *points), default=0.0)

    def absorb(self, other: Part, m: float = 0.0, c: float = 0.0) -> None:
        """Take over another part's content, moved by (m, c), and grow across as needed."""
        moved = shifted(other, m, c)
        self.nodes += moved.nodes
        self.wires += moved.wires
        self.left = max(self.left, moved.left)
        self.right = max(self.right, moved.right)


def shifted(part: Part, m: float, c: float) -> Part:
    """Return a part moved by (m, c)."""
    return Part(
        part.length,
        part.left - c,
        part.right + c,
        [replace(node, m=node.m + m, c=node.c + c) for node in part.nodes],
        [moved_wire(wire, m, c) for wire in part.wires],
        part.end + m,
    )


def moved_wire(wire: Wire, m: float, c: float) -> Wire:
    """Return a wire moved by (m, c)."""
    return replace(
        wire,
        start=(wire.start[0] + m, wire.start[1] + c),
        segments=tuple(tuple((p[0] + m, p[1] + c) for p in seg) for seg in wire.segments),
    )


def straight(edge: ViewEdge, start: MC, end: MC) -> Wire:
    """Return a straight wire."""
    return Wire(edge, start, ((end,),))


def s_curve(edge: ViewEdge, start: MC, end: MC) -> Wire:
    """Return a wire that leaves and arrives along the flow and moves across between."""
    if abs(start[1] - end[1]) < 0.01:
        return straight(edge, start, end)
    middle = (start[0] + end[0]) / 2
    return Wire(edge, start, (((middle, start[1]), (middle, end[1]), end),))


def led(wire: Wire, start: MC) -> Wire:
    """Return a wire with a straight piece before it."""
    return replace(wire, start=start, segments=((wire.start,), *wire.segments))


def side_curve(edge: ViewEdge, start: MC, end: MC) -> Wire:
    """Return a wire that leaves and arrives across the flow."""
    if abs(start[0] - end[0]) < 0.01:
        return straight(edge, start, end)
    middle = (start[1] + end[1]) / 2
    return Wire(edge, start, (((start[0], middle), (end[0], middle), end),))


def rounded(edge: ViewEdge, points: list[MC], radius: float = 7.0, arrow: bool = True) -> Wire:
    """Return a wire through corners, each rounded off."""
    segments: list[Segment] = []
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        first = _toward(corner, before, radius)
        second = _toward(corner, after, radius)
        bends = [_toward(corner, end, radius * 0.45) for end in (first, second)]
        segments += [(first,), (*bends, second)]
    segments.append((points[-1],))
    return Wire(edge, points[0], tuple(segments), arrow)


def _toward(corner: MC, other: MC, distance: float) -> MC:
    """Return the point at most half way from ``corner`` to ``other``."""
    length = ((other[0] - corner[0]) ** 2 + (other[1] - corner[1]) ** 2) ** 0.5
    if length < 1e-9:
        return corner
    part = min(distance / length, 0.5)
    return (corner[0] + (other[0] - corner[0]) * part, corner[1] + (other[1] - corner[1]) * part)
