"""What an operator says for several sizes of open extents, put together: forms, or unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from archgraph.open_extents import Open, Point, form_of, points_for
from archgraph.tensors import Batch, Tensor, follows_batch

if TYPE_CHECKING:
    from archgraph.ops.base import Op

__all__ = [
    "costs_told",
    "extent_told",
    "letters_of",
    "mixes_batch",
    "named",
    "outputs_told",
    "sizes_of",
]

_NAMELESS = "?"
"""How the letters begin that stand for extents of which nothing is known."""


def letters_of(op: Op) -> frozenset[str]:
    """Return the letters in an operator's settings, those of open extents and N."""
    found: set[str] = set()
    for field in fields(op):
        value = getattr(op, field.name)
        for each in value if isinstance(value, tuple) else ():
            if type(each) is Open:
                found |= each.letters
            elif type(each) is Batch:
                found.add("N")
    return frozenset(found)


def named(op: Op, inputs: Sequence[Tensor]) -> tuple[tuple[str, ...], list[Tensor]]:
    """Return the letters of an operator and its inputs, and the inputs with all extents named."""
    letters = set(letters_of(op))
    stand_ins = []
    nameless = 0
    for tensor in inputs:
        shape: list[object] = []
        for each in tensor.shape or ():
            if each is None:
                nameless += 1
                shape.append(Open.letter(f"{_NAMELESS}{nameless}"))
            else:
                shape.append(each)
            if type(shape[-1]) is Open:
                letters |= shape[-1].letters
        stand_ins.append(Tensor(tuple(shape), tensor.dtype))
    if any(follows_batch(each.shape) for each in inputs):
        letters.add("N")
    return tuple(sorted(letters)), stand_ins


def mixes_batch(op: Op, inputs: Sequence[Tensor]) -> bool:
    """Return whether an open extent follows the batch too: ``H·N``, of an image as of all."""
    settings = [getattr(op, field.name) for field in fields(op)]
    rows = [*(each for each in settings if isinstance(each, tuple)), *(t.shape for t in inputs)]
    return any(type(each) is Open and "N" in each.letters for row in rows for each in row or ())


def sizes_of(letters: tuple[str, ...], with_batch: bool) -> Iterator[Point]:
    """Yield sizes for letters; without the batch, which stands then for itself."""
    for point in points_for(letters):
        yield point if with_batch else {k: v for k, v in point.items() if k != "N"}


def outputs_told(asked: Sequence[Sequence[Tensor]], letters: tuple[str, ...]) -> tuple[Tensor, ...]:
    """Return the outputs of which these were said for each size of the letters."""
    found = []
    for same in zip(*asked, strict=True):
        shapes = [each.shape for each in same]
        if None in shapes or len({len(shape or ()) for shape in shapes}) > 1:
            found.append(Tensor(None, same[0].dtype))
            continue
        columns = zip(*(shape or () for shape in shapes), strict=True)
        told = tuple(extent_told(column, letters) for column in columns)
        found.append(Tensor(told, same[0].dtype))
    return tuple(found)


def extent_told(values: Sequence[int | None], letters: tuple[str, ...]) -> int | Open | None:
    """Return the extent that is this for each size: a number, k·N, a form, or None."""
    if None in values:
        return None
    numbers = [value for value in values if value is not None]
    if all(each == numbers[0] and type(each) is type(numbers[0]) for each in numbers):
        return numbers[0]
    form = form_of(numbers, letters)
    if not isinstance(form, Open):
        return form
    if any(name.startswith(_NAMELESS) for name in form.letters):
        return None
    if len(form.terms) == 1 and form.terms[0][1] == ("N",):
        size = form.terms[0][0]
        return Batch(size.numerator) if size.denominator == 1 and size > 0 else None
    return form


def costs_told(
    asked: Sequence[Mapping[str, int | None]], keys: Sequence[str], separate: bool
) -> tuple[dict[str, int | None], dict[str, tuple[int, int, int]]]:
    """Return the costs that are the same for all sizes, None for others, and how they grow.

    Where images are ``separate`` they are those of one; else they are those of any batch.
    """
    costs: dict[str, int | None] = {}
    growth: dict[str, tuple[int, int, int]] = {}
    for key in keys:
        values = {each[key] for each in asked}
        costs[key] = values.pop() if len(values) == 1 else None
        if costs[key] and not separate:
            growth[key] = (costs[key] or 0, 0, 0)
    return costs, growth
