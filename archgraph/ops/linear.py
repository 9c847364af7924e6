"""Fully connected layers and matrix products."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NoReturn

from archgraph.errors import ShapeError
from archgraph.ops.base import (
    ALL,
    Op,
    Reach,
    Shape,
    at_least_one,
    broadcast,
    elements,
    listed,
    shape_text,
)
from archgraph.ops.words import Words

__all__ = ["Einsum", "Linear", "MatMul"]


@dataclass(frozen=True)
class Linear(Op):
    """Fully connected layer on the last axis: (…, in_features) → (…, out_features).

    Its weights are stored as out_features × in_features, with ``transposed`` the other way round.
    MACs: output elements · in_features.  FLOPs: 2 · MACs + output elements if biased.
    """

    family: ClassVar[str] = "linear"
    imagewise: ClassVar[bool] = True

    in_features: int
    out_features: int
    bias: bool = True
    transposed: bool = False

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        at_least_one(self, "in_features", "out_features")

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if not shape or shape[-1] != self.in_features:
            raise ShapeError(
                f"it takes {self.in_features} features, but its input is {shape_text(shape)}."
            )
        return (*shape[:-1], self.out_features)

    def parameters(self) -> Mapping[str, Shape]:
        weight = (self.out_features, self.in_features)
        weight = weight[::-1] if self.transposed else weight
        return {"weight": weight, "bias": (self.out_features,)} if self.bias else {"weight": weight}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(output) * self.in_features

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return 2 * self.macs(inputs, output) + (elements(output) if self.bias else 0)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return ALL

    @property
    def words(self) -> Words:
        """Such as ``fc 1000``, ``2048 → 1000``."""
        return Words("fc", reads=self.in_features, width=self.out_features)


@dataclass(frozen=True)
class MatMul(Op):
    """Matrix product of two tensors: (…, M, K) and (…, K, N) → (…, M, N), as torch.matmul.

    Extents of 1 before the last two stretch; a tensor of one axis is a row on the left and a
    column on the right.  MACs: output elements · K.  FLOPs: 2 · MACs.
    """

    arity: ClassVar[int | None] = 2
    family: ClassVar[str] = "linear"
    imagewise: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        left, right = inputs
        rows = left if len(left) > 1 else (1, *left)
        columns = right if len(right) > 1 else (*right, 1)
        if not left or not right or rows[-1] != columns[-2]:
            self._refuse(left, right)
        try:
            before = broadcast((rows[:-2], columns[:-2]))
        except ShapeError:
            self._refuse(left, right)
        return (*before, *rows[-2:-1][: len(left) - 1], *columns[-1:][: len(right) - 1])

    def _refuse(self, left: Shape, right: Shape) -> NoReturn:
        raise ShapeError(
            f"it cannot multiply {shape_text(left)} by {shape_text(right)}; "
            "it takes …×M×K and …×K×N."
        )

    def separates(self, *inputs: Shape) -> bool:
        left, right = inputs
        return len(left) == len(right) >= 3 and super().separates(*inputs)

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(output) * inputs[0][-1]

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return 2 * self.macs(inputs, output)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return ALL

    @property
    def words(self) -> Words:
        """As PyTorch spells it."""
        return Words("MatMul")

    @property
    def layer(self) -> str:
        """A product, which multiplies and adds as layers do."""
        return "matrix product"


@dataclass(frozen=True)
class Einsum(Op):
    """Einstein's summation: products of elements, summed over the letters that the result lacks.

    ``equation`` is that of torch.einsum: ``bhld,bhsd->bhls``; ``...`` stands for the same axes in
    each operand.
    MACs: the product of the extents of all letters where two operands share a letter that is
    summed, else none.  FLOPs: 2 · MACs, or one per element of all letters.
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
        summed = any(n > 1 and c not in result for c, n in zip(extents, counts, strict=True))
        return elements(extents.values()), summed and len(spelled) > 1

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        products, summed = self._products(inputs)
        return products if summed else 0

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        products, summed = self._products(inputs)
        return 2 * products if summed else products
