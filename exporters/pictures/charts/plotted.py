"""Charts as data, for formats that draw their own: bars of layers, curves, dots."""

from __future__ import annotations

from archgraph.metrics import Metric
from archgraph.units import figure

from ..look.theme import Theme
from ..pages import Series
from ..plots import Marks, Plot, Scale
from .axis import Linear, Log

__all__ = ["bars_plot", "points_plot", "scale_of"]

LABEL = 9.0


def bars_plot(
    series: Series,
    place: tuple[float, float, float, float],
    axis: Linear,
    metric: Metric,
    named: tuple[str, str, float],
    theme: Theme,
    *,
    worded: bool,
    below: tuple[float, bool] | None,
) -> Plot:
    """Return one network's bars in a metric; figures are in the unit of ``named``.

    That are the row's title, its unit and the unit's size. ``below`` is the room of the bars'
    names, and whether they are turned.
    """
    title, unit, size = named
    values = [bar.values[metric.name] for bar in series.bars]
    tones = [theme.tone(bar.kind) for bar in series.bars]
    highest = max((value for value in values if value is not None), default=None)
    said = {}
    if highest:
        words = figure(highest, metric).removesuffix(f" {metric.unit}")
        digits, _, prefix = words.partition(" ")
        places = len(digits.partition(".")[2])
        form = "0" + ("." + "0" * places if places else "") + (f'" {prefix}"' if prefix else "")
        said[values.index(highest)] = words, form if prefix == unit else ""
    marks = Marks(
        f"{series.title}: {title}",
        tuple(None if value is None else float(value) / size for value in values),
        labels=tuple(bar.label for bar in series.bars),
        fills=tuple(tone.fill for tone in tones),
        strokes=tuple(tone.stroke for tone in tones),
        said=said,
    )
    room, upright = below or (0.0, False)
    return Plot(
        "bars",
        place,
        None,
        scale_of(axis, title, size, worded=worded),
        (marks,),
        LABEL,
        theme.soft,
        theme.ink,
        theme.frame_line,
        theme.line,
        theme.background,
        below=room,
        upright=upright,
        title=f"{series.title}: {title}",
    )


def scale_of(axis: Linear, name: str, size: float = 1.0, *, worded: bool = True) -> Scale:
    """Return an axis in a unit of this size; logarithmic ones leave their ticks to the drawing."""
    if isinstance(axis, Log):
        return Scale(axis.low / size, axis.high / size, name, log=True)
    ticks = [value / size for value, _ in axis.ticks]
    step = round(ticks[1] - ticks[0], 10) if len(ticks) > 1 else 0.0
    # Ticks that do not begin with the axis are the drawing's own.
    begins = bool(ticks) and abs(ticks[0] - axis.low / size) < 1e-9
    low, high = axis.low / size, axis.high / size
    return Scale(low, high, name, step if begins else 0.0, worded=worded)


def points_plot(
    place: tuple[float, float, float, float],
    x: Scale,
    y: Scale,
    marks: tuple[Marks, ...],
    theme: Theme,
    title: str,
) -> Plot:
    """Return dots and lines between two axes."""
    return Plot(
        "points",
        place,
        x,
        y,
        marks,
        LABEL,
        theme.soft,
        theme.ink,
        theme.frame_line,
        theme.line,
        theme.background,
        title=title,
    )
