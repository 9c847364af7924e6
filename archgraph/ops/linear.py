"""Fully connected layers and matrix products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NoReturn

from archgraph.errors import ShapeError
from archgraph.ops.base import (
    ALL,
    EACH,
    Op,
    Reach,
    Shape,
    at_least_one,
    broadcast,
    elements,
    shape_text,
)
from archgraph.ops.words import Words

__all__ = ["Linear", "MatMul"]


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
        return ALL if axis + 3 == len(shape) else EACH

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

    @property
    def keeps(self) -> str:
        """The gradient of each input needs the other."""
        return "others"

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(output) * inputs[0][-1]

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return 2 * self.macs(inputs, output)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return ALL if axis + 3 == len(shape) else EACH

    def reach_of(self, position: int, inputs: Sequence[Shape], axis: int) -> Reach | None:
        """Along the axis that is summed each element sees all: the right input's last but one."""
        shape = inputs[position]
        summed = len(shape) - (2 if position and len(shape) > 1 else 1)
        return ALL if axis + 2 == summed else EACH

    def lands(self, shape: Shape, output: Shape, axis: int) -> tuple[int, ...]:
        ahead = max(len(output) - len(shape), 0)
        return (min(axis + ahead, len(output) - 1),) if output else ()

    @property
    def words(self) -> Words:
        """As PyTorch spells it."""
        return Words("MatMul")

    @property
    def layer(self) -> str:
        """A product, which multiplies and adds as layers do."""
        return "matrix product"
