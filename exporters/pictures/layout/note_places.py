"""Where notes stand beside what they are about: in free space, near, by a line that crosses little.

Nothing else is moved. What is looked at is bounded by how far a note may stand from its box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from ..drawing import Point
from .scene import Rect

__all__ = ["Near", "NotePlace", "lead", "note_places"]

AIR = 5.0
"""What is free around a note, in points."""
GAP = 12.0
"""How far a note stands from its box at least, so that a line can be seen."""
FAR = 110.0
"""How far it stands from its box at most."""
STEP = 7.0
CROSSED = 60.0
"""What a line of the picture counts that the note's line crosses, against points of distance."""
APART = 7.0
"""A line nearer to the note's than this would be taken for it."""
TEXT = 3.0
"""What is free between a note's letters and its line."""
TRIED = 40
"""How many free places are compared."""

Segment = tuple[Point, Point]


@dataclass(frozen=True, slots=True)
class Near:
    """What is on a page: rectangles not to be covered, outlines not to be cut, lines."""

    filled: Sequence[Rect]
    outlines: Sequence[Rect]
    lines: Sequence[Segment]
    area: Rect


@dataclass(frozen=True, slots=True)
class NotePlace:
    """Where a note stands and the line from it to what it is about."""

    rect: Rect
    start: Point
    end: Point


def note_places(wanted: Sequence[tuple[Rect, float, float]], near: Near) -> list[NotePlace | None]:
    """Return a place for each note, given what it is about and its width and height.

    None where there is no free one; each takes its place from those after it.
    """
    taken: list[NotePlace] = []
    found: list[NotePlace | None] = []
    for target, width, height in wanted:
        place = _place(target, width, height, near, taken)
        found.append(place)
        if place is not None:
            taken.append(place)
    return found


def lead(rect: Rect, target: Rect) -> Segment:
    """Return the shortest line between two rectangles, in the middle where many are."""
    xs = _nearest(rect.x, rect.x + rect.width, target.x, target.x + target.width)
    ys = _nearest(rect.y, rect.y + rect.height, target.y, target.y + target.height)
    whole = hypot(xs[1] - xs[0], ys[1] - ys[0])
    part = min(TEXT / whole, 0.5) if whole else 0.0
    start = xs[0] + part * (xs[1] - xs[0]), ys[0] + part * (ys[1] - ys[0])
    return start, (xs[1], ys[1])


def _nearest(low: float, high: float, other: float, end: float) -> tuple[float, float]:
    """Return the nearest two points of two intervals; where they share some, its middle."""
    if high < other:
        return high, other
    if end < low:
        return low, end
    middle = (max(low, other) + min(high, end)) / 2
    return middle, middle


def _place(
    target: Rect, width: float, height: float, near: Near, taken: Sequence[NotePlace]
) -> NotePlace | None:
    reach = Rect(
        target.x - FAR - width,
        target.y - FAR - height,
        target.width + 2 * (FAR + width),
        target.height + 2 * (FAR + height),
    )
    around = [r for r in near.filled if r.meets(reach)]
    rects = [*around, *(place.rect for place in taken)]
    outlines = [r for r in near.outlines if r.meets(reach)]
    leads = [(place.start, place.end) for place in taken]
    lines = [*(each for each in near.lines if _bounds(each).meets(reach)), *leads]
    best: tuple[float, NotePlace] | None = None
    tried = 0
    for cost, x, y in _candidates(target, width, height, near.area):
        if best is not None and (cost >= best[0] or tried >= TRIED):
            break
        rect = Rect(x - AIR, y - AIR, width + 2 * AIR, height + 2 * AIR)
        if any(rect.meets(each) for each in rects) or any(_cut(rect, each) for each in outlines):
            continue
        if any(_crosses(each, rect) for each in lines):
            continue
        start, end = lead(Rect(x, y, width, height), target)
        way = (start, end)
        # It ends at its box, and other boxes are not to be crossed.
        if any(_crosses(way, each) for each in rects if not each.holds(_inner(target))):
            continue
        tried += 1
        if any(_along(way, each) for each in lines):
            continue
        crossed: float = sum(_meet(way, each) for each in lines)
        if crossed > 1:
            continue
        crossed += sum(_crosses(way, each) for each in outlines if not each.holds(rect)) / 3
        whole = cost + CROSSED * crossed
        if best is None or whole < best[0]:
            best = whole, NotePlace(Rect(x, y, width, height), start, end)
    return None if best is None else best[1]


