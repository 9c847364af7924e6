"""The legend: only what appears in the picture, in one row."""

from __future__ import annotations

from archgraph.units import figure

from .colour import Colouring, Scale
from .drawing import Box, Curve, Group, Item, Paint, Text
from .scene_style import EDGE_WORDS, edge_paint
from .text import text_width
from .theme import Theme, ramp

__all__ = ["HEIGHT", "legend"]

HEIGHT = 24.0
SIZE = 9.0
SWATCH = 11.0


def legend(
    colouring: Colouring, kinds: list[str], theme: Theme, x: float, y: float, width: float
) -> Group:
    """Return the legend's row, centred in ``width`` from ``x``, its middle at ``y``."""
    entries = [(words, _swatch(tone.fill, tone.stroke)) for words, tone in colouring.legend]
    entries += [(EDGE_WORDS[kind], _stroke(kind, theme)) for kind in kinds if kind in EDGE_WORDS]
    spans = [
        SWATCH + 5 + (9 if shape[0] == "line" else 0) + text_width(words, SIZE)
        for words, shape in entries
    ]
    bar = _bar_width(colouring.scale)
    gap = 16.0
    total = sum(spans) + gap * max(0, len(spans) - 1) + (bar + gap if bar else 0.0)
    if total > width and len(spans) > 1:
        gap = max(6.0, gap - (total - width) / len(spans))
        total = sum(spans) + gap * (len(spans) - 1) + (bar + gap if bar else 0.0)
    at = x + max(0.0, (width - total) / 2)
    items: list[Item] = []
    if colouring.scale is not None:
        items += _bar(colouring.scale, theme, at, y)
        at += bar + gap
    for (words, (kind, paint)), span in zip(entries, spans, strict=True):
        if kind == "box":
            items.append(Box(at, y - SWATCH / 2, SWATCH, SWATCH, paint, 2.5))
            start = at + SWATCH + 5
        else:
            items.append(Curve((at, y), (((at + 20, y),),), paint, arrow=True))
            start = at + 25
        items.append(Text(start, y + SIZE * 0.36, words, SIZE, theme.soft, "start"))
        at += span + gap
    return Group("legend", ("legend",), tuple(items))


def _swatch(fill: str, stroke: str) -> tuple[str, Paint]:
    return "box", Paint(fill, stroke, 1.0)


def _stroke(kind: str, theme: Theme) -> tuple[str, Paint]:
    return "line", edge_paint(kind, theme, 1.0)


def _ends(scale: Scale) -> tuple[str, str]:
    return figure(round(scale.low), scale.metric), figure(round(scale.high), scale.metric)


def _bar_width(scale: Scale | None) -> float:
    if scale is None:
        return 0.0
    words = [_name(scale), *_ends(scale)]
    return sum(text_width(word, SIZE) for word in words) + 110 + 3 * 6


def _name(scale: Scale) -> str:
    return scale.metric.title + (" (log)" if scale.log else "")


def _bar(scale: Scale, theme: Theme, x: float, y: float) -> list[Item]:
    items: list[Item] = []
    low, high = _ends(scale)
    name = _name(scale)
    base = y + SIZE * 0.36
    items.append(Text(x, base, name, SIZE, theme.ink, "start", bold=True))
    x += text_width(name, SIZE, bold=True) + 6
    items.append(Text(x, base, low, SIZE, theme.soft, "start"))
    x += text_width(low, SIZE) + 6
    steps = 22
    for step in range(steps):
        paint = Paint(ramp(theme.ramp, step / (steps - 1)))
        items.append(Box(x + step * 5.0, y - 5, 5.2, 10, paint))
    items.append(Box(x, y - 5, 5.0 * steps, 10, Paint(None, theme.line, 0.7)))
    items.append(Text(x + 5.0 * steps + 6, base, high, SIZE, theme.soft, "start"))
    return items
