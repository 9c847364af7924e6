"""The chart of growth: a cost over the size of the input, as curves through what was counted."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archgraph.answers.scaling import Growth
from archgraph.errors import DrawError
from archgraph.metrics import Number
from archgraph.units import figure

from ..captions import title_of
from ..choices import CurveChoices
from ..drawing import Box, Curve, Group, Item, Paint, Point, Text
from ..dress.spoken import say, spoken
from ..look.theme import Theme
from ..pages import Page
from ..plots import Marks
from ..self_showing import Picture
from ..sheet import HEADER, MARGIN, Sheet
from ..text.widths import shortened, text_width
from .axis import Linear, linear, unit_of
from .chart_file import delivered, in_the_dark
from .plotted import points_plot, scale_of

__all__ = ["growth_chart", "growth_page"]

SIZE = (960.0, 540.0)
"""The size of a chart without a canvas, in points."""

LABEL, NAME, FORMULA = 9.0, 11.0, 12.0
LEFT, BOTTOM = 52.0, 44.0
MOST = 12
"""Curves in one chart: more cannot be told apart."""

FINE = 400
"""Points of a curve at least, where it has so many sizes; every step of one is drawn."""

_HUES = ("conv", "linear", "pool", "merge", "attention", "recurrent", "embedding", "resampling")
_DASHES: tuple[tuple[float, ...], ...] = ((), (7.0, 3.0), (2.0, 2.5), (9.0, 3.0, 2.0, 3.0))


@dataclass(frozen=True, slots=True)
class _Line:
    """One network's curve: its sizes and figures, and how it is drawn."""

    found: Growth
    xs: tuple[int, ...]
    values: tuple[Number, ...]
    color: str
    dash: tuple[float, ...]

    @property
    def name(self) -> str:
        return title_of(self.found.net)


def growth_chart(
    found: Sequence[Growth], path: str | Path | None = None, **options: Any
) -> Path | Picture:
    """Draw how a cost of networks grows into a file whose suffix says the format.

    ``options`` are the fields of ``CurveChoices``. Raises DrawError for growths of different
    metrics or over different things, and UnknownNameError for an option that there is not.
    """
    choices = CurveChoices.of(options)
    dark = in_the_dark(choices, options)
    return delivered(lambda choices: _chosen(found, choices), choices, path, dark)


def growth_page(found: Sequence[Growth], **options: Any) -> Page:
    """Return the page of a chart of growth."""
    choices = CurveChoices.of(options)
    with choices.worn():
        return _chosen(found, choices)


def _chosen(found: Sequence[Growth], choices: CurveChoices) -> Page:
    if not found:
        raise DrawError("a chart of growth needs at least one network.")
    for each in found:
        if not isinstance(each, Growth):
            what, net = type(each).__name__, repr(each) if isinstance(each, str) else "net"
            raise DrawError(
                f"a chart of growth takes what growth() returns, and no {what}; write "
                f"growth_chart(growth({net}))."
            )
    if len(found) > MOST:
        raise DrawError(f"{len(found)} curves cannot be told apart; draw at most {MOST}.")
    for word, names in (
        ("metric", {each.metric.name for each in found}),
        ("size", {each.over for each in found}),
    ):
        if len(names) > 1:
            raise DrawError(
                f"the curves of one chart share their {word}, but these are of "
                f"{' and '.join(sorted(names))}."
            )
    for each in found:  # a curve alone says nothing of why it is so short or so flat
        name = title_of(each.net)
        if each.formula is None:
            told = f"no formula for '{name}': {each.reason}"
            warnings.warn(f"{told}; its curve is what was counted.", stacklevel=5)
        if not each.made:
            told = f"nothing says how '{name}' is made"
            warnings.warn(f"{told}, so its operators stay as they are at every size.", stacklevel=5)
    sheet = Sheet.of(choices)
    return _page(found, sheet if sheet.size is not None else replace(sheet, size=SIZE))


def _noted(found: Sequence[Growth]) -> str:
    """Return each formula, with the network that it is of where there are several."""
    if len(found) == 1:
        return str(found[0])
    return "\n".join(f"{title_of(each.net)}: {each}" for each in found)


