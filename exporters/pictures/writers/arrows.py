"""The arrowhead at the end of a curve: the same triangle in every file format."""

from __future__ import annotations

from dataclasses import replace
from math import hypot

from ..drawing import Curve, Paint, Point, Polygon

__all__ = ["arrowhead"]


def arrowhead(curve: Curve) -> tuple[Curve, Polygon]:
    """Return the curve cut short of its tip, and the triangle that ends there.

    The triangle is as long as 4 pt plus twice the line's width; its tip is the curve's last point.
    """
    *_, before, tip = curve.points
    if before == tip and len(curve.segments[-1]) == 3:
        before = curve.segments[-1][0]
    span = hypot(tip[0] - before[0], tip[1] - before[1]) or 1.0
    dx, dy = (tip[0] - before[0]) / span, (tip[1] - before[1]) / span
    length = 4.0 + 2.0 * curve.paint.width
    half = 0.4 * length
    foot = (tip[0] - dx * length, tip[1] - dy * length)
    corners = (
        tip,
        (foot[0] - dy * half, foot[1] + dx * half),
        (foot[0] + dy * half, foot[1] - dx * half),
    )
    head = Polygon(corners, Paint(fill=curve.paint.stroke, opacity=curve.paint.opacity))
    # The line ends inside the head: a blunt line end would show beside the tip.
    back = min(length * 0.8, span)
    return _moved_end(curve, (-dx * back, -dy * back)), head


def _moved_end(curve: Curve, by: Point) -> Curve:
    """Move the last point, and a Bézier's last handle with it, so that the tangent stays."""
    last = curve.segments[-1]
    kept = 1 if len(last) == 3 else 0
    moved = (*last[:kept], *((x + by[0], y + by[1]) for x, y in last[kept:]))
    return replace(curve, segments=(*curve.segments[:-1], moved), arrow=False)
