"""The chart of layers: memory, parameters and MACs as bars, one network behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archgraph.graph import ArchGraph
from archgraph.metrics import Metric
from archgraph.units import exact_text, figure

from ..drawing import Box, Curve, Group, Item, Paint, Text
from ..dress.spoken import say, spoken
from ..look.colour import Colouring, families
from ..look.legend import HEIGHT as LEGEND
from ..look.theme import Theme
from ..pages import Page, Series
from ..sheet import HEADER, MARGIN, Sheet
from ..text.widths import ASCENT, shortened, text_width
from ..view import LEVELS
from .axis import Linear, linear, unit_of
from .plotted import bars_plot
from .series import METRICS, series

__all__ = ["layers_chart"]

LABEL, VALUE, NAME = 9.0, 9.0, 11.0
LEFT = 44.0
"""Room for the words of the y axis."""
BETWEEN = 26.0
"""Between two networks."""
STRIP = 17.0
"""Above a row's bars: the row's title, and each network's total."""
HEADROOM = 12.0
"""Above the highest tick: the figure of the highest bar."""
ROW_GAP = 9.0
THICK, NARROW = 0.74, 10.5
"""A bar's share of its place; a place is never narrower than this, in points."""
LOWEST = 72.0
"""How high a row is at least where the sheet may be higher, in points."""
OUT = 6.0
WIDEST = 150.0
LONGEST = 74.0
"""The longest word below a bar, in points."""

_TITLES = {"activation_bytes": "Activations", "params": "Parameters", "macs": "MACs"}


@dataclass(frozen=True, slots=True)
class _Segment:
    """The part of the x axis that belongs to a network."""

    series: Series
    left: float
    step: float

    @property
    def right(self) -> float:
        return self.left + self.step * len(self.series.bars)


def layers_chart(nets: Sequence[ArchGraph], sheet: Sheet) -> Page:
    """Return the chart; its y axes are the same for all networks."""
    (width, height), theme = sheet.extent, sheet.theme
    # Figures above the last bar may stand out a little.
    across = width - 2 * MARGIN - max(OUT - sheet.margin, 0.0) - LEFT - BETWEEN * (len(nets) - 1)
    found = series(nets, int(across / NARROW))
    segments = _segments(found, across)
    words = max(text_width(bar.label, LABEL) for each in found for bar in each.bars)
    upright = any(
        text_width(bar.label, LABEL) > each.step - 4
        for each in segments
        for bar in each.series.bars
    )
    below = min(words, LONGEST) + 6 if upright else LABEL + 8
    top = HEADER + 27
    if sheet.grows:
        height = max(height, top + LOWEST * len(METRICS) + below + LEGEND + MARGIN / 2)
        sheet = replace(sheet, size=(width, height))
    bottom = height - MARGIN / 2 - LEGEND - below
    row = (bottom - top - ROW_GAP * (len(METRICS) - 1)) / len(METRICS)
    names = say(" and ").join(each.title for each in found)
    title = names if len(found) < 4 else say("Layer by layer")
    notes = "\n".join(line for each in found for line in _noted(each))
    sheet = replace(sheet, title=title, subtitle=_subtitle(found), notes=notes)
    items: list[Item] = [sheet.header(), *_headings(segments, theme)]
    for index, name in enumerate(METRICS):
        at = top + index * (row + ROW_GAP)
        lowest = (below, upright) if name == METRICS[-1] else None
        items += _row(found[0].net.metric(name), segments, at, row, (MARGIN, width), theme, lowest)
    shown = families((bar.kind for each in found for bar in each.bars), theme)
    items.append(sheet.legend(Colouring({}, shown)))
    described = " ".join(map(_said, found))
    drawing = sheet.drawing(
        items, described, say("{title}: memory, parameters and MACs", title=title)
    )
    return Page(drawing, series=tuple(found))


def _subtitle(found: list[Series]) -> str:
    level = found[0].level
    words = [say(f"one bar for each {level}"), say("for one image")]
    if level != LEVELS[0]:
        words.append(say(f"pooling and ReLU are counted with the {level} before them"))
    return " · ".join(words)


