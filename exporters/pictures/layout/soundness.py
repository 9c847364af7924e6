"""Checks finished pages as a reader will: all edges and counts are drawn, no line through a box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import dist

from ..drawing import Point
from ..view import View
from .plane_index import Bounds, PlaneIndex, bounds_of
from .scene import Line, Rect, Scene

__all__ = ["LineIndex", "is_crossed", "is_sound", "line_index"]

LineIndex = PlaneIndex[tuple[Line, Point, tuple[Point, ...]]]
"""Segments of lines, each with its line and where it begins."""

SLACK = 0.7
"""How far a line may reach into a box that it only passes, in points."""
NEAR = 2.0
"""How far from its box a line may begin or end, in points."""
STEPS = 10
"""Into how many straight pieces a curve is taken apart."""


def is_sound(view: View, pages: Sequence[Scene]) -> bool:
    """Return whether pages show all edges of their view, each clear of the boxes it passes.

    Only its frame says how often a block stands in the network of which one is shown.
    """
    framed = {frame.key for page in pages for frame in page.frames}
    drawn = {(line.edge.source, line.edge.target) for page in pages for line in page.lines}
    wanted = {(e.source, e.target) for e in view.edges if not view.nodes[e.target].attached}
    stacks = view.stacks()
    # On several pages lines go on elsewhere.
    joined = len(pages) > 1 or _all_join(pages[0], stacks)
    told = framed.issuperset(view.repeats)
    return told and wanted <= drawn and joined and all(map(_is_clear, pages))


def line_index(lines: Iterable[Line]) -> LineIndex:
    """Return the segments of lines, to be asked which are near a place."""
    found = []
    for line in lines:
        at = line.start
        for segment in line.segments:
            xs, ys = zip(at, *segment, strict=True)
            found.append(((min(xs), min(ys), max(xs), max(ys)), (line, at, segment)))
            at = segment[-1]
    return PlaneIndex(found)


def is_crossed(rect: Rect, lines: LineIndex) -> bool:
    """Return whether a line runs through a rectangle."""
    return any(_enters(at, segment, rect) for _, at, segment in lines.near(bounds_of(rect)))


def _all_join(scene: Scene, stacks: dict[str, list[str]]) -> bool:
    """Return whether each line begins at its source's stack of boxes and ends at its target's.

    One without an arrow ends where others begin: in the next line of boxes.
    """
    open_ends = [line.segments[-1][-1] for line in scene.lines if not line.arrow]

    def at(name: str, point: Point) -> bool:
        boxes = [scene.nodes[each] for each in stacks[name] if each in scene.nodes]
        spot = Rect(point[0] - NEAR, point[1] - NEAR, 2 * NEAR, 2 * NEAR)
        return not boxes or any(map(spot.meets, boxes))

    return all(
        (at(line.edge.source, line.start) or any(dist(e, line.start) < NEAR for e in open_ends))
        and (not line.arrow or at(line.edge.target, line.segments[-1][-1]))
        for line in scene.lines
    )


def _is_clear(scene: Scene) -> bool:
    """Return whether no line runs through a box that it does not join."""
    lines = line_index(scene.lines)
    return not any(
        name != line.edge.source and name != line.edge.target and _enters(at, segment, box)
        for name, box in scene.nodes.items()
        for line, at, segment in lines.near(_inside(box))
    )


def _inside(box: Rect) -> Bounds:
    """Return what of a box no line may reach; nothing of one that is too small."""
    left, top, right, low = bounds_of(box)
    return left + SLACK, top + SLACK, right - SLACK, low - SLACK


def _enters(start: Point, segment: Sequence[Point], box: Rect) -> bool:
    """Return whether a segment of a line enters a box by more than the slack."""
    return any(_meet(one, other, box) for one, other in pairwise(_points(start, segment)))


def _points(start: Point, segment: Sequence[Point]) -> list[Point]:
    """Return the ends of the straight pieces that a segment is taken apart into."""
    if len(segment) == 1:
        return [start, segment[0]]
    one, two, end = segment
    points = [start]
    for step in range(1, STEPS + 1):
        t = step / STEPS
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        corners = (start, one, two, end)
        x = sum(w * p[0] for w, p in zip(weights, corners, strict=True))
        y = sum(w * p[1] for w, p in zip(weights, corners, strict=True))
        points.append((x, y))
    return points


def _meet(one: Point, other: Point, box: Rect) -> bool:
    """Return whether a straight piece enters a box by more than the slack (Liang and Barsky)."""
    enter, leave = 0.0, 1.0
    for at, to, low, high in (
        (one[0], other[0], box.x + SLACK, box.x + box.width - SLACK),
        (one[1], other[1], box.y + SLACK, box.y + box.height - SLACK),
    ):
        step = to - at
        if abs(step) < 1e-9:
            if not low < at < high:
                return False
            continue
        first, second = sorted(((low - at) / step, (high - at) / step))
        enter, leave = max(enter, first), min(leave, second)
    return enter < leave
