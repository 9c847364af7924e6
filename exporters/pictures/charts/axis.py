"""Axes: round ticks, linear and logarithmic, in the unit that suits their figures."""

from __future__ import annotations

import math
from dataclasses import dataclass

from archgraph.metrics import Metric
from archgraph.units import count_text

from ..drawing import Curve, Item, Paint, Text
from ..look.theme import Theme

__all__ = ["Linear", "Log", "linear", "log", "ticked", "unit_of"]

LABEL = 9.0

_DECIMAL = (("", 1.0), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15))
_BINARY = (("B", 1.0), ("KiB", 2.0**10), ("MiB", 2.0**20), ("GiB", 2.0**30), ("TiB", 2.0**40))


@dataclass(frozen=True, slots=True)
class Linear:
    """An axis from ``low`` to ``high`` with its ticks and their words."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def part(self, value: float) -> float:
        """Return where a value lies, 0 at the low and 1 at the high end."""
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Log(Linear):
    """A logarithmic axis, likewise."""

    def part(self, value: float) -> float:
        """Return where a value lies, 0 at the low and 1 at the high end."""
        return math.log(value / self.low) / math.log(self.high / self.low)


def unit_of(metric: Metric, most: float) -> tuple[str, float]:
    """Return the unit that makes figures up to ``most`` short, and its size."""
    table = _BINARY if metric.unit == "B" else _DECIMAL
    return next((found for found in reversed(table) if most >= found[1]), table[0])


def linear(
    low: float, high: float, unit: float = 1.0, wanted: int = 3, tight: bool = False
) -> Linear:
    """Return an axis that holds ``low`` to ``high``, its ticks round in ``unit``.

    It begins and ends at ticks, or, where ``tight``, at ``low`` and ``high``.
    """
    span = max((high - low) / unit, 1e-12)
    rough = span / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= rough * 0.999)
    first, last = math.floor(low / unit / step + 1e-9), math.ceil(high / unit / step - 1e-9)
    marks = [index * step for index in range(first, last + 1)]
    ticks = tuple((mark * unit, f"{round(mark, 10):g}") for mark in marks)
    if tight:
        return Linear(low, high, tuple(tick for tick in ticks if low <= tick[0] <= high))
    return Linear(ticks[0][0], ticks[-1][0], ticks)


def log(low: float, high: float) -> Log:
    """Return an axis with some room beyond ``low`` and ``high``, with ticks at 1, 2 and 5."""
    spread = max(math.log10(high / low), 0.3)
    start, end = low / 10 ** (0.1 * spread + 0.05), high * 10 ** (0.1 * spread + 0.05)
    steps = (1, 2, 5) if spread < 3 else (1,)
    powers = range(math.floor(math.log10(start)), math.ceil(math.log10(end)) + 1)
    marks = [step * 10**power for power in powers for step in steps]
    ticks = tuple((float(m), _round(m)) for m in marks if start <= m <= end)
    return Log(start, end, ticks)


def ticked(
    xs: Linear | Log, ys: Linear | Log, plot: tuple[float, float, float, float], theme: Theme
) -> list[Item]:
    """Return two axes around a plot, given as its left, top, right and bottom.

    The upright axis has a line for each tick, the other a mark.
    """
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
    return items


def _round(value: float) -> str:
    digits, _, prefix = count_text(value).partition(" ")
    return f"{float(digits):g} {prefix}".strip()
