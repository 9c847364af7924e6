"""A curve as a chain of slide connectors: straight, elbow or curved, bending at small points.

Slide programs know few connector forms, and LibreOffice draws only the simplest of them as
stored. A line with more bends becomes several connectors glued to small dots at its bends, so that
it looks the same everywhere and can still be pulled about.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import Literal

from ...drawing import Curve, Point
from ..corners import NEAR, corners_of

__all__ = ["Link", "chain"]

Form = Literal["straightConnector1", "bentConnector2", "bentConnector3", "curvedConnector2",
               "curvedConnector3"]  # fmt: skip

STUB = 7.0
"""The length of a straight end, in points; no shorter than an arrowhead."""
NARROW = 40.0
"""LibreOffice leads a line 14 pt straight out of a shape: less room than this makes it loop."""


@dataclass(frozen=True, slots=True)
class Link:
    """One connector; ``upright`` when it sets out vertically; ``turn`` where its middle part lies.

    ``turn`` is a part of the way along the direction in which it sets out.
    """

    form: Form
    start: Point
    end: Point
    upright: bool = False
    turn: float = 0.5


def chain(curve: Curve, loose_start: bool, loose_end: bool) -> list[Link] | None:
    """Return connectors that follow the curve; None where none of their forms does.

    ``loose_start`` and ``loose_end`` say that the shape there has no standard connection site, so
    that only a straight connector can be trusted to leave it in the right direction.
    """
    corners = corners_of(curve)
    if corners is not None:
        return _polyline(corners, loose_start, loose_end)
    links: list[Link] = []
    start = curve.start
    for index, segment in enumerate(curve.segments):
        if len(segment) == 1:
            links.append(Link("straightConnector1", start, segment[0]))
        else:
            loose = (loose_start and index == 0, loose_end and index == len(curve.segments) - 1)
            parts = _loose_bezier((start, *segment), loose)
            if parts is None:
                return None
            links += parts
        start = segment[-1]
    return links


def _loose_bezier(points: tuple[Point, ...], loose: tuple[bool, bool]) -> list[Link] | None:
    """Return connectors along a Bézier, with a short straight one at each end that asks for it."""
    a, b, c, d = points
    first = _toward(a, b, STUB) if loose[0] else a
    last = _toward(d, c, STUB) if loose[1] else d
    parts = _bezier(first, (b[0] + first[0] - a[0], b[1] + first[1] - a[1]),
                    (c[0] + last[0] - d[0], c[1] + last[1] - d[1]), last)  # fmt: skip
    if parts is None:
        return None
    if loose[0]:
        parts.insert(0, Link("straightConnector1", a, first))
    if loose[1]:
        parts.append(Link("straightConnector1", last, d))
    return parts


def _toward(a: Point, b: Point, distance: float) -> Point:
    span = hypot(b[0] - a[0], b[1] - a[1]) or 1.0
    part = min(distance / span, 0.6)
    return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part


def _polyline(points: list[Point], loose_start: bool, loose_end: bool) -> list[Link]:
    straight = [Link("straightConnector1", a, b) for a, b in pairwise(points)]
    ways = [_direction(link.start, link.end) for link in straight]
    if len(points) < 3 or None in ways:
        return straight
    if len(points) == 4 and ways[0] == ways[2] and not (loose_start or loose_end):
        upright = points[0][0] == points[1][0] or ways[0] in ("up", "down")
        axis = 1 if upright else 0
        turn = (points[1][axis] - points[0][axis]) / (points[3][axis] - points[0][axis])
        return [Link("bentConnector3", points[0], points[3], upright, turn)]
    return _elbows(points, loose_start, loose_end)


def _elbows(points: list[Point], loose_start: bool, loose_end: bool) -> list[Link]:
    """Return one elbow per corner, meeting half way between the corners."""
    ends = [points[0], *(_half(a, b) for a, b in pairwise(points[1:-1]))]
    ends.append(points[-1])
    links: list[Link] = []
    if loose_start:
        ends[0] = _half(points[0], points[1])
        links.append(Link("straightConnector1", points[0], ends[0]))
    if loose_end:
        ends[-1] = _half(points[-2], points[-1])
    for start, corner, end in zip(ends, points[1:-1], ends[1:], strict=False):
        upright = abs(corner[1] - start[1]) > abs(corner[0] - start[0])
        links.append(Link("bentConnector2", start, end, upright))
    if loose_end:
        links.append(Link("straightConnector1", ends[-1], points[-1]))
    return links


def _half(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _direction(a: Point, b: Point) -> str | None:
    """Return right, left, up or down; None for a slanted line."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    if abs(dy) < NEAR:
        return "right" if dx > 0 else "left"
    if abs(dx) < NEAR:
        return "down" if dy > 0 else "up"
    return None


def _bezier(a: Point, b: Point, c: Point, d: Point) -> list[Link] | None:
    """Return curved connectors that follow a Bézier with upright or level ends."""
    first, last = _direction(a, b), _direction(c, d)
    if first is None or last is None:
        return None
    upright = first in ("up", "down")
    if first == last:
        axis = 1 if upright else 0
        span = d[axis] - a[axis]
        fitting = span and abs((b[axis] + c[axis]) / 2 - _half(a, d)[axis]) < abs(span) * 0.1
        if not fitting:
            return None
        if abs(span) > NARROW:
            return [Link("curvedConnector3", a, d, upright)]
        # There LibreOffice makes waves of two curves that meet half way; corners stay as they are.
        half = _half(a, d)[axis]
        turns = [(a[0], half), (d[0], half)] if upright else [(half, a[1]), (half, d[1])]
        return [Link("straightConnector1", *ends) for ends in pairwise([a, *turns, d])]
    if upright != (last in ("up", "down")):
        return [Link("curvedConnector2", a, d, upright)]
    # A bow: out and back. Its farthest point splits it into two quarters.
    axis = 1 if upright else 0
    ab, bc, cd = _half(a, b), _half(b, c), _half(c, d)
    middle = _half(_half(ab, bc), _half(bc, cd))
    if abs(a[axis] - d[axis]) > abs(middle[axis] - a[axis]) * 0.5:
        return None
    return [
        Link("curvedConnector2", a, middle, upright),
        Link("curvedConnector2", middle, d, not upright),
    ]