def _segments(found: list[Series], across: float) -> list[_Segment]:
    count = sum(len(each.bars) for each in found)
    step = min(across / count, WIDEST)
    segments, left = [], MARGIN + LEFT
    for each in found:
        segments.append(_Segment(each, left, step))
        left = segments[-1].right + BETWEEN
    return segments


def _headings(segments: list[_Segment], theme: Theme) -> list[Group]:
    """Return the networks' names, each above its bars or further left, where it has more room."""
    names = [each.series.title for each in segments]
    lefts, free = [each.left for each in segments], segments[-1].right + OUT
    for place in reversed(range(len(names))):
        lefts[place] = min(lefts[place], free - text_width(names[place], NAME, bold=True))
        free = lefts[place] - BETWEEN / 2
    if lefts[0] < MARGIN:  # all of them together are too long
        lefts = [each.left for each in segments]
        ends = [*lefts[1:], segments[-1].right + OUT + BETWEEN / 2]
        names = [
            shortened(name, NAME, end - left - BETWEEN / 2, bold=True)
            for name, left, end in zip(names, lefts, ends, strict=True)
        ]
    base = HEADER + 17
    return [
        Group(
            f"network {each.series.net.name}",
            ("heading",),
            (Text(left, base, name, NAME, theme.ink, "start", bold=True),),
        )
        for each, name, left in zip(segments, names, lefts, strict=True)
    ]


def _row(
    metric: Metric,
    segments: list[_Segment],
    top: float,
    height: float,
    sides: tuple[float, float],
    theme: Theme,
    lowest: tuple[float, bool] | None,
) -> list[Item]:
    """Return a row: its axis with a light grid, and every network's bars and total.

    Below the ``lowest`` are the bars' names, with so much room, turned where there is little.
    """
    known = [
        value
        for each in segments
        for bar in each.series.bars
        if (value := bar.values[metric.name]) is not None
    ]
    unit, size = unit_of(metric, max(known, default=0.0))
    axis = linear(0.0, max(*known, size * 1e-9) if known else 1.0, size)
    floor, reach = top + height, height - STRIP - HEADROOM
    right = segments[-1].right
    title = ", ".join(filter(None, (say(_TITLES[metric.name]), unit)))
    items: list[Item] = []
    for value, words in axis.ticks:
        y = floor - reach * axis.part(value)
        grid = Paint(None, theme.frame_line if value else theme.line, 0.6 if value else 0.9)
        items.append(Curve((MARGIN + LEFT - 3, y), (((right, y),),), grid))
        items.append(Text(MARGIN + LEFT - 6, y + 3.2, words, LABEL, theme.soft, "end"))
    named: list[Item] = [Text(sides[0], top + 9, title, LABEL + 0.5, theme.ink, "start", bold=True)]
    after = sides[0] + text_width(title, LABEL + 0.5, bold=True) + 10
    scale = Group(f"axis {metric.name}", ("axis",), tuple(items), title)
    first = segments[0].series.net.total(metric.name)
    bars: list[Item] = []
    unknown: list[Item] = []
    plots = []
    for each in segments:
        bars += _bars(each, metric, axis, floor, reach, theme)
        unknown += _unknown(each, metric, floor, theme)
        if lowest is not None:
            bars += _labels(each, floor, lowest[1], theme)
        plots.append(
            bars_plot(
                each.series,
                (each.left, floor - reach, each.right - each.left, reach),
                axis,
                metric,
                (title, unit, size),
                theme,
                worded=each is segments[0],
                below=lowest,
            )
        )
        total = each.series.net.total(metric.name)
        bare = spoken(figure(total, metric))
        figures = [bare]
        if each is not segments[0] and first and total is not None:
            figures = [f"{bare} ({_times(total / first)})", bare]
        room = each.right - max(each.left, after if each is segments[0] else each.left)
        longer = say("total {figure}", figure=figures[0])
        wider = room + (BETWEEN - 6 if each is not segments[0] else 0)
        rooms = [(longer, room), *((shorter, wider) for shorter in figures)]
        said = next((text for text, free in rooms if text_width(text, VALUE) <= free), None)
        if said is not None:
            unknown.append(Text(each.right, top + 9, said, VALUE, theme.soft, "end"))
    whole = Group(f"plot {metric.name}", ("plot",), (scale, *bars), title, plots=tuple(plots))
    return [Group(f"heading {metric.name}", ("axis",), tuple(named), title), whole, *unknown]


