"""Single units, layer above layer: the pixels that one unit sees, with lines down to them."""

from __future__ import annotations

from collections.abc import Sequence

from ..drawing import Curve, Group, Item, Paint, Point, Polygon, Text
from ..look.theme import Theme
from ..text.widths import shortened, text_width
from .chain_planes import Plane

__all__ = ["pyramid", "pyramid_size", "room_for_words"]

SHEAR, FLAT = 0.5, 0.5
"""How far a plane's back stands to the right, and how high, in parts of its depth."""

LABEL, SECOND = 12.0, 10.0
GAP = 14.0

Lines = tuple[str, str]


def pyramid_size(planes: Sequence[Plane]) -> tuple[float, float]:
    """Return how wide the planes are and how high the input's is, in cells."""
    boxes = [_extent(plane, plane.shown) for plane in planes]
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    top, bottom = min(box[1] for box in boxes), max(box[3] for box in boxes)
    return right - left + SHEAR * (bottom - top), FLAT * (bottom - top)


def room_for_words(words: Sequence[Lines]) -> float:
    """Return how wide the words beside planes are."""
    return max(max(text_width(a, LABEL, bold=True), text_width(b, SECOND)) for a, b in words)


def pyramid(
    planes: Sequence[Plane],
    words: Sequence[Lines],
    theme: Theme,
    corner: Point,
    cell: float,
    pitch: float,
    room: float,
) -> list[Item]:
    """Return the planes from the input, which lies lowest, up; ``corner`` is the top left one.

    Planes are ``pitch`` apart; words stand to their right and have ``room``.
    """
    boxes = [_extent(plane, plane.shown) for plane in planes]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    bottom = max(box[3] for box in boxes)
    wide, _ = pyramid_size(planes)
    tone = theme.tone("conv")
    items: list[Item] = []
    last = len(planes) - 1
    for number, plane in enumerate(planes):
        ground = corner[1] + (last - number) * pitch + FLAT * (bottom - top) * cell

        def at(x: float, y: float, ground: float = ground) -> Point:
            across = (x - left + SHEAR * (bottom - y)) * cell
            return corner[0] + across, ground - FLAT * (bottom - y) * cell

        box, seen = _extent(plane, plane.shown), _extent(plane, plane.seen)
        parts: list[Item] = [
            Polygon(_corners(box, at), Paint(theme.background, theme.line, 0.8)),
            Polygon(_corners(seen, at), Paint(tone.fill, tone.stroke, 1.2)),
            *_lines(plane, at, theme),
        ]
        x = corner[0] + wide * cell + GAP
        y = (at(0, box[1])[1] + at(0, box[3])[1]) / 2
        name, says = words[number]
        parts.append(
            Text(x, y, shortened(name, LABEL, room, True), LABEL, theme.ink, "start", True)
        )
        parts.append(
            Text(x, y + SECOND * 1.35, shortened(says, SECOND, room), SECOND, theme.soft, "start")
        )
        title = f"{name}: {says}"
        items.append(Group(plane.node, ("plane",), tuple(parts), title))
        if number < last:
            items.append(_pillar(planes[number + 1], seen, at, pitch, tone.stroke))
    return items


def _extent(plane: Plane, spans: Sequence[tuple[int, int]]) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of units in pixels of the input; a row is one high."""
    each = [
        (first + step * (a - 0.5), first + step * (b + 0.5))
        for (a, b), step, first in zip(spans, plane.step, plane.first, strict=True)
    ]
    (top, bottom), (left, right) = each if len(each) > 1 else [(-0.5, 0.5), each[0]]
    return left, top, right, bottom


def _corners(box: tuple[float, float, float, float], at: object) -> tuple[Point, ...]:
    left, top, right, bottom = box
    return tuple(at(x, y) for x, y in ((left, bottom), (right, bottom), (right, top), (left, top)))  # type: ignore[operator]


def _lines(plane: Plane, at: object, theme: Theme) -> list[Item]:
    """Return the lines between units."""
    left, top, right, bottom = _extent(plane, plane.shown)
    paint = Paint(None, theme.line, 0.5)
    across, along = plane.step[-1], plane.step[0] if len(plane.step) > 1 else 1.0
    count = round((right - left) / across), round((bottom - top) / along)
    ends = [((left + n * across, top), (left + n * across, bottom)) for n in range(1, count[0])]
    ends += [((left, top + n * along), (right, top + n * along)) for n in range(1, count[1])]
    return [Curve(at(*a), ((at(*b),),), paint) for a, b in ends]  # type: ignore[operator]


def _pillar(
    above: Plane, below: tuple[float, float, float, float], at: object, pitch: float, color: str
) -> Group:
    """Return the lines from the corners of what is seen above to what that sees below."""
    seen = _corners(_extent(above, above.seen), at)
    tops = [(x, y - pitch) for x, y in seen]
    feet = _corners(below, at)
    faces = ((3, 2), (1, 2), (0, 3), (0, 1))
    items: list[Item] = [
        Polygon((feet[a], feet[b], tops[b], tops[a]), Paint(color, opacity=0.07)) for a, b in faces
    ]
    line = Paint(None, color, 0.9)
    hidden = Paint(None, color, 0.7, (2.5, 2.0))
    items += [
        Curve(foot, ((top,),), hidden if n == 3 else line)
        for n, (foot, top) in enumerate(zip(feet, tops, strict=True))
    ]
    return Group(
        f"{above.node} sees", ("sight",), tuple(items), f"what one unit of {above.name} sees"
    )
