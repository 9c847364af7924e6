"""One device's memory over a run: the floor, the activations on it, and the peak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archgraph.answers.footprint.timeline import Timeline
from archgraph.metrics import STATIC_METRICS
from archgraph.units import bytes_text

from ..drawing import Box, Curve, Group, Item, Paint, Point, Polygon, Text
from ..dress.spoken import say
from ..look.theme import Theme
from ..text.widths import shortened, text_width
from .axis import Linear, linear, unit_of
from .step_labels import Segment, stripes

__all__ = ["LEFT", "STRIP", "Panel", "Scale", "drawn", "said_band", "scale_of"]

LABEL, NAME = 9.0, 10.0
LEFT = 44.0
"""Room for the words of the y axis."""
STRIP = 48.0
"""Above a panel's plot: its name, and two lines about the peak."""
SHARE = 0.4
"""The largest share of a plot that a floor takes to scale; a larger one is cut."""
CUT = 0.2
"""The share of a plot that a floor takes that is cut."""
FINEST = 1200
"""More steps than this are drawn several together, the most of them."""
TOLD = 3
"""How many outputs are named that lie there at the peak."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What a panel shows.

    ``floor`` are the bytes that lie there all the time, by what they are; ``line`` are the
    activations; ``names`` what people call the nodes that are named; ``best`` the run in the best
    order, and whether it is proven best, where that needs less; ``tones`` say which colours each
    band has; ``unsized`` how many parts of the floor have an unknown size.
    """

    title: str
    floor: tuple[tuple[str, int], ...]
    line: Timeline
    names: Mapping[str, str]
    best: tuple[Timeline, bool] | None
    tones: Mapping[str, str]
    unsized: int = 0

    @property
    def weight(self) -> int:
        """The bytes that lie there all the time."""
        return sum(size for _, size in self.floor)

    @property
    def peak_words(self) -> str:
        """Where most lies in memory, and how much."""
        line = self.line
        peak = _at_least(bytes_text(line.peak), line.unknown)
        at = self.names[line.at]
        words = say("peak {size} of activations at {name}", size=peak, name=at)
        if self.weight or self.unsized:
            *first, last = [said_band(band) for band, _ in self.floor] or [say("weights")]
            stays = f"{', '.join(first)}{say(' and ')}{last}" if first else last
            size = _at_least(bytes_text(line.peak + self.weight), line.unknown or self.unsized)
            words += say(", with {names} {size}", names=stays, size=size)
        return words

    @property
    def held_words(self) -> str:
        """What lies there at the peak, the largest first."""
        held = sorted(self.line.held, key=lambda each: -each[1])
        told = [
            f"{self.names[name]}{f':{number}' if number else ''} {bytes_text(size)}"
            for (name, number), size in held[:TOLD]
        ]
        if len(held) > TOLD:
            rest = sum(size for _, size in held[TOLD:])
            count = f"{len(held) - TOLD:,}"
            told.append(say("{count} more {size}", count=count, size=bytes_text(rest)))
        return " + ".join(told)


def said_band(band: str) -> str:
    """Return what a part of the floor is called; an optimizer has its own name."""
    kind, _, optimizer = band.partition("state of ")
    return say("state of {optimizer}", optimizer=optimizer) if optimizer else say(kind)


def _at_least(size: str, unknown: int) -> str:
    return say("at least {size}", size=size) if unknown else size


@dataclass(frozen=True, slots=True)
class Scale:
    """The y axis of all panels: from the floor upwards, with how high the floors are.

    ``limit`` is what a device holds, and its name, where a line shows it.
    """

    axis: Linear
    unit: str
    reach: float
    cut: bool
    limit: tuple[str, int] | None

    def up(self, size: float) -> float:
        """Return how far above the floor something of a size is, in points."""
        return self.reach * size / self.axis.high

    def floor(self, panel: Panel, height: float) -> float:
        """Return how high a panel's floor is, in points."""
        return height - self.reach if self.cut and panel.weight else self.up(panel.weight)


def scale_of(panels: Sequence[Panel], height: float, limit: tuple[str, int] | None) -> Scale:
    """Return one scale for all panels, whose plots are so high."""
    most = max(panel.line.peak for panel in panels)
    weight = max(panel.weight for panel in panels)
    if limit is not None and not weight < limit[1] <= weight + 2.5 * max(most, weight):
        limit = None  # far above all, or below the floor: words say it
    high = max(most, limit[1] - weight if limit else 0, 1)
    unit, size = unit_of(STATIC_METRICS["activation_bytes"], high)
    axis = linear(0.0, float(high), size, wanted=4 if height > 200 else 2)
    share = weight / (weight + axis.high)
    cut = share > SHARE
    reach = height * (1 - (CUT if cut else share))
    return Scale(axis, unit, reach, cut, limit)


