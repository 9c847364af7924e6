"""A plot as data: what a format with charts of its own makes anew, of numbers instead of shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

__all__ = ["Marks", "Plot", "Scale"]


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high``: linear with ticks every ``step``, or logarithmic.

    ``step`` 0 leaves grid and words to the drawing around the plot; else words are written with
    the number format ``form``, as spreadsheets have it, where ``worded``. ``name`` says what is on
    it, with its unit.
    """

    low: float
    high: float
    name: str
    step: float = 0.0
    log: bool = False
    form: str = "General"
    worded: bool = True


@dataclass(frozen=True, slots=True)
class Marks:
    """A series: bars over ``labels``, or points at ``xs``, at ``ys`` in the axis's unit.

    Each has a colour of fill and line; points a diameter, 0 for none. ``width`` and ``dash`` are of
    a line through them, 0 for none. ``said`` are words at some of them, and the number format that
    gives these words, where one does.
    """

    name: str
    ys: tuple[float | None, ...]
    labels: tuple[str, ...] = ()
    xs: tuple[float, ...] = ()
    fills: tuple[str, ...] = ()
    strokes: tuple[str, ...] = ()
    sizes: tuple[float, ...] = ()
    width: float = 0.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    said: Mapping[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plot:
    """The plot itself, at ``place``: left, top, width and height in points.

    ``size`` is that of its words in points, ``below`` how much room those under it have, turned by
    a quarter where ``upright``; ``gap`` the blank between bars, in parts of a bar. Colours are
    those of words at ticks and at marks, of the grid, of the line at its foot, of the ground.
    """

    kind: Literal["bars", "points"]
    place: tuple[float, float, float, float]
    x: Scale | None
    y: Scale
    marks: tuple[Marks, ...]
    size: float
    soft: str
    ink: str
    grid: str
    line: str
    ground: str
    below: float = 0.0
    upright: bool = False
    gap: float = 0.35
    title: str = ""

    def moved(self, corner: tuple[float, float], zoom: float) -> Plot:
        """Return the plot with ``corner`` as the origin, and so much larger."""
        x, y, width, height = self.place
        left, top = (x - corner[0]) * zoom, (y - corner[1]) * zoom
        place = (left, top, width * zoom, height * zoom)
        marks = tuple(
            replace(
                each,
                width=each.width * zoom,
                dash=tuple(part * zoom for part in each.dash),
                sizes=tuple(size * zoom for size in each.sizes),
            )
            for each in self.marks
        )
        return replace(
            self, place=place, marks=marks, size=self.size * zoom, below=self.below * zoom
        )
