"""Checks finished pages as a reader will: all edges and counts are drawn, no line through a box."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import dist

from ..drawing import Point
from ..view import View
from .scene import Line, Rect, Scene

__all__ = ["is_crossed", "is_sound"]

TILE = 100.0
"""Boxes are looked up by tiles of this size, in points."""
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


def is_crossed(rect: Rect, lines: Sequence[Line]) -> bool:
    """Return whether a line runs through a rectangle."""
    near = (line for line in lines if _comes_near(rect, line))
    return any(_meet(one, other, rect) for line in near for one, other in pairwise(_points(line)))


def _comes_near(rect: Rect, line: Line) -> bool:
    """Return whether the rectangle around a line's points, in which it lies, meets another."""
    points = (line.start, *(point for segment in line.segments for point in segment))
    xs, ys = [x for x, _ in points], [y for _, y in points]
    across = min(xs) <= rect.x + rect.width and rect.x <= max(xs)
    return bool(across and min(ys) <= rect.y + rect.height and rect.y <= max(ys))


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
    tiles: dict[tuple[int, int], list[str]] = defaultdict(list)
    for name, box in scene.nodes.items():
        for tile in _tiles((box.x, box.y), (box.x + box.width, box.y + box.height)):
            tiles[tile].append(name)
    return not any(
        name != line.edge.source and name != line.edge.target
        for line in scene.lines
        for one, other in pairwise(_points(line))
        for tile in _tiles(one, other)
        for name in tiles.get(tile, ())
        if _meet(one, other, scene.nodes[name])
    )


def _tiles(one: Point, other: Point) -> Iterator[tuple[int, int]]:
    """Yield the tiles of the page that the rectangle between two corners lies on."""
    (left, right), (top, bottom) = (
        sorted((int(one[axis] // TILE), int(other[axis] // TILE))) for axis in (0, 1)
    )
    return itertools.product(range(left, right + 1), range(top, bottom + 1))


def _points(line: Line) -> list[Point]:
    points = [line.start]
    for segment in line.segments:
        if len(segment) == 1:
            points.append(segment[0])
        else:
            start, (one, two, end) = points[-1], segment
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