def drawn(
    panel: Panel,
    parts: Sequence[Segment],
    scale: Scale,
    rect: tuple[float, float, float, float],
    theme: Theme,
) -> list[Item]:
    """Return a panel; ``rect`` is where it begins, its right margin's end, and its height."""
    left, top, width, height = rect
    right = width - left
    plot = (left + LEFT, top + STRIP, right, top + height)
    ground = plot[3] - scale.floor(panel, plot[3] - plot[1])
    count = len(panel.line.order)
    items: list[Item] = stripes(
        parts, count, plot[0], right - plot[0], (ground - scale.reach, plot[3]), theme
    )
    items += _axis(panel, scale, plot, ground, theme)
    items += _bands(panel, scale, plot, ground, theme)
    area = _steps(panel.line.live, plot, ground, scale)
    tone = theme.tone(panel.tones["activations"])
    corners = ((plot[0], ground), *area, (right, ground))
    items.append(
        Group("activations", ("area",), (Polygon(corners, Paint(tone.fill, tone.stroke, 0.8)),))
    )
    items += _passes(panel, plot, top, theme)
    if panel.best is not None:
        items += _best(panel.best, plot, ground, scale, top, theme)
    if scale.limit is not None:
        items += _limit(scale.limit, panel, plot, ground, scale, theme)
    items += _peak(panel, plot, ground, scale, top, theme)
    if panel.title:
        items.append(Text(plot[0], top + 11, panel.title, NAME, theme.ink, "start", bold=True))
    return [Group(f"memory {panel.title}".strip(), ("panel",), tuple(items), panel.peak_words)]


Plot = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def _axis(panel: Panel, scale: Scale, plot: Plot, ground: float, theme: Theme) -> list[Item]:
    """Return the ticks and the grid: activations count from the floor upwards."""
    items: list[Item] = []
    for value, words in scale.axis.ticks:
        y = ground - scale.up(value)
        grid = Paint(None, theme.frame_line if value else theme.line, 0.6 if value else 0.9)
        items.append(Curve((plot[0] - 3, y), (((plot[2], y),),), grid))
        items.append(Text(plot[0] - 6, y + 3.2, words, LABEL, theme.soft, "end"))
    y = ground - scale.reach - 10
    items.append(Text(plot[0] - 6, y, scale.unit, LABEL, theme.soft, "end", bold=True))
    items.append(Curve((plot[0], plot[3]), (((plot[2], plot[3]),),), Paint(None, theme.line, 0.9)))
    return [Group(f"axis {panel.title}".strip(), ("axis",), tuple(items), say("Memory"))]


def _bands(panel: Panel, scale: Scale, plot: Plot, ground: float, theme: Theme) -> list[Item]:
    """Return the floor: what lies there all the time, one band above the other."""
    tall = plot[3] - ground
    items: list[Item] = []
    bottom = plot[3]
    for band, size in panel.floor:
        tone = theme.tone(panel.tones[band])
        high = tall * size / panel.weight
        box = Box(plot[0], bottom - high, plot[2] - plot[0], high, Paint(tone.fill))
        shapes: list[Item] = [box]
        words = f"{said_band(band)} {'≥ ' if panel.unsized else ''}{bytes_text(size)}"
        if high >= LABEL + 2:
            middle = bottom - high / 2 + LABEL * 0.36
            shapes.append(Text(plot[0] + 14, middle, words, LABEL, tone.text, "start"))
        items.append(Group(f"{band} {panel.title}".strip(), ("band",), tuple(shapes), words))
        bottom -= high
    if scale.cut and panel.weight:
        items.append(_zigzag(plot[0], plot[3] - tall / 2, theme))
        items.append(_zigzag(plot[2], plot[3] - tall / 2, theme))
    return items


def _zigzag(x: float, y: float, theme: Theme) -> Item:
    """Return the mark of an axis that is cut: two strokes with nothing between."""
    gap: tuple[Point, ...] = ((x - 5, y + 2), (x + 5, y - 3), (x + 5, y + 1), (x - 5, y + 6))
    line = Paint(None, theme.line, 0.9)
    return Group(
        "cut",
        ("cut",),
        (
            Polygon(gap, Paint(theme.background)),
            Curve(gap[0], ((gap[1],),), line),
            Curve(gap[3], ((gap[2],),), line),
        ),
        say("Not to scale"),
    )


