"""The chart of accuracy: what papers report against MACs, circles as large as the parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.options import written
from archgraph.tables.comparison import single_error
from archgraph.units import count_text, exact_text

from ..captions import title_of
from ..drawing import Box, Curve, Group, Item, Paint, Point, Text
from ..dress.spoken import say
from ..look.theme import Theme
from ..pages import Page
from ..plots import Marks
from ..sheet import HEADER, MARGIN, Sheet
from ..text.widths import ASCENT, DESCENT, shortened, text_width
from .axis import Linear, Log, linear, log, ticked
from .circle_names import Circle, Label, Rect, placed
from .plotted import points_plot, scale_of

__all__ = ["accuracy_chart"]

LABEL, NAME = 9.0, 10.0
LEFT, BOTTOM = 40.0, 46.0
LARGEST = 36.0
"""Radius of the largest circle, in points."""
OPACITY = 0.8
SMALLEST = 3.0
ERRORS = {"top5_error": "top-5", "top1_error": "top-1"}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One network: where it stands, how large it is, and what its paper says."""

    net: ArchGraph
    title: str
    macs: float
    params: float
    accuracy: float
    setting: str


@dataclass(frozen=True, slots=True)
class _Sizes:
    """The legend of the circles' sizes, and the room that it takes."""

    group: Group
    rect: Rect


def accuracy_chart(nets: Sequence[ArchGraph], sheet: Sheet) -> Page:
    """Return the chart. A circle's area is proportional to the parameters.

    The error is the one, top-5 or top-1 on one set of images, that most of the papers report for
    a single network; networks without it are named below the chart. Raises DrawError where none
    has one.
    """
    errors = [single_error(net) for net in nets]
    kinds = [(key, error["data"]) for key in ERRORS for error in errors if key in error]
    if not kinds:
        names = ", ".join(f"'{net.name}'" for net in nets)
        raise DrawError(
            f"no error of a single network is known for {names}; use {written('chart', 'layers')}."
        )
    key, data = max(kinds, key=kinds.count)
    entries, left_out = _entries(nets, key, data)
    if not entries:
        names = ", ".join(left_out)
        raise DrawError(
            f"the cost of {names} is not known in full; use {written('chart', 'layers')}."
        )
    (width, height), theme = sheet.extent, sheet.theme
    plot = (MARGIN + LEFT, HEADER + 16.0, width - MARGIN, height - MARGIN / 2 - BOTTOM)
    if left_out:
        plot = (*plot[:3], plot[3] - 14)
    most = max(entry.params for entry in entries)
    share = LARGEST * min(1.0, min(width, height) / 540) / math.sqrt(most)
    xs = log(min(e.macs for e in entries), max(e.macs for e in entries))
    spread = max(e.accuracy for e in entries) - min(e.accuracy for e in entries)
    pad = max(0.22 * spread, 0.5)
    ys = linear(
        min(e.accuracy for e in entries) - pad,
        min(max(e.accuracy for e in entries) + pad, 100.0),
        wanted=5,
        tight=True,
    )
    rounds = _rounds(min(entry.params for entry in entries), most)
    for aside in (False, True):
        if aside:  # no corner is free: the legend gets a strip of its own
            strip = _sizes(rounds, share, (0.0, 0.0), theme).rect[2] + 16
            plot = (plot[0], plot[1], plot[2] - strip, plot[3])
        circles = [
            Circle(*_at(entry, xs, ys, plot), max(share * math.sqrt(entry.params), SMALLEST))
            for entry in entries
        ]
        sizes = _legend(rounds, share, circles, plot, theme)
        if sizes is not None:
            break
    else:
        sizes = _sizes(rounds, share, (plot[2] + 12, plot[1]), theme)
    labels = placed(circles, [entry.title for entry in entries], NAME, plot, taken=[sizes.rect])
    under = "single networks as their papers report them", "a circle's area is its parameters"
    subtitle = " · ".join(map(say, under))
    notes = "\n".join(f"{_said(entry, ERRORS[key])} {entry.setting}." for entry in entries)
    sheet = replace(sheet, title=say("Accuracy and cost"), subtitle=subtitle, notes=notes)
    items: list[Item] = [
        sheet.header(),
        _axes(xs, ys, plot, say(f"{ERRORS[key]} accuracy on {{data}}, %", data=data), theme),
        sizes.group,
    ]
    by_size = sorted(zip(entries, circles, labels, strict=True), key=lambda each: -each[1].radius)
    circled = tuple(_circle(entry, circle, theme) for entry, circle, _ in by_size)
    shown = points_plot(
        (plot[0], plot[1], plot[2] - plot[0], plot[3] - plot[1]),
        scale_of(xs, "MACs for one image"),
        replace(scale_of(ys, f"{ERRORS[key]} accuracy on {data}, %"), step=0.0),
        tuple(
            Marks(
                entry.title,
                (entry.accuracy,),
                (entry.title,),
                (float(entry.macs),),
                (theme.tones["conv"].fill,),
                (theme.tones["conv"].stroke,),
                (2 * circle.radius,),
                opacity=OPACITY,
            )
            for entry, circle, _ in by_size
        ),
        theme,
        "Accuracy and cost",
    )
    items.append(Group("plot", ("plot",), circled, "Accuracy and cost", plots=(shown,)))
    items += [_label(entry, circle, label, theme) for entry, circle, label in by_size]
    if left_out:
        told = f"Not shown, no {ERRORS[key]} error of a single network on {{data}} is published: "
        words = say(told, data=data) + ", ".join(left_out)
        words = shortened(words, LABEL, width - 2 * MARGIN)
        items.append(Text(MARGIN, height - MARGIN / 2, words, LABEL, theme.soft, "start"))
    described = " ".join(_said(entry, ERRORS[key]) for entry in entries)
    title = say(f"{ERRORS[key].capitalize()} accuracy against MACs")
    return Page(sheet.drawing(items, described, title))


