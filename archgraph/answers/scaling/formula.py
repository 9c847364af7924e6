"""A formula of one whole number: a polynomial and products of rounded quotients, as written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import comb, lcm, prod

from archgraph.answers.scaling.exact_fits import DEGREE, SPARE, Step, polynomial_through

__all__ = ["Formula", "Term"]

Term = tuple[Fraction, tuple[Step, ...]]
"""A coefficient and what it multiplies."""

_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Formula:
    """Σ coefficient · xᵖᵒʷᵉʳ + Σ coefficient · product of rounded quotients of x.

    It holds for x = step · k + rest; ``symbol`` is what x is called.
    """

    symbol: str
    powers: tuple[Fraction, ...]
    steps: tuple[Term, ...] = ()
    step: int = 1
    rest: int = 0

    @classmethod
    def of(
        cls,
        symbol: str,
        powers: Mapping[int, Fraction],
        terms: Iterable[Term],
        lattice: tuple[int, int],
    ) -> Formula:
        """Return the formula of these terms, equal ones added."""
        sums: dict[tuple[Step, ...], Fraction] = {}
        found = dict(powers)
        for size, factors in terms:
            # A factor of its own goes before the product: 7·⌈s/28⌉ squared is 49·⌈s/28⌉².
            plain = [each for each in factors if not each.plus]
            size *= prod(each.times for each in plain)
            kept = tuple(sorted(e if e.plus else e._replace(times=1) for e in factors))
            sums[kept] = sums.get(kept, Fraction(0)) + size
        if () in sums:
            found[0] = found.get(0, Fraction(0)) + sums.pop(())
        most = max((power for power, size in found.items() if size), default=0)
        row = tuple(found.get(power, Fraction(0)) for power in range(most + 1))
        left = tuple((size, factors) for factors, size in sums.items() if size)
        order = sorted(left, key=lambda term: (-len(term[1]), term[1]))
        return cls(symbol, row, tuple(order), *lattice)

    def at(self, x: int) -> int | Fraction:
        """Return its value."""
        total = sum((size * x**power for power, size in enumerate(self.powers)), Fraction(0))
        for size, factors in self.steps:
            total += size * prod(each.at(x) for each in factors)
        return int(total) if total.denominator == 1 else total

    def holds_at(self, x: int) -> bool:
        """Return whether x is one of the sizes that it is for."""
        return x % self.step == self.rest % self.step

    def on_period(self, x: int) -> Formula | None:
        """Return the polynomial that it is for sizes like x, where roundings always give the same.

        None where it is a polynomial already.
        """
        if not self.steps:
            return None
        period = lcm(self.step, *(each.divide for _, factors in self.steps for each in factors))
        xs = [x % period + period * n for n in range(DEGREE + SPARE + 1)]
        values = [self.at(each) for each in xs]
        powers = polynomial_through(xs, values)
        return None if powers is None else Formula(self.symbol, powers, (), period, x % period)

    @cached_property
    def lead(self) -> tuple[int, Fraction]:
        """The degree in which it grows, and the coefficient there: rounding does not count."""
        found: dict[int, Fraction] = {power: size for power, size in enumerate(self.powers) if size}
        for size, factors in self.steps:
            share = size * prod(Fraction(each.times, each.divide) for each in factors)
            found[len(factors)] = found.get(len(factors), Fraction(0)) + share
        degree = max((power for power, size in found.items() if size), default=0)
        return degree, found.get(degree, Fraction(0))

    @property
    def in_steps(self) -> bool:
        """Whether it is better said in k, where sizes are step · k + rest."""
        return self.step > 1 and not self.steps and len(self.powers) > 1

    @property
    def terms(self) -> list[tuple[Fraction, str]]:
        """Coefficients and what they multiply, in the order in which they are written."""
        return [(size, words) for size, words, _ in self._parts()]

    def terms_at(self, x: int) -> list[tuple[Fraction, str, Fraction]]:
        """Return each term: its coefficient, what that multiplies, and what both are at x."""
        return [(size, words, size * _value(part, x)) for size, words, part in self._parts()]

    def _parts(self) -> list[tuple[Fraction, str, tuple[Step, ...]]]:
        """Return the terms, the highest power first, with the product that each is of."""
        found: list[tuple[Fraction, str, tuple[Step, ...]]] = []
        plain = Step()
        letter, powers = (self.symbol, self.powers)
        if self.in_steps:
            letter, powers, plain = "k", self._shifted(), Step(self.step, -self.rest)
        for power, size in enumerate(powers):
            if size:
                found.append((size, _raised(letter, power), (plain,) * power))
        for size, factors in self.steps:
            counted = Counter(factors)
            words = "·".join(
                _raised(_quotient(each, self.symbol), count) for each, count in counted.items()
            )
            found.append((size, words, factors))
        return sorted(found, key=lambda part: -len(part[2]))

    def _shifted(self) -> tuple[Fraction, ...]:
        """Return the coefficients in k of x = step · k + rest."""
        found = [Fraction(0)] * len(self.powers)
        for power, size in enumerate(self.powers):
            for each in range(power + 1):
                share = comb(power, each) * self.step**each * self.rest ** (power - each)
                found[each] += size * share
        return tuple(found)

    @property
    def sizes(self) -> str:
        """What sizes it is for, where not for all: ``s = 16·k``."""
        if self.step == 1:
            return ""
        return f"{self.symbol} = {self.step}·k{f' + {self.rest}' if self.rest else ''}"

    def __str__(self) -> str:
        """Return it as it is written on a board: ``18,432·T² + 85,524,480·T − 1,920``."""
        text = ""
        for size, words in self.terms:
            sign = "−" if size < 0 else "+"
            number = _number(abs(size))
            word = number if not words else words if number == "1" else f"{number}·{words}"
            text += f" {sign} {word}" if text else f"−{word}" if size < 0 else word
        return text or "0"


def _value(factors: Iterable[Step], x: int) -> int:
    return prod(each.at(x) for each in factors)


def _number(value: Fraction) -> str:
    whole = f"{value.numerator:,}"
    return whole if value.denominator == 1 else f"{whole}/{value.denominator:,}"


def _raised(base: str, power: int) -> str:
    return "" if not power else base if power == 1 else f"{base}{str(power).translate(_POWERS)}"


def _quotient(step: Step, symbol: str) -> str:
    times = f"{step.times}·" if step.times != 1 else ""
    if step.divide == 1:
        inner = symbol if not step.add else f"({symbol}{_signed(step.add)})"
    elif step.add == step.divide - 1:
        inner = f"⌈{symbol}/{step.divide}⌉"
    elif not step.add:
        inner = f"⌊{symbol}/{step.divide}⌋"
    else:
        inner = f"⌊({symbol}{_signed(step.add)})/{step.divide}⌋"
    return f"({times}{inner}{_signed(step.plus)})" if step.plus else f"{times}{inner}"


def _signed(value: int) -> str:
    return f" + {value}" if value > 0 else f" − {-value}" if value else ""