def _candidates(
    target: Rect, width: float, height: float, area: Rect
) -> list[tuple[float, float, float]]:
    """Return places within the area with what each costs, the best first."""
    found = []
    across = int((target.width + width + 2 * FAR) / STEP) + 1
    down = int((target.height + height + 2 * FAR) / STEP) + 1
    for column in range(across):
        x = target.x - FAR - width + column * STEP
        if not area.x <= x <= area.x + area.width - width:
            continue
        aside = max(target.x - x - width, x - target.x - target.width, 0.0)
        for row in range(down):
            y = target.y - FAR - height + row * STEP
            if not area.y <= y <= area.y + area.height - height:
                continue
            apart = max(target.y - y - height, y - target.y - target.height, 0.0)
            far = hypot(aside, apart)
            if not GAP <= far <= FAR:
                continue
            # At the same height as its box, or right above or below it, it belongs to it most.
            level = abs(y + height / 2 - target.y - target.height / 2)
            plumb = abs(x + width / 2 - target.x - target.width / 2)
            found.append((far + 0.15 * (level if aside else plumb), x, y))
    return sorted(found)


def _inner(rect: Rect) -> Rect:
    return Rect(rect.x + 1, rect.y + 1, max(rect.width - 2, 0.0), max(rect.height - 2, 0.0))


def _cut(rect: Rect, outline: Rect) -> bool:
    """Return whether a rectangle lies on an outline: neither inside nor outside."""
    return rect.meets(outline) and not outline.holds(rect)


def _bounds(line: Segment) -> Rect:
    (x1, y1), (x2, y2) = line
    return Rect(min(x1, x2), min(y1, y2), max(abs(x2 - x1), 0.1), max(abs(y2 - y1), 0.1))


def _crosses(line: Segment, rect: Rect) -> bool:
    """Return whether a line runs through a rectangle (Liang and Barsky, 1984)."""
    (x1, y1), (x2, y2) = line
    first, last = 0.0, 1.0
    for start, step, low, high in (
        (x1, x2 - x1, rect.x, rect.x + rect.width),
        (y1, y2 - y1, rect.y, rect.y + rect.height),
    ):
        if abs(step) < 1e-9:
            if not low < start < high:
                return False
            continue
        one, other = sorted(((low - start) / step, (high - start) / step))
        first, last = max(first, one), min(last, other)
    return last - first > 1e-6


def _along(one: Segment, other: Segment) -> bool:
    """Return whether a line runs beside another, so near that one hides the other."""
    (x1, y1), (x2, y2) = one
    step, pace = (x2 - x1, y2 - y1), (other[1][0] - other[0][0], other[1][1] - other[0][1])
    long, span = hypot(*step), hypot(*pace)
    if not long or not span or abs(step[0] * pace[1] - step[1] * pace[0]) > 0.3 * long * span:
        return False
    for x, y in (*other, ((other[0][0] + other[1][0]) / 2, (other[0][1] + other[1][1]) / 2)):
        part = ((x - x1) * step[0] + (y - y1) * step[1]) / long
        aside = abs((x - x1) * step[1] - (y - y1) * step[0]) / long
        if -APART <= part <= long + APART and aside < APART:
            return True
    return False


def _meet(one: Segment, other: Segment) -> bool:
    """Return whether two lines cross."""
    (a, b), (c, d) = one, other
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
