"""Places names beside circles so that none covers another name or a circle."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..drawing import Point
from ..text.widths import ASCENT, DESCENT, text_width

__all__ = ["Circle", "Label", "Rect", "placed"]

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom."""

NEAR = 4.0
"""Between a circle and its name, in points."""
FAR = 3 * NEAR
"""From here on a line leads from a circle to its name."""
STRUCK = 40.0
"""What a word that such a line runs through costs."""
WORD = 8.0
"""What is as wide and high is a word."""


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle by its middle."""

    x: float
    y: float
    radius: float

    def nearest(self, rect: Rect) -> Point:
        """Return the point of a rectangle that is nearest to the circle's middle."""
        return min(max(self.x, rect[0]), rect[2]), min(max(self.y, rect[1]), rect[3])

    def gap(self, rect: Rect) -> float:
        """Return how far a rectangle is from the circle; less than 0 where it covers some of it."""
        x, y = self.nearest(rect)
        return math.hypot(x - self.x, y - self.y) - self.radius


@dataclass(frozen=True, slots=True)
class Label:
    """Where a name begins, on its baseline; ``leader`` joins it with a circle that is far."""

    x: float
    y: float
    leader: tuple[Point, Point] | None


def placed(
    circles: Sequence[Circle],
    names: Sequence[str],
    size: float,
    plot: Rect,
    *,
    taken: Sequence[Rect] = (),
) -> list[Label]:
    """Return a place for each name inside ``plot``, the nearest free one, smallest circles first.

    ``taken`` is not free. Where nothing is free, even far away, the place that covers least is
    taken.
    """
    found: dict[int, Label] = {}
    occupied = list(taken)
    for index in sorted(range(len(circles)), key=lambda i: circles[i].radius):
        wide, high = text_width(names[index], size, bold=True), size * (ASCENT + DESCENT)
        others = [circle for i, circle in enumerate(circles) if i != index]
        best: tuple[float, Rect, float] | None = None
        for rect, distance in _places(circles[index], wide, high):
            cost = _covered(rect, occupied, others, plot)
            if distance > FAR:
                cost += STRUCK * _struck(_leader(circles[index], rect), occupied)
            if best is None or cost < best[0] - 1e-9:
                best = (cost, rect, distance)
            if cost == 0:
                break
        assert best is not None
        _, rect, distance = best
        occupied.append(rect)
        leader = _leader(circles[index], rect) if distance > FAR else None
        found[index] = Label(rect[0], rect[1] + size * ASCENT, leader)
    return [found[index] for index in range(len(circles))]


def _places(circle: Circle, wide: float, high: float) -> Iterator[tuple[Rect, float]]:
    """Yield places for a name: inside where it fits, then around, nearer ones first."""
    if math.hypot(wide, high) <= 2 * circle.radius - 2:
        yield _around(circle.x, circle.y, wide, high), 0.0
    for distance in (NEAR, 2 * NEAR, 3 * NEAR, *(NEAR * step for step in range(5, 30, 2))):
        reach = circle.radius + distance
        for turn in (0, 180, -90, 90, -40, 40, -140, 140, -65, 65, -115, 115, -20, 20, 160, 200):
            dx, dy = math.cos(math.radians(turn)), math.sin(math.radians(turn))
            x = circle.x + dx * reach + dx * wide / 2
            y = circle.y + dy * reach + dy * high / 2
            yield _around(x, y, wide, high), distance


def _around(x: float, y: float, wide: float, high: float) -> Rect:
    return (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _covered(rect: Rect, taken: list[Rect], circles: list[Circle], plot: Rect) -> float:
    """Return how much of a place is not free, 0 where all of it is."""
    left, top, right, bottom = rect
    outside = max(plot[0] - left, 0) + max(right - plot[2], 0)
    outside += max(plot[1] - top, 0) + max(bottom - plot[3], 0)
    cost = 100.0 * outside
    for other in taken:
        across = min(right, other[2]) - max(left, other[0])
        along = min(bottom, other[3]) - max(top, other[1])
        if across > -2 and along > -1:
            cost += 10.0 * (across + 3) * (along + 2)
    for circle in circles:
        cost += 2.0 - gap if (gap := circle.gap(rect)) < 1 else 0.0
    return cost


def _struck(leader: tuple[Point, Point], taken: list[Rect]) -> int:
    """Return through how many words a line runs."""
    (x, y), (u, v) = leader
    points = [(x + (u - x) * part / 16, y + (v - y) * part / 16) for part in range(17)]
    words = [rect for rect in taken if min(rect[2] - rect[0], rect[3] - rect[1]) > WORD]
    return sum(
        any(left < px < right and top < py < bottom for px, py in points)
        for left, top, right, bottom in words
    )


def _leader(circle: Circle, rect: Rect) -> tuple[Point, Point]:
    x, y = circle.nearest(rect)
    length = math.hypot(x - circle.x, y - circle.y) or 1.0
    start = (
        circle.x + (x - circle.x) / length * circle.radius,
        circle.y + (y - circle.y) / length * circle.radius,
    )
    return start, (x, y)