def _entries(nets: Sequence[ArchGraph], key: str, data: str) -> tuple[list[_Entry], list[str]]:
    entries, left_out = [], []
    for net in nets:
        error = single_error(net)
        macs, params = net.total("macs"), net.total("params")
        title = title_of(net)
        if key not in error or error["data"] != data or not macs or not params:
            left_out.append(title)
            continue
        setting = f"{error['data']}, {error['setting']}"
        entries.append(_Entry(net, title, macs, params, 100.0 - error[key], setting))
    return entries, left_out


def _at(entry: _Entry, xs: Log, ys: Linear, plot: Rect) -> tuple[float, float]:
    left, top, right, bottom = plot
    x = left + (right - left) * xs.part(entry.macs)
    return x, bottom - (bottom - top) * ys.part(entry.accuracy)


def _axes(xs: Log, ys: Linear, plot: Rect, title: str, theme: Theme) -> Group:
    left, top, right, bottom = plot
    items = ticked(xs, ys, plot, theme)
    middle = (left + right) / 2
    items.append(Text(middle, bottom + 30, say("MACs for one image"), NAME, theme.ink, bold=True))
    items.append(
        Text(MARGIN + 6, (top + bottom) / 2, title, NAME, theme.ink, bold=True, rotate=-90)
    )
    return Group(
        "axes", ("axis",), tuple(items), say("MACs for one image against {title}", title=title)
    )


