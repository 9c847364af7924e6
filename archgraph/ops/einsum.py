"""Einstein's summation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import Op, Shape, elements, listed

__all__ = ["Einsum"]


@dataclass(frozen=True)
class Einsum(Op):
    """Einstein's summation: products of elements, summed over the letters that the result lacks.

    ``equation`` is that of torch.einsum: ``bhld,bhsd->bhls``; ``...`` stands for the same axes in
    each operand.
    MACs: the product of the extents of all letters where two operands share a letter that is
    summed, over more than one element; else none.
    FLOPs: 2 · MACs, or one per element of all letters.
    """

    arity: ClassVar[int | None] = None
    family: ClassVar[str] = "linear"

    equation: str

    def _letters(self, inputs: Sequence[Shape]) -> tuple[list[str], str, dict[str, int]]:
        """Return each operand's letters, the result's, and the extent of each letter."""
        left, arrow, right = self.equation.replace(" ", "").partition("->")
        operands = left.split(",")
        if len(operands) != len(inputs):
            raise ShapeError(
                f"'{self.equation}' takes {len(operands)} inputs, but has {len(inputs)}."
            )
        extents: dict[str, int] = {}
        spelled = []
        for word, shape in zip(operands, inputs, strict=True):
            hidden = len(shape) - len(word.replace("...", ""))
            letters = word.replace("...", "".join(map(str, range(10 - hidden, 10))))
            if hidden < 0 or len(letters) != len(shape) or hidden > 9:
                raise ShapeError(f"'{self.equation}' does not fit {listed(inputs)}.")
            spelled.append(letters)
            for letter, extent in zip(letters, shape, strict=True):
                known = extents.get(letter, extent)
                if known not in (1, extent) and extent != 1:
                    raise ShapeError(
                        f"in '{self.equation}' the letter '{letter}' is {known} and {extent}."
                    )
                extents[letter] = extent if known == 1 else known
        longest = max((re.sub(r"\D", "", each) for each in spelled), key=len)
        if arrow:
            result = right.replace("...", longest)
        else:
            every = "".join(re.sub(r"\d", "", each) for each in spelled)
            result = longest + "".join(sorted(c for c in set(every) if every.count(c) == 1))
        if any(letter not in extents for letter in result):
            raise ShapeError(f"'{self.equation}' gives a letter that no input has.")
        return spelled, result, extents

    def output_shape(self, *inputs: Shape) -> Shape:
        _, result, extents = self._letters(inputs)
        return tuple(extents[letter] for letter in result)

    def _products(self, inputs: Sequence[Shape]) -> tuple[int, bool]:
        """Return how many products of elements there are, and whether they are summed."""
        spelled, result, extents = self._letters(inputs)
        counts = [sum(letter in word for word in spelled) for letter in extents]
        summed = any(
            n > 1 and c not in result and extents[c] != 1
            for c, n in zip(extents, counts, strict=True)
        )
        return elements(extents.values()), summed and len(spelled) > 1

    @property
    def keeps(self) -> str:
        """The gradient of each input needs the others."""
        return "others"

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        products, summed = self._products(inputs)
        return products if summed else 0

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        products, summed = self._products(inputs)
        return 2 * products if summed else products
