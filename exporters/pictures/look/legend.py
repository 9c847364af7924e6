"""The legend: only what appears in the picture, in one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archgraph.units import figure

from ..drawing import Box, Curve, Group, Item, Paint, Text
from ..dress.spoken import say, spoken
from ..text.widths import text_width
from .colour import Colouring, Scale
from .lines import EDGE_WORDS, edge_paint
from .theme import Theme, Tone, ramp

__all__ = ["HEIGHT", "ROW", "legend", "legend_rows"]

HEIGHT = 24.0
SIZE = 9.0
SWATCH = 10.0
GAP = 16.0
ROW = 13.0
STEPS = 22

Entry = tuple[float, Callable[[float, float], list[Item]]]
"""How wide an entry is, and what puts it with its left end and middle at a point."""


def legend(
    colouring: Colouring, kinds: Sequence[str], theme: Theme, x: float, y: float, width: float
) -> Group:
    """Return the legend, centred in ``width`` from ``x`` and around ``y``, in rows that fit."""
    rows = _rows(colouring, kinds, theme, width)
    items: list[Item] = []
    for number, row in enumerate(rows):
        total = sum(span for span, _ in row) + GAP * (len(row) - 1)
        at = x + (width - total) / 2
        middle = y + ROW * (number - (len(rows) - 1) / 2)
        for span, put in row:
            items += put(at, middle)
            at += span + GAP
    return Group("legend", ("legend",), tuple(items))


def legend_rows(colouring: Colouring, kinds: Sequence[str], theme: Theme, width: float) -> int:
    """Return how many rows the legend has in this width."""
    return len(_rows(colouring, kinds, theme, width))


def _rows(
    colouring: Colouring, kinds: Sequence[str], theme: Theme, width: float
) -> list[list[Entry]]:
    entries = [_box_entry(words, tone, theme) for words, tone in colouring.legend]
    entries += [_line_entry(kind, theme, kinds) for kind in kinds if kind in EDGE_WORDS]
    if colouring.scale is not None:
        entries.insert(0, _bar_entry(colouring.scale, theme, width))
    rows: list[list[Entry]] = [[]]
    for entry in entries:
        if rows[-1] and sum(span for span, _ in [*rows[-1], entry]) + GAP * len(rows[-1]) > width:
            rows.append([])
        rows[-1].append(entry)
    return rows


def _box_entry(words: str, tone: Tone, theme: Theme) -> Entry:
    def swatch(x: float, y: float) -> Item:
        return Box(x, y - SWATCH / 2, SWATCH, SWATCH, Paint(tone.fill, tone.stroke, 1.0), 2.5)

    return _entry(swatch, SWATCH + 5, words, theme)


def _line_entry(kind: str, theme: Theme, kinds: Sequence[str]) -> Entry:
    def line(x: float, y: float) -> Item:
        paint = edge_paint(kind, theme, 1.0, kinds)
        return Curve((x, y), (((x + 20, y),),), paint, arrow=True)

    return _entry(line, 25, say(EDGE_WORDS[kind]), theme)


def _entry(sign: Callable[[float, float], Item], wide: float, words: str, theme: Theme) -> Entry:
    def put(x: float, y: float) -> list[Item]:
        text = Text(x + wide, y + SIZE * 0.36, words, SIZE, theme.soft, "start")
        return [sign(x, y), text]

    return wide + text_width(words, SIZE), put


def _bar_entry(scale: Scale, theme: Theme, width: float) -> Entry:
    low, high = (
        spoken(figure(int(end) if end == int(end) else end, scale.metric))
        for end in (scale.low, scale.high)
    )
    name = say(scale.metric.title) + (say(" (log)") if scale.log else "")
    words = sum(text_width(word, SIZE, bold=True) for word in (name, low, high))
    wide = min(5.0, max((width - words - 3 * 6) / STEPS, 1.0))

    def put(x: float, y: float) -> list[Item]:
        base = y + SIZE * 0.36
        items: list[Item] = [Text(x, base, name, SIZE, theme.ink, "start", bold=True)]
        x += text_width(name, SIZE, bold=True) + 6
        items.append(Text(x, base, low, SIZE, theme.soft, "start"))
        x += text_width(low, SIZE) + 6
        for step in range(STEPS):
            paint = Paint(ramp(theme.ramp, step / (STEPS - 1)))
            items.append(Box(x + step * wide, y - 5, wide + 0.2, 10, paint))
        items.append(Box(x, y - 5, wide * STEPS, 10, Paint(None, theme.line, 0.7)))
        items.append(Text(x + wide * STEPS + 6, base, high, SIZE, theme.soft, "start"))
        return items

    return words + wide * STEPS + 3 * 6, put
