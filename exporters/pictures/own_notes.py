"""Notes that people write beside boxes: in free space by a thin line, else numbered at the foot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .drawing import Box, Curve, Group, Item, Paint, Point, Polygon, Text, walked
from .layout.note_places import Near, NotePlace, note_places
from .layout.scene import Rect
from .look.theme import Theme
from .sheet import Sheet
from .text.widths import ASCENT, DESCENT, shortened, text_width
from .view import View, read_setting

__all__ = ["Noted", "about", "foot_height", "footed", "noted", "wrapped", "written"]

SIZE, FOOT = 8.0, 9.0
"""Letters of a note, in points at scale 1, and at the foot, as in a legend."""
LETTERS = 24
"""About as many stand on a line."""
LINES = 6
LINE = 1.25
MARK, ROW, GAP = 10.0, 13.0, 16.0
"""How large a number's circle is, how high a row at the foot, and what is between two there."""


@dataclass(frozen=True, slots=True)
class Noted:
    """The notes of a page as they are drawn, and those that have no place beside their boxes."""

    beside: tuple[Group, ...]
    foot: tuple[tuple[str, str], ...]
    """Key and text of each that stands at the foot."""

    def marks(self, rects: Mapping[str, Rect], theme: Theme, scale: float) -> list[Item]:
        """Return the number at the corner of each box whose note stands at the foot."""
        found: list[Item] = []
        for number, (key, _) in enumerate(self.foot, 1):
            at = rects[key]
            found.append(_mark(key, number, (at.x + at.width, at.y), theme, scale))
        return found

    def footnotes(self, theme: Theme, left: float, top: float, width: float) -> Group | None:
        """Return the numbered notes in rows below the picture."""
        if not self.foot:
            return None
        items: list[Item] = []
        for number, x, row, line in _rows([text for _, text in self.foot], width):
            y = top + ROW * (row + 0.5)
            if number:
                items += _number(number, (left + x + MARK / 2, y), theme, 1.0)
            base = y + FOOT * 0.36
            items.append(Text(left + x + MARK + 4, base, line, FOOT, theme.ink, "start"))
        return Group("footnotes", ("note", "own"), tuple(items))


def noted(
    notes: Mapping[str, str],
    rects: Mapping[str, Rect],
    items: Iterable[Item],
    area: Rect,
    theme: Theme,
    scale: float,
) -> Noted:
    """Return the notes of what is on a page, beside it where there is room.

    ``notes`` are texts by the keys of ``rects``, which are the page's boxes and frames; ``items``
    is all that is drawn, none of which is covered.
    """
    here = [(key, text) for key, text in notes.items() if key in rects]
    if not here:
        return Noted((), ())
    size = SIZE * min(scale, 1.3)
    lines = {key: wrapped(text, size) for key, text in here}
    wanted = [
        (rects[key], max(text_width(line, size) for line in said), LINE * size * len(said))
        for key, said in lines.items()
    ]
    places = note_places(wanted, _near(items, area))
    beside = tuple(
        _drawn(key, lines[key], place, size, theme)
        for (key, _), place in zip(here, places, strict=True)
        if place is not None
    )
    foot = tuple(each for each, place in zip(here, places, strict=True) if place is None)
    return Noted(beside, foot)


def footed(sheet: Sheet, settings: Iterable[str]) -> Sheet:
    """Return a sheet with room at its foot for all notes that are set of boxes."""
    notes = [each.note for each in map(read_setting, settings) if each.note]
    return replace(sheet, foot=foot_height(notes, sheet.width_within))


def about(view: View, shown: Mapping[str, Rect]) -> dict[str, Rect]:
    """Return where what the notes of a view are about is, of boxes and frames that are shown.

    A group that has no frame is where the first of its boxes is.
    """
    found = {}
    for key in view.notes:
        inside = (
            name
            for name in shown
            if name in view.nodes and key in (view.nodes[name].stage, view.nodes[name].block)
        )
        name = key if key in shown else next(inside, None)
        if name is not None:
            found[key] = shown[name]
    return found


def written(
    notes: Mapping[str, str],
    rects: Mapping[str, Rect],
    items: Iterable[Item],
    sheet: Sheet,
    scale: float,
) -> list[Item]:
    """Return what is written beside boxes, and at the foot where there is no room."""
    if not rects:
        return []
    area, theme = sheet.area, sheet.theme
    found = noted(notes, rects, items, area, theme, scale)
    foot = found.footnotes(theme, area.x, area.y + area.height + 4, area.width)
    return [*found.beside, *found.marks(rects, theme, scale), *([foot] if foot else [])]


def foot_height(texts: Sequence[str], width: float) -> float:
    """Return how much room these notes take at the foot, in points."""
    rows = [row for _, _, row, _ in _rows(texts, width)]
    return ROW * (max(rows) + 1) + 4 if rows else 0.0


