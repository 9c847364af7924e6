"""Whether a word covers a shape: rectangles against convex outlines."""

from __future__ import annotations

from collections.abc import Sequence

from ..drawing import Point

__all__ = ["Rect", "covers", "hull"]

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def _corners(rect: Rect) -> tuple[Point, ...]:
    """Return a rectangle as an outline."""
    left, top, right, bottom = rect
    return (left, top), (right, top), (right, bottom), (left, bottom)


def covers(rect: Rect, outline: Sequence[Point]) -> bool:
    """Return whether a rectangle and a convex outline share more than an edge.

    Two convex shapes lie apart exactly when a line along one of their sides parts them
    (the separating axis theorem).
    """
    xs, ys = zip(*outline, strict=True)
    if rect[0] >= max(xs) or rect[2] <= min(xs) or rect[1] >= max(ys) or rect[3] <= min(ys):
        return False
    box = _corners(rect)
    for (ax, ay), (bx, by) in zip(outline, (*outline[1:], outline[0]), strict=True):
        nx, ny = by - ay, ax - bx
        own = [nx * x + ny * y for x, y in outline]
        other = [nx * x + ny * y for x, y in box]
        if max(own) <= min(other) or max(other) <= min(own):
            return False
    return True


def hull(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return the convex outline around points (Andrew's monotone chain, 1979)."""
    ordered = sorted(set(points))

    def half(walk: Sequence[Point]) -> list[Point]:
        kept: list[Point] = []
        for point in walk:
            while len(kept) > 1 and _turn(kept[-2], kept[-1], point) <= 0:
                kept.pop()
            kept.append(point)
        return kept[:-1]

    return (*half(ordered), *half(ordered[::-1]))


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
