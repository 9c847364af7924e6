"""A formula through what was counted at several sizes, operator by operator.

An operator's figure is a polynomial of the size, or a product of extents of what it reads and
gives, each of which is a polynomial or a rounded quotient of the size: ⌈s/32⌉ rows behind five
strides of 2. The sum over the operators is exact where each of them is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING

from archgraph.answers.scaling.exact_fits import (
    Step,
    StepFit,
    Values,
    polynomial_through,
    products_through,
    roots_of,
    step_through,
)
from archgraph.answers.scaling.formula import Formula, Term

if TYPE_CHECKING:
    from archgraph.answers.scaling.readings import Reading, Readings

__all__ = ["Found", "found_formula"]


@dataclass(frozen=True)
class Found:
    """A formula, or why there is none; ``wanted`` are sizes that would tell more."""

    formula: Formula | None
    reason: str = ""
    wanted: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Factor:
    """An extent as a rounded quotient, raised: what is flattened of a square map has power 2."""

    fit: StepFit
    power: int
    times: int


Key = tuple[Values, tuple[Values, ...]]
"""What an operator costs at each size, and the extents that change."""


def found_formula(readings: Readings, used: Sequence[Reading]) -> Found:
    """Return the formula of what was counted, or the operator that has none."""
    what = readings.what
    xs = tuple(each.x for each in used)
    lattice = (1, 0) if what.derived else (readings.step, readings.start % readings.step)
    whole = tuple(each.known for each in used if isinstance(each.known, int))
    if len(whole) < len(used):
        return Found(None, "its figures are no whole numbers, so no exact formula is looked for")
    plain = polynomial_through(xs, whole)
    if plain is not None:
        return Found(Formula.of(what.symbol, dict(enumerate(plain)), (), lattice))
    return _by_operator(readings, used, xs, lattice)


def _by_operator(
    readings: Readings, used: Sequence[Reading], xs: Values, lattice: tuple[int, int]
) -> Found:
    powers: Counter[int] = Counter()
    terms: list[Term] = []
    fits: set[StepFit] = set()
    unfit: Counter[Values] = Counter()
    named: dict[Values, str] = {}
    for (values, extents), (name, count) in _operators(used).items():
        row = polynomial_through(xs, values)
        if row is not None:
            for power, size in enumerate(row):
                powers[power] += size * count  # type: ignore[assignment]
            continue
        found = _products(xs, values, extents)
        if found is None:
            unfit[values] += count
            named.setdefault(values, name)
            continue
        for size, factors in found:
            steps: list[Step] = []
            for factor in factors:
                size *= Fraction(factor.times)
                steps += [factor.fit.step] * factor.power
                fits.add(factor.fit)
            terms.append((size * count, tuple(steps)))
    if unfit:
        rest = tuple(
            sum(column[n] * count for column, count in unfit.items()) for n in range(len(xs))
        )
        row = polynomial_through(xs, rest)
        if row is None:
            first = next(iter(named.values()))
            more = f" and of {len(named) - 1} more" if len(named) > 1 else ""
            return Found(None, f"no polynomial fits that of '{first}'{more}")
        for power, size in enumerate(row):
            powers[power] += size  # type: ignore[assignment]
    whole = {power: Fraction(size) for power, size in powers.items()}
    formula = Formula.of(readings.what.symbol, whole, terms, lattice)
    return Found(formula, "", _telling(readings, fits))


def _operators(used: Sequence[Reading]) -> dict[Key, tuple[str, int]]:
    """Return the different operators: how they cost and change, the first's name, their number."""
    found: dict[Key, tuple[str, int]] = {}
    for name in dict.fromkeys(name for each in used for name in each.values):
        # One that is unknown at some size counts as nothing at all of them; one that is not there
        # costs nothing there, such as the mask of shifted windows where there is one window.
        known = [each.values.get(name, 0) for each in used]
        if None in known or not any(known):
            continue
        columns = tuple(dict.fromkeys(_changing([each.extents.get(name, ()) for each in used])))
        key = (tuple(int(each or 0) for each in known), columns)
        first, count = found.get(key, (name, 0))
        found[key] = (first, count + 1)
    return found


def _changing(shapes: Sequence[tuple[tuple[int, ...], ...]]) -> Iterator[Values]:
    """Yield the extents that change, at each size; a tensor must be there at all of them.

    Windows that fill the map need no mask, so attention reads one tensor less there.
    """
    for same in zip(*shapes, strict=False):
        if len({len(shape) for shape in same}) == 1:
            yield from (column for column in zip(*same, strict=True) if len({*column}) > 1)


def _products(
    xs: Values, values: Values, extents: Sequence[Values]
) -> list[tuple[Fraction, list[_Factor]]] | None:
    """Return a figure as terms: a coefficient and the extents that it multiplies."""
    factors = [(column, each) for column in extents if (each := _factor(xs, column)) is not None]
    found = products_through(values, [column for column, _ in factors[:6]]) if factors else None
    if found is None:
        # Where shapes say nothing, the figure itself may be one: so much for each window.
        whole = _factor(xs, values)
        return None if whole is None else [(Fraction(1), [whole])]
    return [(size, [factors[index][1] for index in chosen]) for size, chosen in found]


def _factor(xs: Values, column: Values) -> _Factor | None:
    shared = gcd(*column) or 1
    for times in {1: 1, shared: 1}:
        fit = step_through(xs, tuple(each // times for each in column))
        if fit is not None:
            return _Factor(fit, 1, times)
    square = roots_of(column)
    if square is not None:
        fit = step_through(xs, square[1])
        if fit is not None:
            return _Factor(fit, 2, square[0])
    return None


def _telling(readings: Readings, fits: set[StepFit]) -> tuple[int, ...]:
    """Return sizes, not read yet, that would show a rounded quotient to be another.

    These are sizes at which quotients differ that what was counted cannot tell apart, and those on
    both sides of its first and last jump: where these are right, so is what it divides by.
    """
    if readings.what.derived:
        return ()
    found: dict[int, None] = {}
    for fit in sorted(fits):
        divide, add = fit.step.divide, fit.step.add
        for other in {fit.least, fit.most} - {add}:
            middle = (other + add + 1) // 2

            def tells(size: int, divide: int = divide, middle: int = middle) -> bool:
                return (size + middle) % divide == 0

            size = readings.near(tells)
            if size is not None:
                found[size] = None
        if divide > 1 and fit.least == fit.most:
            found |= dict.fromkeys(readings.jumps(divide, add))
    return tuple(found)
