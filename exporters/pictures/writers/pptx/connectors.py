"""A curve as one slide connector: straight, bent or curved as laid out, else freely drawn.

A bent connector of Office has up to five parts, and its bends lie where its adjustments say. The
lines of a picture are nearly all of that kind; what is not keeps its own path as the form of a
connector, which stretches between the shapes that it is glued to.

Programs other than PowerPoint lead a connector with adjustments where they like (LibreOffice before
7.5 all of them, later ones some). ``Link.plain`` says whether any program draws it as laid out;
for others a slide holds the line twice: the connector, and for those that do not know PowerPoint's
own additions the same line as a shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ...drawing import Curve, Point
from ..corners import NEAR, corners_of

__all__ = ["Link", "link_of"]

NARROW = 40.0
"""LibreOffice leads a line 14 pt straight out of a shape: less room than this makes it loop."""
MOST = 6
"""The corners of the longest bent connector, its ends counted."""
LEAST = 1.0
"""How wide and high a connector that bends back is at least, in points, as PowerPoint has it."""
ROUND = 0.1
"""How far a Bézier's middle may be from a curved connector's, in parts of its span."""


@dataclass(frozen=True, slots=True)
class Link:
    """One connector from ``start`` to ``end``; ``upright`` when it sets out vertically.

    ``turns`` say where its bends lie, as parts of the way along the direction in which it sets out
    and across it in turn. Without a ``form`` it has the curve's own path. ``plain`` whether every
    program draws it so.
    """

    start: Point
    end: Point
    form: str = ""
    upright: bool = False
    turns: tuple[float, ...] = ()
    plain: bool = True


def link_of(curve: Curve, loose_start: bool, loose_end: bool) -> Link:
    """Return the connector that follows a curve.

    ``loose_start`` and ``loose_end`` say that the shape there has no standard connection site, so
    that programs other than PowerPoint leave it in a direction of their own.
    """
    start, end = curve.start, curve.segments[-1][-1]
    loose = loose_start or loose_end
    corners = corners_of(curve)
    if corners is not None and len(corners) <= MOST:
        return _bent(corners, loose) or Link(start, end, plain=False)
    found = None
    if len(curve.segments) == 1 and len(curve.segments[0]) == 3:
        found = _curved((start, *curve.segments[0]), loose)
    return found or Link(start, end, plain=False)


def _bent(points: list[Point], loose: bool) -> Link | None:
    """Return the connector through corners; None where its parts are neither level nor upright."""
    start, end = points[0], points[-1]
    if len(points) == 2:
        return Link(start, end, "straightConnector1")
    ways = [_upright(a, b) for a, b in pairwise(points)]
    if None in ways or any(a == b for a, b in pairwise(ways)):
        return None
    upright = bool(ways[0])
    form = f"bentConnector{len(points) - 1}"
    # Every second corner lies where the first direction goes, the others across.
    turns = []
    for number, corner in enumerate(points[1:-2]):
        axis = 1 if upright == (number % 2 == 0) else 0
        span = _span(start, end, axis)
        turns.append((corner[axis] - start[axis]) / span)
    plain = not loose and (not turns or (len(turns) == 1 and abs(turns[0] - 0.5) < 0.01))
    return Link(start, end, form, upright, tuple(turns), plain)


def _span(start: Point, end: Point, axis: int) -> float:
    """Return how far it is from start to end, at least ``LEAST``."""
    span = end[axis] - start[axis]
    return span if abs(span) >= LEAST else LEAST if span >= 0 else -LEAST


def _upright(a: Point, b: Point) -> bool | None:
    """Return whether a part is upright, or else level; None where it is slanted."""
    dx, dy = abs(b[0] - a[0]), abs(b[1] - a[1])
    if min(dx, dy) >= NEAR:
        return None
    return dy > dx


def _curved(points: tuple[Point, Point, Point, Point], loose: bool) -> Link | None:
    """Return the curved connector that follows a Bézier with upright or level ends."""
    a, b, c, d = points
    first, last = _upright(a, b), _upright(c, d)
    if first is None or last is None:
        return None
    if first != last:
        return Link(a, d, "curvedConnector2", first, plain=not loose)
    axis = 1 if first else 0
    middle = (a[axis] + 3 * b[axis] + 3 * c[axis] + d[axis]) / 8
    across = (a[1 - axis] + 3 * b[1 - axis] + 3 * c[1 - axis] + d[1 - axis]) / 8
    span = _span(a, d, axis)
    turn = (middle - a[axis]) / span
    if abs(across - (a[1 - axis] + d[1 - axis]) / 2) > ROUND * abs(d[1 - axis] - a[1 - axis]):
        return None
    plain = not loose and abs(turn - 0.5) < ROUND and abs(span) > NARROW
    return Link(a, d, "curvedConnector3", first, (0.5 if plain else turn,), plain)