def wrapped(text: str, size: float, letters: float = LETTERS, most: int = LINES) -> list[str]:
    """Return a text in lines of some 24 letters, the last cut where there are too many."""
    room = letters * 0.52 * size
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size) <= room:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:  # a word without an end is parted
            if text_width(lines[-1] + letter, size) > room:
                lines.append("")
            lines[-1] += letter
    if len(lines) > most:
        lines = [*lines[: most - 1], shortened(" ".join(lines[most - 1 :]), size, room)]
    return lines


def _rows(texts: Sequence[str], width: float) -> list[tuple[int, float, int, str]]:
    """Return each line at the foot: its note's number where it begins, x, row, words."""
    found: list[tuple[int, float, int, str]] = []
    x, row = 0.0, 0
    for number, text in enumerate(texts, 1):
        room = width - MARK - 4
        whole = " ".join(text.split())
        lines = [whole]
        if text_width(whole, FOOT) > room:
            lines = wrapped(whole, FOOT, room / (0.52 * FOOT))
        wide = MARK + 4 + max(text_width(line, FOOT) for line in lines)
        if x and x + wide > width:
            x, row = 0.0, row + 1
        for place, line in enumerate(lines):
            found.append((0 if place else number, x, row + place, line))
        row += len(lines) - 1
        x += wide + GAP
    return found


def _near(items: Iterable[Item], area: Rect) -> Near:
    """Return what is drawn as what notes must keep clear of."""
    filled: list[Rect] = []
    outlines: list[Rect] = []
    lines: list[tuple[Point, Point]] = []
    framed = {
        id(shape)
        for item in items
        if isinstance(item, Group) and item.classes[:1] == ("cluster",)
        for shape in item.items[:1]
    }
    for shape in walked(items):
        if isinstance(shape, Box):
            rect = Rect(shape.x, shape.y, shape.width, shape.height)
            (outlines if id(shape) in framed else filled).append(rect)
        elif isinstance(shape, Text):
            filled.append(_text_rect(shape))
        elif isinstance(shape, Curve):
            lines += _segments(shape)
        elif isinstance(shape, Polygon):
            xs, ys = zip(*shape.points, strict=True)
            filled.append(Rect(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)))
    return Near(filled, outlines, lines, area)


def _text_rect(text: Text) -> Rect:
    wide = text_width(text.text, text.size, text.bold)
    back = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor] * wide
    up, down = ASCENT * text.size, DESCENT * text.size
    if text.rotate:
        return Rect(text.x - up, text.y - wide + back, up + down, wide)
    return Rect(text.x - back, text.y - up, wide, up + down)


def _segments(curve: Curve) -> list[tuple[Point, Point]]:
    """Return a line as straight pieces."""
    found, at = [], curve.start
    for segment in curve.segments:
        if len(segment) == 1:
            found.append((at, segment[0]))
        else:
            one, two, end = segment
            last = at
            for step in range(1, 7):
                t = step / 6
                parts = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
                x, y = (
                    sum(
                        part * point[axis]
                        for part, point in zip(parts, (at, one, two, end), strict=True)
                    )
                    for axis in (0, 1)
                )
                found.append((last, (x, y)))
                last = (x, y)
        at = segment[-1]
    return found


def _drawn(key: str, lines: Sequence[str], place: NotePlace, size: float, theme: Theme) -> Group:
    rect, paint = place.rect, Paint(None, theme.soft, 0.7)
    items: list[Item] = [Curve(place.start, ((place.end,),), paint)]
    left = place.end[0] >= rect.x + rect.width  # it reads towards its box
    anchor = "end" if left else "start"
    x = rect.x + rect.width if left else rect.x
    for number, line in enumerate(lines):
        base = rect.y + size * (LINE * (number + 0.5) + 0.36)
        items.append(Text(x, base, line, size, theme.ink, anchor))  # type: ignore[arg-type]
    return Group(f"note {key}", ("note", "own"), tuple(items), " ".join(lines))


def _mark(key: str, number: int, at: Point, theme: Theme, scale: float) -> Group:
    parts = tuple(_number(number, at, theme, min(scale, 1.2)))
    return Group(f"mark {key}", ("note", "own"), parts, str(number))


def _number(number: int, at: Point, theme: Theme, scale: float) -> list[Item]:
    """Return a number in a circle around a point."""
    x, y = at
    size, side = 7.2 * scale, MARK * scale
    wide = max(side, text_width(str(number), size) + 4 * scale)
    disc = Box(x - wide / 2, y - side / 2, wide, side, Paint(theme.ink), side / 2)
    return [disc, Text(x, y + size * 0.36, str(number), size, theme.background)]
