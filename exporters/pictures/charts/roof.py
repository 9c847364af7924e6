"""The roofline chart: what each operator attains against its intensity, under a device's roof."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from archgraph.answers.speed import Roofline
from archgraph.answers.speed.roofline_table import device_line
from archgraph.answers.speed.times import METRIC
from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.units import count_text, seconds_text

from ..captions import title_of
from ..choices import RooflineChoices
from ..drawing import Box, Curve, Group, Item, Paint, Point, Text
from ..dress.spoken import say, spoken
from ..look.colour import Colouring, families
from ..look.legend import HEIGHT as LEGEND
from ..look.theme import Theme
from ..pages import Page
from ..plots import Marks
from ..self_showing import Picture
from ..sheet import HEADER, MARGIN, Sheet
from ..text.widths import ASCENT, DESCENT, text_width
from .axis import Log, log, ticked
from .chart_file import delivered, in_the_dark
from .circle_names import Circle, Label, Rect, placed
from .plotted import points_plot, scale_of
from .roof_dots import NAME, Dot, estimated_dots, measured_dots, said_of

__all__ = ["roofline_chart", "roofline_page"]

SIZE = (960.0, 540.0)
LABEL = 9.0
LEFT, BOTTOM = 46.0, 44.0
OPACITY = 0.85
GIGA = 1e9
LARGEST, SMALLEST = 36.0, 2.5
"""Radius of a dot that takes all the time, and of the smallest, in points."""
NAMED, FEWER = 7, 4
"""How many dots bear their names, and how many on a narrow sheet."""
NARROW = 420.0
"""How wide such a sheet is at most where its height is free, in points."""
ABOVE = 2.5
"""How many times as much as the roof its highest figure is there, so that names have room."""
STEP = 6.0
"""Between two places of a line that names keep off."""


def roofline_chart(
    found: Roofline, path: str | Path | None = None, **options: Any
) -> Path | Picture:
    """Draw the roofline of a network into a file whose suffix says the format; return the path.

    A dot is an operator, a block or a stage, at what it attains at most; or an operator, or several
    that ran as one, at what was measured. ``options`` are the fields of ``RooflineChoices``.
    Raises DrawError where nothing can be shown, or UnknownNameError for an option that there is
    not.
    """
    if not isinstance(found, Roofline):
        kind, net = type(found).__name__, repr(found) if isinstance(found, str) else "net"
        raise DrawError(
            f"a roofline chart takes what roofline() returns, and no {kind}; write "
            f"roofline_chart(roofline({net}, 'A100'))."
        )
    choices = RooflineChoices.of(options)
    dark = in_the_dark(choices, options)
    return delivered(
        lambda choices: _page(found.net, found, found.by, choices), choices, path, dark
    )


def roofline_page(net: ArchGraph, found: Roofline, *, by: str = "layer", **options: Any) -> Page:
    """Return the page of a roofline chart."""
    choices = RooflineChoices.of(options)
    with choices.worn():
        return _page(net, found, by, choices)


def _page(net: ArchGraph, found: Roofline, by: str, choices: RooflineChoices) -> Page:
    if choices.measured and by != "layer":
        raise DrawError("what was measured is shown layer by layer.")
    sheet = Sheet.of(choices)
    if sheet.size is None:
        sheet = replace(sheet, size=SIZE)
    dots = measured_dots(net, found) if choices.measured else estimated_dots(net, found, by)
    roofs = _roofs(found)
    if not dots or not roofs:
        raise DrawError(
            f"no operator of '{net.name}' has FLOPs, bytes and a rate on {found.where} that are "
            "known, so there is no roofline to draw."
        )
    sheet = replace(
        sheet,
        title=_title(net, found, measured=choices.measured),
        subtitle=_subtitle(net, found, dots, measured=choices.measured),
        notes="\n".join(
            (device_line(found), *map(said_of, sorted(dots, key=lambda dot: -dot.seconds)))
        ),
    )
    whole = sum(dot.seconds for dot in dots) if choices.measured else found.seconds
    (width, height), theme = sheet.extent, sheet.theme
    plot = (MARGIN + LEFT, HEADER + 12, width - MARGIN, height - MARGIN / 2 - LEGEND - BOTTOM)
    narrow = sheet.grows and width < NARROW
    xs, ys = _axes_of(dots, roofs, found.device.bandwidth, ABOVE if narrow else 1.0)
    scale = LARGEST * min(1.0, min(width, height) / 540)
    circles = [
        Circle(
            *_at(dot.intensity, dot.rate, xs, ys, plot),
            max(scale * math.sqrt(dot.seconds / whole), SMALLEST),
        )
        for dot in dots
    ]
    named = sorted(range(len(dots)), key=lambda i: -dots[i].seconds)[: FEWER if narrow else NAMED]
    lines, taken = _lines(
        roofs,
        found.device.bandwidth,
        _sides(found, dots, roofs, measured=choices.measured),
        (xs, ys),
        plot,
        circles,
        theme,
        max(circle.radius for circle in circles) if narrow else 0.0,
    )
    others = [circle for i, circle in enumerate(circles) if i not in named]
    blocked = [(c.x - c.radius, c.y - c.radius, c.x + c.radius, c.y + c.radius) for c in others]
    labels = placed(
        [circles[i] for i in named],
        [dots[i].label for i in named],
        NAME,
        plot,
        taken=[*taken, *blocked],
    )
    items: list[Item] = [
        sheet.header(),
        _axes(xs, ys, plot, theme, "attained FLOP/s" if choices.measured else "attainable FLOP/s"),
    ]
    order = sorted(range(len(dots)), key=lambda i: -circles[i].radius)
    drawn = tuple(_dot(dots[i], circles[i], theme) for i in order)
    roof, *words = lines
    word = "attained" if choices.measured else "attainable"
    data = points_plot(
        (plot[0], plot[1], plot[2] - plot[0], plot[3] - plot[1]),
        scale_of(xs, "arithmetic intensity, FLOP/B"),
        scale_of(ys, f"{word} GFLOP/s", GIGA),
        (
            *_roof_marks(roofs, found.device.bandwidth, xs, ys, theme),
            Marks(
                title_of(net),
                tuple(dots[i].rate / GIGA for i in order),
                tuple(dots[i].names[0] for i in order),
                tuple(float(dots[i].intensity) for i in order),
                tuple(theme.tone(dots[i].kind).fill for i in order),
                tuple(theme.tone(dots[i].kind).stroke for i in order),
                tuple(2 * circles[i].radius for i in order),
                opacity=OPACITY,
            ),
        ),
        theme,
        "Roofline",
    )
    items.append(Group("plot", ("plot",), (roof, *drawn), "Roofline", plots=(data,)))
    items += words
    items += [
        _label(dots[i], circles[i], label, theme) for i, label in zip(named, labels, strict=True)
    ]
    items.append(sheet.legend(Colouring({}, families((dot.kind for dot in dots), theme))))
    described = " ".join(said_of(dots[i]) for i in named)
    title = say("Roofline of {name} on {device}", name=title_of(net), device=found.where)
    return Page(sheet.drawing(items, described, title))


def _roofs(found: Roofline) -> dict[str, float]:
    """Return the peak rates that the network runs under, by type of numbers."""
    kinds = [found.kind] if found.kind else found.types
    rates = found.device.flops
    return {kind: rates[kind] for kind in kinds if kind in rates}


def _rest(found: Roofline, dots: Sequence[Dot]) -> str:
    """Return how much of the time is spent on what computes nothing, such as a join."""
    rest = 1 - sum(dot.seconds for dot in dots) / found.seconds
    part = f"{100 * rest:.1f}"
    return f"{say('{part} % only moves data', part=part)} · " if rest > 0.0005 else ""


def _axes_of(
    dots: Sequence[Dot], roofs: dict[str, float], bandwidth: float, above: float
) -> tuple[Log, Log]:
    ridges = [peak / bandwidth for peak in roofs.values()]
    intensities = [dot.intensity for dot in dots]
    xs = log(min(*intensities, *ridges) / 1.5, max(*intensities, *ridges) * 4)
    rates = [dot.rate for dot in dots]
    return xs, log(min(rates), max(*rates, *roofs.values()) * 1.3 * above)


def _at(x: float, y: float, xs: Log, ys: Log, plot: Rect) -> tuple[float, float]:
    left, top, right, bottom = plot
    return left + (right - left) * xs.part(x), bottom - (bottom - top) * ys.part(y)


def _axes(xs: Log, ys: Log, plot: Rect, theme: Theme, word: str) -> Group:
    left, top, right, bottom = plot
    items = ticked(xs, ys, plot, theme)
    across, up = say("arithmetic intensity, FLOP/B"), say(word)
    items.append(Text((left + right) / 2, bottom + 30, across, 10.0, theme.ink, bold=True))
    middle = (top + bottom) / 2
    items.append(Text(MARGIN + 6, middle, up, 10.0, theme.ink, bold=True, rotate=-90))
    return Group(
        "axes", ("axis",), tuple(items), say("{one} against {other}", one=up, other=across)
    )


def _lines(
    roofs: dict[str, float],
    bandwidth: float,
    sides: tuple[str, str],
    axes: tuple[Log, Log],
    plot: Rect,
    circles: Sequence[Circle],
    theme: Theme,
    lift: float,
) -> tuple[list[Item], list[Rect]]:
    """Return the roofs, their figures and what is said at their ``sides``, and the room taken.

    The figures stand ``lift`` points higher than right above their roofs, clear of the dots.
    """
    left, _, right, bottom = plot
    xs, ys = axes
    paint, thin = Paint(None, theme.line, 1.6), Paint(None, theme.line, 0.8, (3.0, 3.0))
    items: list[Item] = []
    taken: list[Rect] = []
    highest = max(roofs.values())
    start = max(xs.low, ys.low / bandwidth)
    slope = [_at(x, x * bandwidth, xs, ys, plot) for x in (start, highest / bandwidth)]
    parts: list[Item] = [Curve(slope[0], ((slope[1],),), paint)]
    said: list[Item] = []
    for kind, peak in roofs.items():
        ridge, y = _at(peak / bandwidth, peak, xs, ys, plot)
        parts.append(Curve((ridge, y), (((right, y),),), paint))
        parts.append(Curve((ridge, y), (((ridge, bottom),),), thin))
        words = f"{count_text(peak)}FLOP/s {kind}"
        taken.append(_put(said, words, right, y - 5 - lift, "end", theme))
        taken += _along((ridge, y), (right, y))
    if len(roofs) == 1:
        ridge, _ = _at(highest / bandwidth, highest, xs, ys, plot)
        for side, away, anchor in ((sides[0], -6, "end"), (sides[1], 6, "start")):
            room = (ridge - left if away < 0 else right - ridge) - 8
            words = say("{part} of the time", part=side)
            words = words if text_width(words, LABEL, bold=True) <= room else side
            if text_width(words, LABEL, bold=True) <= room:
                taken.append(_put(said, words, ridge + away, bottom - 7, anchor, theme))
    taken += _along(*slope)
    items.append(Group("roof", ("roof",), tuple(parts), say("What the device can do at most")))
    items += said
    words = f"{count_text(bandwidth)}B/s"
    (x1, y1), (x2, y2) = slope
    angle = math.atan2(y2 - y1, x2 - x1)
    half = text_width(words, LABEL, bold=True) / 2 + 2
    found = []
    for part in (0.2, 0.35, 0.5, 0.65, 0.8):  # on the outer side, where most is free
        x = x1 + part * (x2 - x1) + 7 * math.sin(angle)
        y = y1 + part * (y2 - y1) - 7 * math.cos(angle)
        rect = (x - half, y - half, x + half, y + half)
        found.append((min([circle.gap(rect) for circle in circles] + [2.0]), -part, x, y, rect))
    _, _, x, y, rect = max(found)
    turned = math.degrees(angle)
    items.append(Text(x, y, words, LABEL, theme.ink, bold=True, rotate=turned))
    taken.append(rect)
    return items, taken


def _title(net: ArchGraph, found: Roofline, *, measured: bool) -> str:
    """Return what is shown, an estimate or what was measured; nobody takes one for the other."""
    if measured:
        words = "{name}, measured, under the roof of {device}"
        return say(words, name=title_of(net), device=found.where)
    return say("{name} on {device}, estimated", name=title_of(net), device=found.where)


def _subtitle(net: ArchGraph, found: Roofline, dots: Sequence[Dot], *, measured: bool) -> str:
    count = f"{found.batch:,}"
    batch = say("batch {count}", count=count) if net.batched else say("fixed batch")
    roof, area = spoken(device_line(found, source=False)), say("a dot's area is its time")
    if measured:
        total = seconds_text(sum(dot.seconds for dot in dots))
        said = net.metric(METRIC).title
        batch = "" if batch in said else f"{batch} · "
        total = say("{figure} in all", figure=total)
        return f"{said} · {batch}{total} · {area} · {roof}"
    least = "≥ " if found.unknown else ""
    total = say("{figure} in all", figure=f"{least}{seconds_text(found.seconds)}")
    return f"{batch} · {total} · {area} · {_rest(found, dots)}{roof}"


def _sides(
    found: Roofline, dots: Sequence[Dot], roofs: dict[str, float], *, measured: bool
) -> tuple[str, str]:
    """Return how much of the time is spent on each side of the ridge."""
    if measured:
        ridge = max(roofs.values()) / found.device.bandwidth
        whole = sum(dot.seconds for dot in dots)
        left = 100 * sum(dot.seconds for dot in dots if dot.intensity < ridge) / whole
        below = say("below the ridge: {part} %", part=f"{left:.1f}")
        return below, say("above: {part} %", part=f"{100 - left:.1f}")
    words = []
    for side in ("memory", "compute"):
        part = sum(each.seconds or 0.0 for each in found.nodes.values() if each.bound == side)
        share = f"{100 * part / found.seconds:.1f}"
        words.append(say(f"bound by {side}: {{part}} %", part=share))
    return words[0], words[1]


def _roof_marks(
    roofs: dict[str, float], bandwidth: float, xs: Log, ys: Log, theme: Theme
) -> Iterator[Marks]:
    """Yield what a device can do at most, and where it is bound by memory no more, as data."""
    begin = max(xs.low, ys.low / bandwidth)
    for kind, peak in roofs.items():
        ridge = peak / bandwidth
        xs_of, rates = (begin, ridge, xs.high), (begin * bandwidth, peak, peak)
        heights = tuple(rate / GIGA for rate in rates)
        yield Marks(f"roof, {kind}", heights, xs=xs_of, strokes=(theme.line,), width=1.6)
        yield Marks(
            f"ridge, {kind}",
            (peak / GIGA, ys.low / GIGA),
            xs=(ridge, ridge),
            strokes=(theme.line,),
            width=0.8,
            dash=(3.0, 3.0),
        )


def _along(start: Point, end: Point) -> list[Rect]:
    """Return the room that a line takes, in small steps."""
    steps = max(int(math.hypot(end[0] - start[0], end[1] - start[1]) / STEP), 1)
    found = []
    for step in range(steps + 1):
        x = start[0] + (end[0] - start[0]) * step / steps
        y = start[1] + (end[1] - start[1]) * step / steps
        found.append((x - 1.5, y - 1.5, x + 1.5, y + 1.5))
    return found


def _put(items: list[Item], words: str, x: float, y: float, anchor: Any, theme: Theme) -> Rect:
    wide = text_width(words, LABEL, bold=True)
    left = x - wide if anchor == "end" else x
    items.append(Text(x, y, words, LABEL, theme.ink, anchor, bold=True))
    return left, y - LABEL * ASCENT, left + wide, y + LABEL * DESCENT


def _dot(dot: Dot, circle: Circle, theme: Theme) -> Group:
    tone, radius = theme.tone(dot.kind), circle.radius
    paint = Paint(tone.fill, tone.stroke, 1.0, opacity=OPACITY)
    disc = Box(circle.x - radius, circle.y - radius, 2 * radius, 2 * radius, paint, radius)
    names = "\n".join(dot.names[:20]) + ("\n…" if len(dot.names) > 20 else "")
    return Group(f"dot {dot.names[0]}", ("point", dot.kind), (disc,), f"{said_of(dot)}\n{names}")


def _label(dot: Dot, circle: Circle, label: Label, theme: Theme) -> Group:
    items: list[Item] = [Text(label.x, label.y, dot.label, NAME, theme.ink, "start", bold=True)]
    wide = text_width(dot.label, NAME, bold=True)
    rect = (label.x, label.y - NAME * ASCENT, label.x + wide, label.y + NAME * DESCENT)
    if circle.gap(rect) >= 0:  # no line of the grid strikes a name through
        ground = Paint(theme.background, opacity=0.85)
        items.insert(0, Box(rect[0] - 1, rect[1], wide + 2, rect[3] - rect[1], ground))
    if label.leader is not None:
        begin, end = label.leader
        items.insert(0, Curve(begin, ((end,),), Paint(None, theme.soft, 0.7)))
    return Group(f"label {dot.names[0]}", ("label",), tuple(items))
