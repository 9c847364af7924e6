"""Functions of one whole number through counted values: polynomials, and rounded quotients."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations_with_replacement
from math import gcd, isqrt, prod
from typing import NamedTuple

__all__ = [
    "DEGREE",
    "SPARE",
    "Step",
    "StepFit",
    "Values",
    "polynomial_through",
    "products_through",
    "roots_of",
    "step_through",
]

DEGREE = 6
"""The highest power that is tried: attention over the patches of an image has 4."""

SPARE = 3
"""How many values more than a polynomial has coefficients must agree with it."""

_LIKELY = (1, 2, 4, 8, 16, 32, 64, 128, 3, 6, 12, 24, 48, 96, 192, 5, 7, 14, 28, 56, 112, 224)
DIVISORS = (*_LIKELY, *sorted({*range(9, 65)} - {*_LIKELY}))
"""What sizes are divided by, the likely first: strides of 2, and windows of 3, 12 and 7 tokens."""

Values = tuple[int, ...]


class Step(NamedTuple):
    """A rounded quotient: times · ⌊(x + add) / divide⌋ + plus."""

    divide: int = 1
    add: int = 0
    times: int = 1
    plus: int = 0

    def at(self, x: int) -> int:
        """Return its value."""
        return self.times * ((x + self.add) // self.divide) + self.plus


class StepFit(NamedTuple):
    """A rounded quotient through some values; any ``add`` from ``least`` to ``most`` gives them."""

    step: Step
    least: int
    most: int


def polynomial_through(
    xs: Sequence[int], values: Sequence[int | Fraction]
) -> tuple[Fraction, ...] | None:
    """Return the coefficients, the constant first, of the polynomial of least degree.

    None where none of a degree up to DEGREE has all values, or too few values would tell.
    """
    found: list[Fraction] = [Fraction(values[0])]  # Newton's divided differences
    for degree in range(DEGREE + 1):
        if degree + 1 + SPARE > len(xs):
            return None
        if degree:
            rest = values[degree] - _newton_at(found, xs, xs[degree])
            found.append(rest / prod(xs[degree] - x for x in xs[:degree]))
        if all(_newton_at(found, xs, x) == v for x, v in zip(xs, values, strict=True)):
            return _expanded(found, xs)
    return None


def _newton_at(found: Sequence[Fraction], xs: Sequence[int], x: int) -> Fraction:
    total = Fraction(0)
    for place in reversed(range(len(found))):
        total = total * (x - xs[place]) + found[place]
    return total


def _expanded(found: Sequence[Fraction], xs: Sequence[int]) -> tuple[Fraction, ...]:
    """Return Newton's form as powers of x."""
    powers: list[Fraction] = []
    for place in reversed(range(len(found))):
        shifted = [Fraction(0), *powers]
        for index, each in enumerate(powers):
            shifted[index] -= each * xs[place]
        shifted[0] += found[place]
        powers = shifted
    while len(powers) > 1 and not powers[-1]:
        powers.pop()
    return tuple(powers)


@lru_cache(maxsize=4096)
def step_through(xs: Values, values: Values) -> StepFit | None:
    """Return the rounded quotient of the least divisor that has all these values, or None.

    With q = (u − plus) / times, ⌊(x + add) / divide⌋ = q says that add lies in
    divide·q − x … divide·q − x + divide − 1; all values together leave an interval, or nothing.
    """
    low, high = min(range(len(xs)), key=xs.__getitem__), max(range(len(xs)), key=xs.__getitem__)
    wide, rise = xs[high] - xs[low], values[high] - values[low]
    if rise <= 0 or min(values) < 0:
        return None
    for divide in DIVISORS:
        # The quotient rises by wide / divide, give or take one.
        least = rise // (wide // divide + 1)
        most = rise // max((wide // divide), 1) + 1
        for times in range(max(least, 1), min(most, 4 * divide + 64) + 1):
            plus = values[0] % times
            if any((value - plus) % times for value in values):
                continue
            starts = [divide * ((v - plus) // times) - x for x, v in zip(xs, values, strict=True)]
            first, last = max(starts), min(starts) + divide - 1
            if first <= last:
                # Rounding up or down is what is meant, where it cannot be told.
                add = next((each for each in (divide - 1, 0) if first <= each <= last), first)
                return StepFit(Step(divide, add, times, plus), first, last)
    return None


def roots_of(values: Values) -> tuple[int, Values] | None:
    """Return c and r of values that are c · r²: what a square map has, flattened."""
    shared = gcd(*values) or 1
    for factor in (1, shared):
        roots = tuple(isqrt(value // factor) for value in values)
        if all(factor * root * root == value for root, value in zip(roots, values, strict=True)):
            return factor, roots
    return None


def products_through(
    values: Values, factors: Sequence[Values]
) -> tuple[tuple[Fraction, tuple[int, ...]], ...] | None:
    """Return terms c · product of factors that add up to the values, the factors as indices.

    One product of up to four factors is tried, then sums of two of up to two and a constant.
    """
    indices = range(len(factors))
    products: dict[Values, tuple[int, ...]] = {}
    for size in range(1, 5):
        for chosen in combinations_with_replacement(indices, size):
            column = tuple(map(prod, zip(*(factors[index] for index in chosen), strict=True)))
            products.setdefault(column, chosen)
            if not any(column[:1]):
                continue
            share = Fraction(values[0], column[0])
            if all(share * c == v for c, v in zip(column, values, strict=True)):
                return ((share, chosen),)
        if len(products) > 200:
            break
    short = [(column, chosen) for column, chosen in products.items() if len(chosen) <= 2]
    ones = (1,) * len(values)
    for number, (first, one) in enumerate(short):
        found = _solved(values, (first, ones))
        if found is not None:
            return ((found[0], one), (found[1], ()))
        for second, two in short[number + 1 : 24]:
            found = _solved(values, (first, second, ones))
            if found is not None:
                terms = ((found[0], one), (found[1], two), (found[2], ()))
                return tuple(term for term in terms if term[0])
    return None


def _solved(values: Values, columns: Sequence[Values]) -> list[Fraction] | None:
    """Return the weights of the columns that give all values, or None (Gauss, exactly)."""
    if len(values) < len(columns) + SPARE:
        return None
    rows = [[*map(Fraction, row)] for row in zip(*columns, values, strict=True)]
    count = len(columns)
    for place in range(count):
        pivot = next((n for n in range(place, len(rows)) if rows[n][place]), None)
        if pivot is None:
            return None
        rows[place], rows[pivot] = rows[pivot], rows[place]
        head = rows[place]
        for number, row in enumerate(rows):
            if number != place and row[place]:
                share = row[place] / head[place]
                rows[number] = [a - share * b for a, b in zip(row, head, strict=True)]
    if any(row[count] for row in rows[count:]):
        return None
    return [rows[place][count] / rows[place][place] for place in range(count)]
