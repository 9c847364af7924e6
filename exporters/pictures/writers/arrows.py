"""The arrowhead at the end of a curve: the same triangle in every file format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from math import dist

from ..drawing import Curve, Paint, Point, Polygon

__all__ = ["arrowhead"]

LEAST = 4.0
"""How long a head is at least, in points, however short its line."""
BESIDE = 0.55
"""How far a line may run beside its head's middle before the head turns with it, in points."""
STEPS = 16
"""Into how many straight pieces a Bézier is taken apart to measure along it."""


def arrowhead(curve: Curve) -> tuple[Curve, Polygon]:
    """Return the curve cut short of its tip, and the triangle that ends there.

    The triangle is as long as 4 pt plus twice the line's width, shorter where the line is, and its
    tip is the curve's last point. Where a line bends within that length, the head turns with it.
    """
    tip = curve.points[-1]
    length = min(4.0 + 2.0 * curve.paint.width, max(LEAST, 0.75 * dist(curve.start, tip)))
    shaft, foot = _along_tangent(curve, length)
    last = curve.segments[-2][-1] if len(curve.segments) > 1 else curve.start
    straight = len(curve.segments[-1]) == 1 and dist(last, tip) >= length
    if not straight and _aside(shaft, foot) > BESIDE:
        foot = _foot_on(curve, length)
        shaft = _cut(curve, dist(foot, tip) * 0.8)
    span = dist(foot, tip) or 1.0
    dx, dy = (tip[0] - foot[0]) / span, (tip[1] - foot[1]) / span
    half = 0.4 * span
    corners = (
        tip,
        (foot[0] - dy * half, foot[1] + dx * half),
        (foot[0] + dy * half, foot[1] - dx * half),
    )
    return shaft, Polygon(corners, Paint(fill=curve.paint.stroke, opacity=curve.paint.opacity))


def _along_tangent(curve: Curve, length: float) -> tuple[Curve, Point]:
    """Return the curve cut short, and where a head ends that has the line's direction at its tip.

    The line ends inside the head: a blunt line end would show beside the tip.
    """
    tip = curve.points[-1]
    before = next((p for p in reversed(curve.points) if dist(p, tip) > 1e-6), curve.start)
    span = dist(before, tip) or 1.0
    dx, dy = (tip[0] - before[0]) / span, (tip[1] - before[1]) / span
    back = min(length * 0.8, span)
    foot = (tip[0] - dx * length, tip[1] - dy * length)
    return _moved_end(curve, (-dx * back, -dy * back)), foot


def _aside(curve: Curve, foot: Point) -> float:
    """Return how far a point is from the last pieces of a curve."""
    ends = [curve.start, *(segment[-1] for segment in curve.segments)]
    points = [
        _at(start, segment, step / STEPS)
        for start, segment in list(zip(ends, curve.segments, strict=False))[-2:]
        for step in range(STEPS + 1)
    ]
    return min(_from_piece(foot, *piece) for piece in pairwise(points))


def _from_piece(point: Point, start: Point, end: Point) -> float:
    """Return how far a point is from a straight piece."""
    along = (end[0] - start[0], end[1] - start[1])
    square = along[0] ** 2 + along[1] ** 2
    ahead = (point[0] - start[0]) * along[0] + (point[1] - start[1]) * along[1]
    part = min(max(ahead / square, 0.0), 1.0) if square else 0.0
    return dist(point, (start[0] + part * along[0], start[1] + part * along[1]))


def _foot_on(curve: Curve, length: float) -> Point:
    """Return the last point of the line that is this far from its tip, else its start."""
    tip = curve.points[-1]
    for segment, t in _crossings(curve, length):
        start = curve.start if segment == 0 else curve.segments[segment - 1][-1]
        return _at(start, curve.segments[segment], t)
    return curve.start if dist(curve.start, tip) > 1e-6 else (tip[0] - length, tip[1])


def _cut(curve: Curve, length: float) -> Curve:
    """Return the curve up to the last point that is this far from its tip."""
    for segment, t in _crossings(curve, length):
        start = curve.start if segment == 0 else curve.segments[segment - 1][-1]
        kept = _first_part(start, curve.segments[segment], t)
        return replace(curve, segments=(*curve.segments[:segment], kept), arrow=False)
    return replace(curve, segments=((curve.start,),), arrow=False)


def _crossings(curve: Curve, length: float) -> Iterator[tuple[int, float]]:
    """Yield where the line is this far from its tip: segment and parameter, from the tip back."""
    tip = curve.points[-1]
    for index in range(len(curve.segments) - 1, -1, -1):
        start = curve.start if index == 0 else curve.segments[index - 1][-1]
        segment = curve.segments[index]
        count = 1 if len(segment) == 1 else STEPS
        for step in range(count, 0, -1):
            low, high = (step - 1) / count, step / count
            if dist(_at(start, segment, low), tip) < length:
                continue
            for _ in range(30):
                middle = (low + high) / 2
                if dist(_at(start, segment, middle), tip) < length:
                    high = middle
                else:
                    low = middle
            yield index, low


def _at(start: Point, segment: tuple[Point, ...], t: float) -> Point:
    """Return the point of a straight piece or a Bézier at a parameter."""
    return _first_part(start, segment, t)[-1]


def _first_part(start: Point, segment: tuple[Point, ...], t: float) -> tuple[Point, ...]:
    """Return a piece up to a parameter (de Casteljau)."""
    row: list[Point] = [start, *segment]
    kept = []
    while len(row) > 1:
        row = [_between(one, other, t) for one, other in pairwise(row)]
        kept.append(row[0])
    return tuple(kept)


def _between(one: Point, other: Point, t: float) -> Point:
    return one[0] + (other[0] - one[0]) * t, one[1] + (other[1] - one[1]) * t


def _moved_end(curve: Curve, by: Point) -> Curve:
    """Move the last point, and a Bézier's last handle with it, so that the tangent stays."""
    last = curve.segments[-1]
    kept = 1 if len(last) == 3 else 0
    moved = (*last[:kept], *((x + by[0], y + by[1]) for x, y in last[kept:]))
    return replace(curve, segments=(*curve.segments[:-1], moved), arrow=False)
