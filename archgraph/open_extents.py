"""Extents that are left open: letters, and what follows from them (``H``, ``H/2``, ``H·W/64+1``).

What an operator makes of a letter is found as what it makes of the batch is: it is asked for
several sizes, and the form that gives all of its answers is what it gives for any. The sizes are
multiples of 32, so a stride of 2 gives ``H/2``, which is rounded for sizes that it does not divide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from itertools import combinations, combinations_with_replacement
from math import prod

from archgraph.limits import LETTERS, NAME

__all__ = ["POINTS", "Open", "Point", "form_of", "points_for"]

POINTS = 6
"""For how many sizes an operator is asked that reads open extents."""

Point = Mapping[str, int]
"""A size for each letter; that of the batch is N."""

_UNIT = 32
_SIZES = (3, 5, 7, 8, 11, 13, 4, 9, 6, 10)
_BATCHES = (2, 3, 4, 5, 7, 11)

_TERM = re.compile(r"(?:(\d{1,9})·)?([^\W\d]\w*(?:·[^\W\d]\w*)*)(?:/(\d{1,9}))?|(\d{1,9})")

_Product = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """An extent of Σ coefficient · product of letters + constant; a letter is a name.

    ``terms`` are pairs of (coefficient, letters in order of the alphabet), the constant last and
    without letters.
    """

    terms: tuple[tuple[Fraction, _Product], ...]

    @classmethod
    def letter(cls, name: str) -> Open:
        """Return the extent that is called ``name``."""
        return cls(((Fraction(1), (name,)),))

    @classmethod
    def of(cls, text: str) -> Open | None:
        """Return what is written as ``H/2+1``; None for what is no such form."""
        if len(text) > NAME:
            return None
        terms = []
        for sign, word in re.findall(r"([+-]?)([^+-]*)", text):
            if not sign and not word:
                continue
            found = _TERM.fullmatch(word)
            if found is None:
                return None
            times, letters, parts, alone = found.groups()
            size = Fraction(int(times or alone or 1), int(parts or 1) or 1)
            terms.append((-size if sign == "-" else size, tuple((letters or "").split("·"))))
        terms = [(size, () if names == ("",) else names) for size, names in terms]
        return cls(tuple(terms)) if any(names for _, names in terms) else None

    @property
    def letters(self) -> frozenset[str]:
        """The letters that it depends on."""
        return frozenset(name for _, names in self.terms for name in names)

    def at(self, point: Point) -> int:
        """Return its number for these sizes, rounded down."""
        total = sum(size * prod(point[name] for name in names) for size, names in self.terms)
        return total.numerator // total.denominator if total else 0

    def of_one(self) -> Open | int:
        """Return it for a batch of one."""
        if "N" not in self.letters:
            return self
        sums: dict[_Product, Fraction] = {}
        for size, names in self.terms:
            left = tuple(name for name in names if name != "N")
            sums[left] = sums.get(left, Fraction(0)) + size
        constant = sums.pop((), Fraction(0))
        if not sums:
            return constant.numerator // constant.denominator
        tail = ((constant, ()),) if constant else ()
        return Open((*((size, names) for names, size in sums.items()), *tail))

    def __repr__(self) -> str:
        """Return it as files and messages write it: ``3·H/2+1``."""
        return "".join(_written(size, names) for size, names in self.terms).removeprefix("+")

    __str__ = __repr__


def _written(size: Fraction, names: _Product) -> str:
    sign, top, bottom = "-" if size < 0 else "+", abs(size.numerator), size.denominator
    if not names:
        return f"{sign}{top}"
    times = f"{top}·" if top != 1 else ""
    return f"{sign}{times}{'·'.join(names)}{f'/{bottom}' if bottom != 1 else ''}"


@lru_cache(maxsize=256)
def points_for(letters: tuple[str, ...]) -> tuple[Point, ...]:
    """Return sizes for letters, so mixed that hardly two forms of them give the same numbers."""
    count = len(_SIZES)
    found = []
    for number in range(POINTS):
        point = {}
        for place, name in enumerate(letters):
            step = (1, 3, 7, 9)[place % 4]  # prime to 10, so that no size comes twice
            size = _SIZES[(step * number + place) % count]
            point[name] = _BATCHES[number] if name == "N" else _UNIT * size
        found.append(point)
    return tuple(found)


def form_of(values: Sequence[int], letters: tuple[str, ...]) -> int | Open | None:
    """Return the extent that has these values at the points of ``letters``, or None.

    It is a number, a product of letters and a constant, or the sum of two with one.
    """
    if len(set(values)) == 1:
        return values[0]
    found: tuple[tuple[Fraction, _Product], ...] | None = _fitted(tuple(values), letters)
    return None if found is None else Open(found)


@lru_cache(maxsize=4096)
def _fitted(
    values: tuple[int, ...], letters: tuple[str, ...]
) -> tuple[tuple[Fraction, _Product], ...] | None:
    products = _products(letters)
    for (names, sizes), (slope, constant) in _single(values, products):
        del sizes
        return _terms((slope, names), constant=constant)
    pairs = combinations(products, 2) if len(letters) <= LETTERS else ()
    for (one, first), (two, second) in pairs:
        solved = _through(values, first, second)
        if solved is not None:
            a, b, constant = solved
            return _terms((a, one), (b, two), constant=constant)
    return None


_Sampled = tuple[_Product, tuple[int, ...]]


@cache
def _products(letters: tuple[str, ...]) -> tuple[_Sampled, ...]:
    """Return the products of up to three letters, and their values at the points."""
    points = points_for(letters)
    most = 3 if len(letters) < 5 else 2
    names = [
        each for size in range(1, most + 1) for each in combinations_with_replacement(letters, size)
    ]
    return tuple((each, tuple(prod(p[n] for n in each) for p in points)) for each in names)


def _single(
    values: tuple[int, ...], products: tuple[_Sampled, ...]
) -> Iterator[tuple[_Sampled, tuple[Fraction, Fraction]]]:
    """Yield the products of which the values are a multiple, those without a constant first."""
    found = []
    for each in products:
        sizes = each[1]
        slope = Fraction(values[1] - values[0], sizes[1] - sizes[0] or 1)
        constant = values[0] - slope * sizes[0]
        if slope and all(slope * s + constant == v for s, v in zip(sizes, values, strict=True)):
            found.append((each, (slope, constant)))
    yield from sorted(found, key=lambda pair: (pair[1][1] != 0, len(pair[0][0])))


def _through(
    values: Sequence[int], first: Sequence[int], second: Sequence[int]
) -> tuple[Fraction, Fraction, Fraction] | None:
    """Return a, b and c of a · first + b · second + c = values, if there are such."""
    rows = [
        (f - first[0], s - second[0], v - values[0])
        for f, s, v in zip(first[1:3], second[1:3], values[1:3], strict=True)
    ]
    (f1, s1, v1), (f2, s2, v2) = rows
    under = f1 * s2 - f2 * s1
    if not under:
        return None
    a, b = Fraction(v1 * s2 - v2 * s1, under), Fraction(f1 * v2 - f2 * v1, under)
    constant = values[0] - a * first[0] - b * second[0]
    fits = all(a * f + b * s + constant == v for f, s, v in zip(first, second, values, strict=True))
    return (a, b, constant) if fits and a and b else None


def _terms(
    *products: tuple[Fraction, _Product], constant: Fraction
) -> tuple[tuple[Fraction, _Product], ...] | None:
    """Return the terms of a form, or None where its constant is no whole number."""
    if constant.denominator != 1 or any(size.denominator > 2**16 for size, _ in products):
        return None
    return (*products, *(((constant, ()),) if constant else ()))
