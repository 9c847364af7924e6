"""The lines from a volume to the next: a kernel's window narrowing to a point, or a fan."""

from __future__ import annotations

from math import sqrt

from ..drawing import Point
from .columns import Link
from .overlap import hull
from .placed_volumes import Ray
from .projection import Scale, Solid

__all__ = ["bare", "ray"]


def ray(link: Link, source: Solid, target: Solid, scale: Scale, *, whole: bool) -> Ray:
    """Return a link's lines; ``whole`` draws all of the kernel's box, not only its right face."""
    if link.dense:
        return (
            _arrow(link, source, target) if link.kind == "crossing" else _fan(link, source, target)
        )
    if link.window is None:
        return _arrow(link, source, target)
    return _window(link, source, target, scale, whole)


def bare(link: Link, points: tuple[Point, ...]) -> Ray:
    """Return a plain line with an arrow through these points."""
    return Ray(link, (), (), (points,), True)


def _arrow(link: Link, source: Solid, target: Solid) -> Ray:
    """Return a line to the target that starts level on the source's right face, if it can."""
    x, y = source.exit
    half = source.height / 2
    level = min(max(target.entry[1], y - 0.9 * half), y + 0.9 * half)
    start = (x, level) if link.kind != "crossing" else (x, y)
    return bare(link, (start, target.entry))


def _fan(link: Link, source: Solid, target: Solid) -> Ray:
    """Return the lines of a dense layer: all of the source's right face, all of the target."""
    upper, lower = source.on_side(1, 0, 1, 1)[1:3]
    if source.height > target.height * 1.5:  # stay clear of the face that narrows
        upper, lower = source.on_side(0.5, 0, 0.5, 1)[1:3]
    top, low = (target.x, target.y), (target.x, target.bottom)
    return Ray(link, (), (upper, top, low, lower), ((upper, top), (lower, low)), False)


def _window(link: Link, source: Solid, target: Solid, scale: Scale, whole: bool) -> Ray:
    """Return the kernel as a small box in the source, and its right face's rays to one point."""
    assert link.window is not None
    high = min(scale.heights * sqrt(link.window[0]) / source.height, 1.0)
    wide = min(scale.maps * sqrt(link.window[1]) / source.reach, 1.0)
    near, top = (1 - wide) / 2, (1 - high) / 2
    face = source.on_side(near, top, near + wide, top + high)
    left = tuple((x - source.width, y) for x, y in face)
    front = (left[0], face[0], face[3], left[3])
    upper = (left[0], left[1], face[1], face[0])
    point = target.entry
    area = hull((*face, point))
    lines = tuple((corner, point) for corner in face)
    if link.kind == "crossing":  # one window serves both lanes; only the outer lines cross
        place = area.index(point)
        lines = ((area[place - 1], point), (area[(place + 1) % len(area)], point))
        return Ray(link, (), area, lines, False)
    kernel = (front, upper, face) if whole else (face,)
    return Ray(link, kernel, area, lines, False)
