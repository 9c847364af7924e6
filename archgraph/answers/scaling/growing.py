"""growth: how a metric of a network grows with its input, as a formula that was tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from archgraph.answers.asked_options import GrowthOptions
from archgraph.answers.scaling.exact_fits import polynomial_through
from archgraph.answers.scaling.formula import Formula
from archgraph.answers.scaling.found_formula import Found, found_formula
from archgraph.answers.scaling.growing_axes import at_fixed_batch, variable
from archgraph.answers.scaling.readings import Reading, Readings
from archgraph.errors import ArchGraphError, GraphError
from archgraph.graph import ArchGraph
from archgraph.loading import READING, load
from archgraph.metrics import Metric, Number
from archgraph.tables import Showing

__all__ = ["CHECKS", "Growth", "growth"]

CHECKS = 20
"""At how many other sizes a formula is compared with what is counted there."""

LEAST = 5
"""At how many sizes at least a formula is tried, where the network takes no more."""

PERIODS = (64, 192, 224, 160)
"""Of how many sizes the formula of each is looked for first, where no formula holds for all."""

DEGREE_LEAST = 7
"""How many sizes must lie on a polynomial before it is tried on more."""

ROUNDS = 12
"""How often a formula that does not hold is looked for again, with what it missed."""


@dataclass(frozen=True, repr=False)
class Growth(Showing):
    """How a metric grows: a formula where there is one, and what was counted.

    It shows itself as a table of the formula's terms, and ``growth_chart`` draws it.

    ``over`` is what grows and ``symbol`` its letter, ``title`` says it for people; ``start`` is its
    value in the network as it is. ``formula`` is None where none holds, and ``reason`` says why.
    ``counted`` are (size, figure) as counted, in order; ``checked`` the sizes that the formula was
    tried on and not found with. ``unknown`` are operators whose figure is unknown: they count as
    nothing, and all figures are least values. ``refused`` says what the network answered to sizes
    between those that it takes, ``within`` which are the least and the largest, where it takes too
    few to try the formula on many; ``together`` are the axes that grow. ``made``: the network was
    read or built again for each size, rather than its operators asked what they give;
    ``resized``: it has other parameters at other sizes.
    """

    shown_by: ClassVar[str] = "archgraph.answers.scaling.growth_tables:shown_growth"

    net: ArchGraph
    metric: Metric
    over: str
    symbol: str
    title: str
    start: int
    formula: Formula | None
    reason: str
    counted: tuple[tuple[int, Number], ...]
    checked: tuple[int, ...]
    unknown: tuple[str, ...] = ()
    refused: str = ""
    together: tuple[str, ...] = ()
    within: tuple[int, int] | None = None
    made: bool = True
    resized: bool = False

    def at(self, size: int) -> Number:
        """Return the metric at a size: by the formula, else as it was counted.

        Raises GraphError for a size that the formula is not for, or that was not counted.
        """
        if self.formula is not None and self.formula.holds_at(size):
            value = self.formula.at(size)
            return value if isinstance(value, int) else float(value)
        counted = dict(self.counted)
        if size in counted:
            return counted[size]
        only = f"; it is for {self.formula.sizes}" if self.formula is not None else ""
        raise GraphError(f"the growth of '{self.net.name}' says nothing of {size}{only}.")

    def __str__(self) -> str:
        """Return the formula as an equation: ``MACs(T) = 18,432·T² + …``."""
        head = f"{self.metric.title}({self.symbol})"
        sign = "≥" if self.unknown else "="
        if self.formula is None:
            return f"{head}: {self.reason}"
        sizes = [self.formula.sizes] if self.formula.sizes else []
        if self.within is not None:
            sizes.append(f"{self.symbol} from {self.within[0]:,} to {self.within[1]:,}")
        tail = f" for {', '.join(sizes)}" if sizes else ""
        return f"{head} {sign} {self.formula}{tail}"


def growth(
    net: Any, over: str | None = None, metric: str = "macs", *, working: Any = None, **options: Any
) -> Growth:
    """Return how a metric grows with the size of an image, with tokens, or with the batch.

    ``net`` is an ArchGraph or whatever ``load`` takes. ``over`` is "size" (both sides of the
    image), "tokens", "batch", or an input's axis counted with the batch, "ids:1", and axes that
    grow together, "ids:1,mask:1"; without it size, else tokens, else batch. The network is read at
    some 30 sizes on shapes alone; the formula is exact there, and at 20 sizes that were not used to
    find it. Raises UnknownNameError, FormatError, ShapeError, and GraphError for a network that
    takes no other size. ``working`` is told how many sizes were read.
    """
    reading = {name: options.pop(name) for name in READING if name in options}
    if not isinstance(net, ArchGraph) or reading or options:
        net = load(net, **reading, **options)
    asked = GrowthOptions(over=over, metric=metric)
    wanted, over = net.metric(asked.metric), asked.over
    what = variable(net, over)
    readings = Readings(what, wanted, working)
    readings.find_step()
    step, refusal = readings.step, readings.refusal
    found, checked = _tried(readings)
    if found.formula is None and what.derived is None:
        found, checked = _coarser(readings, found)
    start = readings.at(readings.start)
    assert start is not None
    counted = tuple(sorted((each.x, each.known) for each in readings.known()))
    few = found.formula is not None and len(checked) < CHECKS
    return Growth(
        net,
        wanted,
        what.name,
        what.symbol,
        what.title,
        start.x,
        found.formula,
        found.reason,
        counted,
        checked,
        readings.unknown(),
        refusal if step > 1 else "",
        tuple(f"{name}:{axis}" for name, axis in what.axes),
        (counted[0][0], max(counted[-1][0], *checked)) if few else None,
        what.made,
        len({each.params for each in readings.known()}) > 1,
    )


def _coarser(readings: Readings, found: Found) -> tuple[Found, tuple[int, ...]]:
    """Return a polynomial for every so-manieth size, where there is no formula for all.

    Windows that overlap, such as those of an adaptive pooling, cost the same polynomial wherever
    the size leaves the same remainder.
    """
    first = readings.step
    period = next((each for each in PERIODS if _polynomial(readings, first * each)), 0)
    if not period:
        return found, ()
    for prime in (2, 3, 5, 7):  # the least one that will do
        while period % prime == 0 and _polynomial(readings, first * period // prime):
            period //= prime
    readings.step = first * period
    again, checked = _tried(readings)
    readings.step = readings.step if again.formula is not None else first
    return (found, ()) if again.formula is None else (Found(again.formula, found.reason), checked)


def _polynomial(readings: Readings, step: int) -> bool:
    """Return whether a polynomial goes through what is counted at sizes of this step."""
    row = []
    for number in range(-2, DEGREE_LEAST):
        size = readings.start + step * number
        one = readings.at(size) if size > 0 else None
        if one is not None and isinstance(one.known, int):
            row.append((one.x, one.known))
    return len(row) >= DEGREE_LEAST and polynomial_through(*zip(*row, strict=True)) is not None


def _tried(readings: Readings) -> tuple[Found, tuple[int, ...]]:
    """Return a formula that holds at sizes that it was not found with, and these sizes."""
    for size in readings.first():
        readings.at(size)
    used = readings.known()
    found = found_formula(readings, used)
    for _ in range(ROUNDS):
        fresh = False
        for size in found.wanted:
            fresh = readings.at(size) is not None or fresh
        if fresh:
            used = readings.known()
            found = found_formula(readings, used)
            continue
        if found.formula is None:
            return found, ()
        checked, wrong = [], False
        for size in readings.others():
            one = _counted_again(readings, size)
            if one is None:
                continue
            if found.formula.at(one.x) != one.known:
                wrong = True
                break
            checked.append(one.x)
            if len(checked) == CHECKS:
                break
        if not wrong and len(checked) < LEAST:
            few = len(readings.known())
            return Found(None, f"it takes {few} sizes, too few to find a formula and try it"), ()
        if not wrong:
            return found, tuple(sorted(checked))
        used = readings.known()
        found = found_formula(readings, used)
    where = "no formula that was tried holds at sizes that it was not found with"
    return Found(None, where), ()


def _counted_again(readings: Readings, size: int) -> Reading | None:
    """Return what is counted at a size, the batch being read as a fixed one where it can be."""
    found = readings.at(size)
    if found is None or readings.what.name != "batch":
        return found
    try:
        net = at_fixed_batch(readings.what.read(size)[0], size)
    except ArchGraphError:
        return found
    return Reading.of(net, 1, readings.metric, size)
