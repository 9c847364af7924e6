"""Lines between boxes, tied to both: what moves a box moves the ends of its lines."""

from __future__ import annotations

from itertools import pairwise
from math import dist

from ...drawing import Curve, Group, Point
from ..corners import corners_of
from .tikz_places import Placed, Places, point
from .tikz_styles import number

__all__ = ["path_of", "roundings", "tip_of"]

STRAIGHT = 0.12
"""What runs aside by less is level or upright, in points."""
CURVED = 0.05
"""How far a curve of a chart may be from the points that it is drawn through, in points."""


def path_of(curve: Curve, group: Group | None, places: Places, *, named: bool) -> str:
    """Return the path of a line; ``named``: boxes are nodes already, with sides to start at."""
    ids = (group.ends or ()) if group else ()
    last = curve.segments[-1][-1]
    first = places.touched(ids[:1], curve.start) or places.touched(ids, curve.start)
    end = places.touched(ids[1:], last) or places.touched(ids, last)
    start_at = _end(places, first, curve.start, named)
    end_at = _end(places, end, last, named)
    knots = corners_of(curve) if ids else corners_of(curve, CURVED)
    if knots is None:
        return _bent(curve, start_at, end_at)
    straight = len(knots) == 2 and named and first is not end
    if straight and first and end and _facing(places, first, end, curve.start, last):
        return f"({first.name}) -- ({end.name})"
    if ids:
        return _cornered(knots, start_at, end_at, STRAIGHT)
    # Its many short steps stay as they are, and are rounded so that no error adds up.
    return _cornered([(round(x, 2), round(y, 2)) for x, y in knots], start_at, end_at, 0.005)


def roundings(curve: Curve) -> list[float]:
    """Return the radius of each corner of a line."""
    found, before = [], curve.start
    for segment in curve.segments:
        if len(segment) == 3:
            a, b = before, segment[2]
            found.append(max(abs(a[0] - b[0]), abs(a[1] - b[1])))
        before = segment[-1]
    return found


def _end(places: Places, placed: Placed | None, at: Point, named: bool) -> str:
    if placed is None:  # such as the border of a frame, which goes with the boxes in it
        near = places.beside(at)
        return f"({places.from_centre(near, at)})" if near else places.point(at)
    return places.anchor(placed, at) if named else f"({places.from_centre(placed, at)})"


def _facing(places: Places, first: Placed, end: Placed, start: Point, last: Point) -> bool:
    """Return whether a straight line joins the middles of two sides that face each other."""
    sides = {places.anchor(first, start), places.anchor(end, last)}
    level = {f"({first.name}.east)", f"({end.name}.west)"}
    upright = {f"({first.name}.south)", f"({end.name}.north)"}
    back = {f"({first.name}.west)", f"({end.name}.east)"}
    up = {f"({first.name}.north)", f"({end.name}.south)"}
    (x, y), (u, v) = first.centre, end.centre
    if sides in (level, back):
        return abs(y - v) < STRAIGHT
    return sides in (upright, up) and abs(x - u) < STRAIGHT


def _cornered(knots: list[Point], start: str, end: str, aside: float) -> str:
    """Return a path with corners: steps from its start; the last two turn towards its end.

    A step that runs ``aside`` by less is level or upright.
    """
    steps = [(b[0] - a[0], a[1] - b[1]) for a, b in pairwise(knots)]
    ways = ["-" if abs(y) < aside else "|" if abs(x) < aside else "/" for x, y in steps]
    turn = "".join(ways[-2:])
    ends = {"-|": "-|", "|-": "|-"}.get(turn)
    kept = steps[: -2 if ends else -1]
    path = [start]
    for (x, y), way in zip(kept, ways, strict=False):
        step = point((0.0 if way == "|" else x, 0.0 if way == "-" else y))
        path.append(f"-- ++{step}")
    return " ".join([*path, f"{ends or '--'} {end}"])


def _bent(curve: Curve, start: str, end: str) -> str:
    path, before = [start], curve.start
    for place, segment in enumerate(curve.segments):
        to = segment[-1]
        goal = end if place == len(curve.segments) - 1 else f"++{_step(before, to)}"
        if len(segment) == 3:
            one, two = _step(before, segment[0]), _step(to, segment[1])
            path.append(f".. controls +{one} and +{two} .. {goal}")
        else:
            path.append(f"-- {goal}")
        before = to
    return " ".join(path)


def _step(start: Point, end: Point) -> str:
    return point((end[0] - start[0], start[1] - end[1]))


def tip_of(curve: Curve) -> str:
    """Return the length of an arrowhead on a line that is too short for the usual one."""
    usual = 4.0 + 2.0 * curve.paint.width
    length = min(usual, max(4.0, 0.75 * dist(curve.start, curve.segments[-1][-1])))
    return "" if length > usual - 0.05 else f"{number(length)}bp"