def _times(ratio: float) -> str:
    return f"{ratio:.2g}×" if ratio < 99.5 else f"{ratio:.0f}×"


def _bars(
    segment: _Segment, metric: Metric, axis: Linear, floor: float, reach: float, theme: Theme
) -> list[Item]:
    items: list[Item] = []
    values = [bar.values[metric.name] for bar in segment.series.bars]
    highest = max((v for v in values if v is not None), default=None)
    for index, bar in enumerate(segment.series.bars):
        middle = segment.left + segment.step * (index + 0.5)
        value = values[index]
        said: list[Item] = []
        tall = reach * axis.part(value or 0.0)
        wide = segment.step * THICK
        tone = theme.tone(bar.kind)
        box = Box(middle - wide / 2, floor - tall, wide, tall, Paint(tone.fill, tone.stroke, 0.8))
        if value is not None and value == highest and value > 0:
            words = figure(value, metric).removesuffix(f" {metric.unit}")
            half = text_width(words, VALUE) / 2
            # It stays above its own network's bars.
            x = min(max(middle, segment.left + half - OUT), max(segment.right - half + OUT, middle))
            base, clear = floor - tall - 3, Paint(theme.background)
            said.append(Box(x - half - 1, base - VALUE * ASCENT, 2 * half + 2, VALUE, clear))
            said.append(Text(x, base, words, VALUE, theme.ink))
            highest = None
        name = f"{segment.series.net.name} {bar.label} {metric.name}"
        title = f"{segment.series.title}, {bar.label}: {exact_text(value)} {metric.unit}".strip()
        items.append(Group(name, ("bar", metric.name), (box, *said), title))
    return items


def _unknown(segment: _Segment, metric: Metric, floor: float, theme: Theme) -> list[Item]:
    """Return a mark where a figure is unknown."""
    return [
        Text(segment.left + segment.step * (index + 0.5), floor - 3, "?", VALUE, theme.ink)
        for index, bar in enumerate(segment.series.bars)
        if bar.values[metric.name] is None
    ]


def _labels(segment: _Segment, floor: float, upright: bool, theme: Theme) -> list[Item]:
    items: list[Item] = []
    for index, bar in enumerate(segment.series.bars):
        x = segment.left + segment.step * (index + 0.5)
        words = shortened(bar.label, LABEL, LONGEST)
        if upright:
            items.append(Text(x + 3.2, floor + 5, words, LABEL, theme.ink, "end", rotate=-90))
        else:
            items.append(Text(x, floor + LABEL + 3, words, LABEL, theme.ink))
    return [Group(f"labels {segment.series.net.name}", ("labels",), tuple(items))]


def _said(each: Series) -> str:
    """Return a network's main facts in words, for those who do not see the chart."""
    facts = []
    for name in METRICS:
        metric = each.net.metric(name)
        known = [bar for bar in each.bars if bar.values[name] is not None]
        value = spoken(figure(each.net.total(name), metric))
        title = _TITLES[name].lower()
        words = value if metric.unit == "MACs" else say(f"{{figure}} {title}", figure=value)
        if known:
            most = max(known, key=lambda bar: bar.values[metric.name] or 0).label
            words += say(", most in {name}", name=most)
        facts.append(words)
    return f"{each.title}: {'; '.join(facts)}."


def _noted(each: Series) -> list[str]:
    figures = (", ".join(exact_text(bar.values[n]) for n in METRICS) for bar in each.bars)
    return [
        f"{each.title}, by {each.level}: activations in bytes, parameters, MACs",
        *(f"{bar.label}: {words}" for bar, words in zip(each.bars, figures, strict=True)),
    ]
