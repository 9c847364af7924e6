"""The corners of a line: where a polyline with rounded corners bends."""

from __future__ import annotations

from math import asin, atan2, hypot, pi

from ..drawing import Curve, Point

__all__ = ["NEAR", "corners_of"]

NEAR = 0.4
"""Points closer than this count as one, in points."""


def corners_of(curve: Curve, near: float = NEAR) -> list[Point] | None:
    """Return the corners of a line whose only curves are rounded corners; None for others.

    No point of the line is further than ``near`` from the lines between its corners, in points.
    """
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
    return _merged(points, near)


def _merged(points: list[Point], near: float) -> list[Point]:
    """Leave out points that lie on top of the one before, or on the line between neighbours."""
    kept: list[Point] = []
    low = high = 0.0  # between which angles a line passes all that was left out since the corner
    for point in points:
        if kept and hypot(point[0] - kept[-1][0], point[1] - kept[-1][1]) < near:
            continue
        if len(kept) > 1:
            angle, slack = _seen(kept[-2], kept[-1], point, near)
            if low <= angle <= high:
                # Angles are told from the way to the point that is last now.
                low, high = max(low - angle, -slack), min(high - angle, slack)
                kept[-1] = point
                continue
        if kept:
            _, high = _seen(kept[-1], point, point, near)
            low = -high
        kept.append(point)
    return kept


def _seen(corner: Point, way: Point, point: Point, near: float) -> tuple[float, float]:
    """Return a point's angle from the way out of a corner, and how wide ``near`` is from there."""
    ux, uy = way[0] - corner[0], way[1] - corner[1]
    vx, vy = point[0] - corner[0], point[1] - corner[1]
    far = hypot(vx, vy)
    return atan2(ux * vy - uy * vx, ux * vx + uy * vy), asin(min(1.0, near / far)) if far else pi


def _crossing(a: Point, b: Point, c: Point, d: Point) -> Point | None:
    """Return where the line through a and b meets the line through c and d."""
    ux, uy, vx, vy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    cross = ux * vy - uy * vx
    if abs(cross) < 1e-9:
        return None
    along = ((c[0] - a[0]) * vy - (c[1] - a[1]) * vx) / cross
    return a[0] + along * ux, a[1] + along * uy