def _rounds(least: float, most: float) -> list[float]:
    """Return up to three round numbers between these, or the greatest below ``most``."""
    power = 10.0 ** math.floor(math.log10(most))
    rounds = [factor * power * 10.0**-down for down in range(4) for factor in (5, 2, 1)]
    below = [value for value in rounds if value <= most]
    found = [value for value in below if value >= least] or below[:1]
    return list(dict.fromkeys((found[0], found[len(found) // 2], found[-1])))


def _sizes(rounds: Sequence[float], share: float, corner: Point, theme: Theme) -> _Sizes:
    """Return nested circles for round numbers of parameters, from their top left corner."""
    left, top = corner
    names = [count_text(value).replace(".00", "").replace(".0", "") for value in rounds]
    radius = share * math.sqrt(rounds[0])
    items: list[Item] = [
        Text(left, top + LABEL, say("parameters"), LABEL, theme.soft, "start", bold=True)
    ]
    middle, out = left + radius, left + 2 * radius
    floor = top + LABEL + 8 + 2 * radius
    line = Paint(None, theme.soft, 0.6)
    at = top + LABEL - 4
    ring = Paint(None, theme.soft, 0.8)
    for value, name in zip(rounds, names, strict=True):
        inner = share * math.sqrt(value)
        crest = floor - 2 * inner
        at = max(crest, at + LABEL + 3)  # names never touch
        items.append(Box(middle - inner, crest, 2 * inner, 2 * inner, ring, inner))
        items.append(Curve((middle, crest), (((out + 4, crest),), ((out + 10, at),)), line))
        items.append(Text(out + 13, at + 3.2, name, LABEL, theme.soft, "start"))
    right = max(
        out + 13 + max(text_width(name, LABEL) for name in names),
        left + text_width(say("parameters"), LABEL, bold=True),
    )
    group = Group("sizes", ("legend",), tuple(items), say("Circles as large as these parameters"))
    return _Sizes(group, (left, top, right, max(floor, at + 4)))


def _legend(
    rounds: Sequence[float], share: float, circles: Sequence[Circle], plot: Rect, theme: Theme
) -> _Sizes | None:
    """Return the circles' legend in a corner of the plot that is free; None where none is."""
    left, top, right, bottom = plot
    measured = _sizes(rounds, share, (0.0, 0.0), theme)
    wide, high = measured.rect[2], measured.rect[3]
    for x in (right - wide - 4, left + 12):
        for y in (bottom - high - 10, top + 4):
            rect = (x - 6, y - 6, x + wide + 6, y + high + 6)
            if all(circle.gap(rect) >= 0 for circle in circles):
                return _sizes(rounds, share, (x, y), theme)
    return None


def _circle(entry: _Entry, circle: Circle, theme: Theme) -> Group:
    tone, radius = theme.tones["conv"], circle.radius
    paint = Paint(tone.fill, tone.stroke, 1.0, opacity=OPACITY)
    disc = Box(circle.x - radius, circle.y - radius, 2 * radius, 2 * radius, paint, radius)
    title = (
        f"{entry.title}\n{say('{percent} % accuracy', percent=f'{entry.accuracy:g}')}\n"
        f"{say('{count} MACs', count=exact_text(int(entry.macs)))}\n"
        f"{say('{count} parameters', count=exact_text(int(entry.params)))}\n{entry.setting}"
    )
    return Group(entry.net.name, ("point",), (disc,), title)


def _label(entry: _Entry, circle: Circle, label: Label, theme: Theme) -> Group:
    items: list[Item] = [Text(label.x, label.y, entry.title, NAME, theme.ink, "start", bold=True)]
    wide = text_width(entry.title, NAME, bold=True)
    rect = (label.x, label.y - NAME * ASCENT, label.x + wide, label.y + NAME * DESCENT)
    if circle.gap(rect) >= 0:  # no line of the grid strikes a name through
        paint = Paint(theme.background)
        items.insert(0, Box(rect[0] - 1, rect[1], wide + 2, rect[3] - rect[1], paint))
    if label.leader is not None:
        start, end = label.leader
        items.insert(0, Curve(start, ((end,),), Paint(None, theme.soft, 0.7)))
    return Group(f"label {entry.net.name}", ("label",), tuple(items))


def _said(entry: _Entry, kind: str) -> str:
    return say(
        f"{{title}}: {{percent}} % {kind} accuracy, {{macs}} MACs, {{params}} parameters.",
        title=entry.title,
        percent=f"{entry.accuracy:g}",
        macs=count_text(entry.macs),
        params=count_text(entry.params),
    )
