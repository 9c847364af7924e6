"""The corners of a line: where a polyline with rounded corners bends."""

from __future__ import annotations

from math import hypot

from ..drawing import Curve, Point

__all__ = ["NEAR", "corners_of"]

NEAR = 0.4
"""Points closer than this count as one, in points."""


def corners_of(curve: Curve) -> list[Point] | None:
    """Return the corners of a line whose only curves are rounded corners; None for others."""
    points = [curve.start]
    for index, segment in enumerate(curve.segments):
        if len(segment) == 1:
            points.append(segment[0])
            continue
        inside = 0 < index < len(curve.segments) - 1
        reach = hypot(segment[2][0] - points[-1][0], segment[2][1] - points[-1][1])
        corner = _crossing(points[-1], segment[0], segment[1], segment[2])
        if not inside or corner is None or reach > 24:
            return None
        points += [corner, segment[2]]
    return _merged(points)


def _merged(points: list[Point]) -> list[Point]:
    """Leave out points that lie on top of the one before, or on the line between neighbours."""
    kept: list[Point] = []
    for point in points:
        if kept and hypot(point[0] - kept[-1][0], point[1] - kept[-1][1]) < NEAR:
            continue
        while len(kept) > 1 and _turns_little(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept


def _turns_little(a: Point, b: Point, c: Point) -> bool:
    area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return abs(area) < NEAR * hypot(c[0] - a[0], c[1] - a[1])


def _crossing(a: Point, b: Point, c: Point, d: Point) -> Point | None:
    """Return where the line through a and b meets the line through c and d."""
    ux, uy, vx, vy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    cross = ux * vy - uy * vx
    if abs(cross) < 1e-9:
        return None
    along = ((c[0] - a[0]) * vy - (c[1] - a[1]) * vx) / cross
    return a[0] + along * ux, a[1] + along * uy