def _page(found: Sequence[Growth], sheet: Sheet) -> Page:
    (width, height), theme = sheet.extent, sheet.theme
    first = found[0]
    lines = _lines(found, theme)
    metric = first.metric
    title = say("{cost} over {what}", cost=say(metric.title), what=spoken(first.title))
    if len(found) == 1:
        title = f"{title_of(first.net)}: {title}"
    highest = max(max(each.values) for each in lines)
    unit, size = unit_of(metric, highest)
    low, high = min(each.xs[0] for each in lines), max(each.xs[-1] for each in lines)
    xs = linear(low, max(high, low + 1), wanted=8, tight=True)
    ys = linear(min(0.0, *(min(each.values) for each in lines)), highest or 1.0, size, wanted=6)
    names = [shortened(each.name, NAME, 170, bold=True) for each in lines]
    aside = max(text_width(name, NAME, bold=True) for name in names) + 14 if len(lines) > 1 else 26
    top = HEADER + 22 + (20 if len(lines) == 1 else 0)
    plot = (MARGIN + LEFT, top, width - MARGIN - aside, height - MARGIN / 2 - BOTTOM)
    per = "" if first.over == "batch" or not metric.per_image else say("batch {count}", count=1)
    told = say("dots: counted at sizes that the curve was not found with")
    subtitle = " · ".join(filter(None, (told, per)))
    sheet = replace(sheet, title=title, subtitle=subtitle, notes=_noted(found))
    said = ", ".join(filter(None, (say(metric.title), unit if unit != metric.title else "")))
    scale = Group("scale", ("axis",), tuple(_grid(ys, plot, theme)), said)
    curves = [_curve(each, xs, ys, plot, theme) for each in lines]
    data = points_plot(
        (plot[0], plot[1], plot[2] - plot[0], plot[3] - plot[1]),
        scale_of(xs, first.title, worded=False),
        scale_of(ys, said, size),
        tuple(marks for each in lines for marks in _marks(each, size, theme)),
        theme,
        title,
    )
    items: list[Item] = [
        sheet.header(),
        _axes(xs, plot, said, first, theme),
        Group("plot", ("plot",), (scale, *curves), title, plots=(data,)),
    ]
    if len(lines) == 1:
        items += _one(lines[0], xs, ys, plot, theme)
    else:
        items += _names(lines, names, ys, plot)
    return Page(sheet.drawing(items, " ".join(f"{title_of(g.net)}: {g}." for g in found), title))


def _lines(found: Sequence[Growth], theme: Theme) -> list[_Line]:
    lines = []
    # Where there are several, what all of them were counted for.
    low = max(_sizes(each)[0] for each in found)
    high = min(_sizes(each)[-1] for each in found)
    grey = theme.name == "print"
    for number, each in enumerate(found):
        tone = theme.tones[_HUES[number % len(_HUES)]]
        color = theme.ink if grey else tone.stroke
        turn = number if grey else number // len(_HUES)
        xs = tuple(x for x in _sizes(each) if low <= x <= high) or _sizes(each)
        values = tuple(each.at(x) for x in xs)
        lines.append(_Line(each, xs, values, color, _DASHES[turn % len(_DASHES)]))
    return lines