def _steps(live: Sequence[int], plot: Plot, ground: float, scale: Scale) -> list[Point]:
    """Return the outline of a run from left to right: one level step for each operator."""
    bunch = -(-len(live) // FINEST)
    tops = [max(live[at : at + bunch]) for at in range(0, len(live), bunch)]
    wide = (plot[2] - plot[0]) * bunch / len(live)
    points: list[Point] = []
    for at, size in enumerate(tops):
        y = ground - scale.up(size)
        start, end = plot[0] + at * wide, min(plot[0] + (at + 1) * wide, plot[2])
        if points and points[-1][1] == y:
            points[-1] = (end, y)
        else:
            points += [(start, y), (end, y)]
    return points


def _passes(panel: Panel, plot: Plot, top: float, theme: Theme) -> list[Item]:
    """Return where the backward pass begins."""
    forward = panel.line.forward
    if forward is None or forward == len(panel.line.order):
        return []
    x = plot[0] + (plot[2] - plot[0]) * forward / len(panel.line.order)
    line = Paint(None, theme.line, 0.8, (3.0, 3.0))
    y = top + 11
    return [
        Curve((x, plot[1] - 2), (((x, plot[3]),),), line),
        Text(x - 8, y, say("forward pass"), LABEL, theme.soft, "end"),
        Text(x + 8, y, say("backward pass"), LABEL, theme.soft, "start"),
        Curve((x, y - 7), (((x, y + 3),),), line),
    ]


def _best(
    best: tuple[Timeline, bool],
    plot: Plot,
    ground: float,
    scale: Scale,
    top: float,
    theme: Theme,
) -> list[Item]:
    """Return the run in the best order as a thin line, and in words what it needs."""
    line, proven = best
    paint = Paint(None, theme.auxiliary, 1.2, (4.0, 2.5))
    points = _steps(line.live, plot, ground, scale)
    words = say("in the best order {size}", size=bytes_text(line.peak))
    words += say(", proven best" if proven else ", the best that was found")
    wide = text_width(words, LABEL)
    x, y = plot[2] - wide, top + 11
    items: list[Item] = [
        Curve(points[0], tuple((point,) for point in points[1:]), paint),
        Curve((x - 28, y - 3), (((x - 5, y - 3),),), paint),
        Text(x, y, words, LABEL, theme.soft, "start"),
    ]
    return [Group("best order", ("line",), tuple(items), words)]


def _limit(
    limit: tuple[str, int], panel: Panel, plot: Plot, ground: float, scale: Scale, theme: Theme
) -> list[Item]:
    """Return a line at what a device holds."""
    name, size = limit
    y = ground - scale.up(size - panel.weight)
    said = bytes_text(size)
    words = said if name[0].isdigit() else f"{name}: {said}"
    wide = text_width(words, LABEL)
    paint = Paint(None, theme.shortcut, 1.2, (6.0, 3.0))
    items = (
        Curve((plot[0], y), (((plot[2], y),),), paint),
        Box(plot[2] - wide - 6, y + 2, wide + 4, LABEL + 3, Paint(theme.background, opacity=0.8)),
        Text(plot[2] - 4, y + LABEL + 2, words, LABEL, theme.ink, "end"),
    )
    return [Group("limit", ("line",), items, words)]


def _peak(
    panel: Panel, plot: Plot, ground: float, scale: Scale, top: float, theme: Theme
) -> list[Item]:
    """Return the mark of the peak, and two lines above the plot about it."""
    line = panel.line
    at = line.live.index(line.peak)
    x = plot[0] + (plot[2] - plot[0]) * (at + 0.5) / len(line.order)
    y = ground - scale.up(line.peak)
    room = plot[2] - plot[0]
    first = shortened(panel.peak_words, LABEL + 0.5, room, bold=True)
    second = shortened(panel.held_words, LABEL, room)
    wide = max(text_width(first, LABEL + 0.5, bold=True), text_width(second, LABEL))
    middle = min(max(x, plot[0] + wide / 2), plot[2] - wide / 2)
    base = top + 25
    mark = Paint(theme.shortcut, theme.background, 0.8)
    leader = Paint(None, theme.shortcut, 0.8)
    items: tuple[Item, ...] = (
        Curve((x, base + 15), (((x, y - 3),),), leader),
        Box(x - 3, y - 3, 6, 6, mark, 3),
        Text(middle, base, first, LABEL + 0.5, theme.ink, bold=True),
        Text(middle, base + 12, second, LABEL, theme.soft),
    )
    return [Group(f"peak {panel.title}".strip(), ("peak",), items, panel.peak_words)]
