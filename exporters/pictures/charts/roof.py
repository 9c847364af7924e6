"""The roofline chart: what each operator attains against its intensity, under a device's roof."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archgraph.errors import DrawError
from archgraph.files import write_bytes
from archgraph.graph import ArchGraph
from archgraph.speed import NodeTime, Roofline
from archgraph.speed.roofline_table import device_line
from archgraph.tables.grouping import groups_of
from archgraph.tables.operator_text import operator_text
from archgraph.units import count_text, seconds_text

from ..captions import title_of
from ..choices import RooflineChoices
from ..draw import writer_of
from ..drawing import Box, Curve, Group, Item, Paint, Point, Text
from ..look.colour import Colouring, families
from ..look.legend import HEIGHT as LEGEND
from ..look.theme import FAMILY_WORDS, Theme
from ..pages import Page
from ..sheet import HEADER, MARGIN, Sheet
from ..text.widths import ASCENT, DESCENT, shortened, text_width
from .axis import Log, log
from .circle_names import Circle, Label, Rect, placed

__all__ = ["roofline_chart", "roofline_page"]

SIZE = (960.0, 540.0)
LABEL, NAME = 9.0, 9.5
LEFT, BOTTOM = 46.0, 44.0
LARGEST, SMALLEST = 36.0, 2.5
"""Radius of a dot that takes all the time, and of the smallest, in points."""
NAMED = 7
"""How many dots bear their names."""
LONGEST = 190.0
STEP = 6.0
"""Between two places of a line that names keep off."""
ALIKE = 50
"""Operators of one family whose intensities share one of so many steps of a decade are one dot."""


@dataclass(frozen=True, slots=True)
class Dot:
    """Operators that stand at one place: what they are called, do together and take in seconds."""

    kind: str
    label: str
    names: tuple[str, ...]
    flops: int
    bytes: int
    seconds: float

    @property
    def intensity(self) -> float:
        """FLOPs for each byte."""
        return self.flops / self.bytes

    @property
    def rate(self) -> float:
        """FLOPs in a second."""
        return self.flops / self.seconds


def roofline_chart(
    net: ArchGraph, found: Roofline, path: str | Path, *, by: str = "layer", **options: Any
) -> Path:
    """Draw the roofline of a network into a file whose suffix says the format; return the path.

    A dot is an operator, a block or a stage. ``options`` are the fields of ``RooflineChoices``.
    Raises DrawError where nothing can be shown, or UnknownNameError for an option that there is
    not.
    """
    page = roofline_page(net, found, by=by, **options)
    suffix = Path(path).suffix.lstrip(".").lower()
    writer = writer_of(suffix)
    if writer.takes not in ("page", "pages"):
        raise DrawError(f"a .{suffix} file holds no chart; use .svg, .pdf, .png or .pptx.")
    return write_bytes(path, writer.write([page]))


def roofline_page(net: ArchGraph, found: Roofline, *, by: str = "layer", **options: Any) -> Page:
    """Return the page of a roofline chart."""
    sheet = Sheet.of(RooflineChoices.of(options))
    if sheet.size is None:
        sheet = replace(sheet, size=SIZE)
    dots = _dots(net, found, by)
    roofs = _roofs(found)
    if not dots or not roofs:
        raise DrawError(
            f"no operator of '{net.name}' has FLOPs, bytes and a rate on {found.where} that are "
            "known, so there is no roofline to draw."
        )
    batch = f"batch {found.batch:,}" if net.batched else "fixed batch"
    least = "≥ " if found.unknown else ""
    sheet = replace(
        sheet,
        title=f"{title_of(net)} on {found.where}, estimated",
        subtitle=f"{batch} · {least}{seconds_text(found.seconds)} in all · a dot's area is its "
        f"time · {_rest(found, dots)}{device_line(found, source=False)}",
        notes="\n".join(
            (device_line(found), *map(_said, sorted(dots, key=lambda dot: -dot.seconds)))
        ),
    )
    (width, height), theme = sheet.extent, sheet.theme
    plot = (MARGIN + LEFT, HEADER + 12, width - MARGIN, height - MARGIN / 2 - LEGEND - BOTTOM)
    xs, ys = _axes_of(dots, roofs, found.device.bandwidth)
    scale = LARGEST * min(1.0, min(width, height) / 540)
    circles = [
        Circle(
            *_at(dot.intensity, dot.rate, xs, ys, plot),
            max(scale * math.sqrt(dot.seconds / found.seconds), SMALLEST),
        )
        for dot in dots
    ]
    named = sorted(range(len(dots)), key=lambda i: -dots[i].seconds)[:NAMED]
    lines, taken = _lines(
        roofs, found.device.bandwidth, _sides(found), (xs, ys), plot, circles, theme
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
    items: list[Item] = [sheet.header(), _axes(xs, ys, plot, theme), *lines]
    order = sorted(range(len(dots)), key=lambda i: -circles[i].radius)
    items += [_dot(dots[i], circles[i], theme) for i in order]
    items += [
        _label(dots[i], circles[i], label, theme) for i, label in zip(named, labels, strict=True)
    ]
    items.append(sheet.legend(Colouring({}, families((dot.kind for dot in dots), theme))))
    described = " ".join(_said(dots[i]) for i in named)
    return Page(sheet.drawing(items, described, f"Roofline of {title_of(net)} on {found.where}"))


def _dots(net: ArchGraph, found: Roofline, by: str) -> list[Dot]:
    """Return what can be shown: operators that compute, alike ones as one; or each group."""
    if by == "layer":
        rows: dict[tuple[object, ...], list[NodeTime]] = {}
        for name, each in found.nodes.items():
            if each.seconds and each.flops and each.bytes:
                step = round(ALIKE * math.log10(each.flops / each.bytes))
                key = (net.op(name).family, each.peak, step)
                rows.setdefault(key, []).append(each)
        return [_together(net, each, _called(net, each)) for each in rows.values()]
    dots = []
    for group in groups_of(net, by, list(found.nodes)):
        nodes = [found.nodes[name] for name in group.nodes if found.nodes[name].seconds]
        if nodes and any(node.flops for node in nodes):
            dots.append(_together(net, nodes, group.label))
    return dots


def _called(net: ArchGraph, nodes: Sequence[NodeTime]) -> str:
    """Return what operators at one place are called: the name of one, the kind of several."""
    if len(nodes) == 1:
        parts = nodes[0].name.split(".")
        start = len(parts) - 1
        while start and (parts[start].isdecimal() or start == len(parts) - 1):
            start -= 1
        return ".".join(parts[start:])
    kinds = {operator_text(net.op(node.name)) for node in nodes}
    family = net.op(nodes[0].name).family
    kind = kinds.pop() if len(kinds) == 1 else FAMILY_WORDS.get(family, family)
    return f"{len(nodes)} × {kind}"


def _together(net: ArchGraph, nodes: Sequence[NodeTime], label: str) -> Dot:
    longest = max(nodes, key=lambda node: node.seconds or 0.0)
    return Dot(
        net.op(longest.name).family,
        shortened(label, NAME, LONGEST, bold=True),
        tuple(node.name for node in nodes),
        sum(node.flops or 0 for node in nodes),
        sum(node.bytes or 0 for node in nodes),
        sum(node.seconds or 0.0 for node in nodes),
    )


def _roofs(found: Roofline) -> dict[str, float]:
    """Return the peak rates that the network runs under, by type of numbers."""
    kinds = [found.kind] if found.kind else found.types
    rates = found.device.flops
    return {kind: rates[kind] for kind in kinds if kind in rates}


def _rest(found: Roofline, dots: Sequence[Dot]) -> str:
    """Return how much of the time is spent on what computes nothing, such as a join."""
    rest = 1 - sum(dot.seconds for dot in dots) / found.seconds
    return f"{100 * rest:.1f} % only moves data · " if rest > 0.0005 else ""


def _axes_of(dots: Sequence[Dot], roofs: dict[str, float], bandwidth: float) -> tuple[Log, Log]:
    ridges = [peak / bandwidth for peak in roofs.values()]
    intensities = [dot.intensity for dot in dots]
    xs = log(min(*intensities, *ridges) / 1.5, max(*intensities, *ridges) * 1.5)
    rates = [dot.rate for dot in dots]
    return xs, log(min(rates), max(*rates, *roofs.values()) * 1.3)


def _at(x: float, y: float, xs: Log, ys: Log, plot: Rect) -> tuple[float, float]:
    left, top, right, bottom = plot
    return left + (right - left) * xs.part(x), bottom - (bottom - top) * ys.part(y)


def _axes(xs: Log, ys: Log, plot: Rect, theme: Theme) -> Group:
    left, top, right, bottom = plot
    grid, line = Paint(None, theme.frame_line, 0.6), Paint(None, theme.line, 0.9)
    items: list[Item] = []
    for value, words in ys.ticks:
        y = bottom - (bottom - top) * ys.part(value)
        items.append(Curve((left, y), (((right, y),),), grid))
        items.append(Text(left - 6, y + 3.2, words, LABEL, theme.soft, "end"))
    for value, words in xs.ticks:
        x = left + (right - left) * xs.part(value)
        items.append(Curve((x, bottom), (((x, bottom + 4),),), line))
        items.append(Text(x, bottom + 15, words, LABEL, theme.soft))
    items.append(Curve((left, bottom), (((right, bottom),),), line))
    across, up = "arithmetic intensity, FLOP/B", "attainable FLOP/s"
    items.append(Text((left + right) / 2, bottom + 30, across, 10.0, theme.ink, bold=True))
    middle = (top + bottom) / 2
    items.append(Text(MARGIN + 6, middle, up, 10.0, theme.ink, bold=True, rotate=-90))
    return Group("axes", ("axis",), tuple(items), f"{up} against {across}")


def _lines(
    roofs: dict[str, float],
    bandwidth: float,
    sides: tuple[str, str],
    axes: tuple[Log, Log],
    plot: Rect,
    circles: Sequence[Circle],
    theme: Theme,
) -> tuple[list[Item], list[Rect]]:
    """Return the roofs, their figures and what is said at their ``sides``, and the room taken."""
    left, _, right, bottom = plot
    xs, ys = axes
    paint, thin = Paint(None, theme.line, 1.6), Paint(None, theme.line, 0.8, (3.0, 3.0))
    items: list[Item] = []
    taken: list[Rect] = []
    highest = max(roofs.values())
    start = max(xs.low, ys.low / bandwidth)
    slope = [_at(x, x * bandwidth, xs, ys, plot) for x in (start, highest / bandwidth)]
    parts: list[Item] = [Curve(slope[0], ((slope[1],),), paint)]
    for kind, peak in roofs.items():
        ridge, y = _at(peak / bandwidth, peak, xs, ys, plot)
        parts.append(Curve((ridge, y), (((right, y),),), paint))
        parts.append(Curve((ridge, y), (((ridge, bottom),),), thin))
        words = f"{count_text(peak)}FLOP/s {kind}"
        taken.append(_put(parts, words, right, y - 5, "end", theme))
        taken += _along((ridge, y), (right, y))
    if len(roofs) == 1:
        ridge, _ = _at(highest / bandwidth, highest, xs, ys, plot)
        for side, away, anchor in ((sides[0], -6, "end"), (sides[1], 6, "start")):
            room = (ridge - left if away < 0 else right - ridge) - 8
            words = f"{side} of the time"
            words = words if text_width(words, LABEL, bold=True) <= room else side
            if text_width(words, LABEL, bold=True) <= room:
                taken.append(_put(parts, words, ridge + away, bottom - 7, anchor, theme))
    taken += _along(*slope)
    items.append(Group("roof", ("roof",), tuple(parts), "What the device can do at most"))
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


def _sides(found: Roofline) -> tuple[str, str]:
    """Return how much of the time memory and arithmetic bound."""
    words = []
    for side in ("memory", "compute"):
        part = sum(each.seconds or 0.0 for each in found.nodes.values() if each.bound == side)
        words.append(f"bound by {side}: {100 * part / found.seconds:.1f} %")
    return words[0], words[1]


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
    paint = Paint(tone.fill, tone.stroke, 1.0, opacity=0.85)
    disc = Box(circle.x - radius, circle.y - radius, 2 * radius, 2 * radius, paint, radius)
    names = "\n".join(dot.names[:20]) + ("\n…" if len(dot.names) > 20 else "")
    return Group(f"dot {dot.names[0]}", ("point", dot.kind), (disc,), f"{_said(dot)}\n{names}")


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


def _said(dot: Dot) -> str:
    return (
        f"{dot.label}: {dot.intensity:.3g} FLOP/B, {count_text(dot.rate)}FLOP/s, "
        f"{seconds_text(dot.seconds)}."
    )