def _sizes(found: Growth) -> tuple[int, ...]:
    """Return the sizes that a curve is drawn through: all that it is for, or enough of them."""
    counted = [x for x, _ in found.counted]
    if found.formula is None:
        return tuple(counted)
    low, high, step = counted[0], max(*counted, *found.checked), found.formula.step
    every = max(1, (high - low) // step // (4 * FINE))
    sizes = list(range(low, high + 1, step * every))
    return tuple(sizes if sizes[-1] == high else [*sizes, high])


def _at(x: Number, y: Number, xs: Linear, ys: Linear, plot: Sequence[float]) -> Point:
    left, top, right, bottom = plot
    return left + (right - left) * xs.part(x), bottom - (bottom - top) * ys.part(y)


def _grid(ys: Linear, plot: Sequence[float], theme: Theme) -> Iterator[Item]:
    left, top, right, bottom = plot
    for value, words in ys.ticks:
        y = bottom - (bottom - top) * ys.part(value)
        yield Curve((left, y), (((right, y),),), Paint(None, theme.frame_line, 0.6))
        yield Text(left - 6, y + 3.2, words, LABEL, theme.soft, "end")


def _marks(each: _Line, size: float, theme: Theme) -> Iterator[Marks]:
    """Yield a curve as data, and the dots on it."""
    points = [(float(x), float(y) / size) for x, y in zip(each.xs, each.values, strict=True)]
    formula = each.found.formula
    if formula is not None and formula.steps:
        points = _stairs(points)
    xs, ys = zip(*points, strict=True)
    yield Marks(each.name, ys, xs=xs, strokes=(each.color,), width=1.8, dash=each.dash)
    dots = [x for x in each.found.checked or each.xs if each.xs[0] <= x <= each.xs[-1]]
    yield Marks(
        f"{each.name}, counted",
        tuple(float(each.found.at(x)) / size for x in dots),
        xs=tuple(map(float, dots)),
        fills=(theme.background,) * len(dots),
        strokes=(each.color,) * len(dots),
        sizes=(4.8,) * len(dots),
    )


def _axes(xs: Linear, plot: Sequence[float], said: str, found: Growth, theme: Theme) -> Group:
    left, top, right, bottom = plot
    line = Paint(None, theme.line, 0.9)
    items: list[Item] = []
    for value, _ in xs.ticks:
        x = left + (right - left) * xs.part(value)
        items.append(Curve((x, bottom), (((x, bottom + 4),),), line))
        if value == int(value):  # there is no half of a size
            items.append(Text(x, bottom + 15, f"{int(value):,}", LABEL, theme.soft))
    items.append(Curve((left, bottom), (((right, bottom),),), line))
    name = f"{spoken(found.title)} {found.symbol}"
    items.append(Text((left + right) / 2, bottom + 30, name, NAME, theme.ink, bold=True))
    items.append(Text(left, top - 9, said, NAME, theme.ink, "start", bold=True))
    return Group(
        "axes",
        ("axis",),
        tuple(items),
        say("{cost} over {what}", cost=said, what=spoken(found.title)),
    )


def _curve(each: _Line, xs: Linear, ys: Linear, plot: Sequence[float], theme: Theme) -> Group:
    points = [_at(x, y, xs, ys, plot) for x, y in zip(each.xs, each.values, strict=True)]
    formula = each.found.formula
    if formula is not None and formula.steps:
        points = _stairs(points)
    paint = Paint(None, each.color, 1.8, each.dash)
    items: list[Item] = [
        Curve(points[0], tuple((point,) for point in points[1:]), paint),
    ]
    dot = Paint(theme.background, each.color, 1.2)
    checked = each.found.checked or each.xs
    for x in checked:
        if not each.xs[0] <= x <= each.xs[-1]:
            continue
        cx, cy = _at(x, each.found.at(x), xs, ys, plot)
        items.append(Box(cx - 2.4, cy - 2.4, 4.8, 4.8, dot, 2.4))
    return Group(f"curve {each.found.net.name}", ("curve",), tuple(items), str(each.found))


def _stairs(points: Sequence[Point]) -> list[Point]:
    """Return points between which the figure stands still, then jumps: a size is a whole number."""
    found = [points[0]]
    for point in points[1:]:
        if math.isclose(point[1], found[-1][1]) or len(points) > FINE:
            found.append(point)
        else:
            found += [(point[0], found[-1][1]), point]
    return found


def _one(line: _Line, xs: Linear, ys: Linear, plot: Sequence[float], theme: Theme) -> list[Item]:
    """Return the formula of a lone curve above it, and its present figure."""
    left, top, right, _ = plot
    found = line.found
    words = spoken(str(found))
    period = None if found.formula is None else found.formula.on_period(found.start)
    if text_width(words, FORMULA, bold=True) > right - left and period is not None:
        words = spoken(f"{found.metric.title} = {period} for {period.sizes}")
    words = shortened(words, FORMULA, right - left, bold=True)
    items: list[Item] = [Text(left, top - 27, words, FORMULA, line.color, "start", bold=True)]
    value = found.at(found.start)
    x, y = _at(found.start, value, xs, ys, plot)
    said = f"{found.symbol} = {found.start:,}: {spoken(figure(value, found.metric))}"
    wide = text_width(said, NAME, bold=True)
    start = min(x, right - wide)
    # Above all of the curve that it stands over, which a line leads down to.
    over = [_at(*each, xs, ys, plot) for each in zip(line.xs, line.values, strict=True)]
    crest = min((py for px, py in over if start - 4 <= px <= start + wide + 8), default=y)
    base = max(min(crest, y) - 16, top + NAME)
    items.append(Curve((x, y), (((x, base + 3),),), Paint(None, theme.soft, 0.8)))
    items.append(Box(x - 4, y - 4, 8, 8, Paint(line.color, theme.background, 1.2), 4))
    items.append(Text(start, base, said, NAME, theme.ink, "start", bold=True))
    return [Group("present", ("label",), tuple(items), said)]


def _names(
    lines: Sequence[_Line], names: Sequence[str], ys: Linear, plot: Sequence[float]
) -> list[Item]:
    """Return the networks' names beside the ends of their curves, none on another."""
    _, top, right, bottom = plot
    ends = [bottom - (bottom - top) * ys.part(each.values[-1]) for each in lines]
    order = sorted(range(len(lines)), key=lambda n: (ends[n], n))
    gap, last, places = NAME + 3, top - NAME, {}
    for number in order:
        last = max(ends[number], last + gap)
        places[number] = last
    # What was pushed below the axis moves up again, the others with it.
    over = bottom
    for number in reversed(order):
        places[number] = min(places[number], over)
        over = places[number] - gap
    return [
        Group(
            f"name {each.found.net.name}",
            ("label",),
            (Text(right + 8, places[n] + 4, names[n], NAME, each.color, "start", bold=True),),
            str(each.found),
        )
        for n, each in enumerate(lines)
    ]
