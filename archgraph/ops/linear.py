"""Fully connected layers and matrix products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import Op, Shape, elements, shape_text
from archgraph.ops.words import Words

__all__ = ["Linear", "MatMul"]


@dataclass(frozen=True)
class Linear(Op):
    """Fully connected layer on the last axis: (…, in_features) → (…, out_features).

    MACs: output elements · in_features.  FLOPs: 2 · MACs + output elements if biased.
    """

    family: ClassVar[str] = "linear"

    in_features: int
    out_features: int
    bias: bool = True

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        for field in ("in_features", "out_features"):
            value = getattr(self, field)
            if type(value) is not int or value < 1:
                raise ShapeError(f"{field} is {value!r}, but it must be an integer of at least 1.")

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if not shape or shape[-1] != self.in_features:
            raise ShapeError(
                f"it takes {self.in_features} features, but its input is {shape_text(shape)}."
            )
        return (*shape[:-1], self.out_features)

    def parameters(self) -> Mapping[str, Shape]:
        weight = (self.out_features, self.in_features)
        return {"weight": weight, "bias": (self.out_features,)} if self.bias else {"weight": weight}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(output) * self.in_features

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return 2 * self.macs(inputs, output) + (elements(output) if self.bias else 0)

    @property
    def words(self) -> Words:
        """Such as ``fc 1000``, ``2048 → 1000``."""
        return Words("fc", reads=self.in_features, width=self.out_features)


@dataclass(frozen=True)
class MatMul(Op):
    """Matrix product of two tensors: (…, M, K) and (…, K, N) → (…, M, N).

    MACs: output elements · K.  FLOPs: 2 · MACs.
    """

    arity: ClassVar[int | None] = 2
    family: ClassVar[str] = "linear"

    def output_shape(self, *inputs: Shape) -> Shape:
        left, right = inputs
        fits = len(left) == len(right) >= 2 and left[:-2] == right[:-2] and left[-1] == right[-2]
        if not fits:
            raise ShapeError(
                f"it cannot multiply {shape_text(left)} by {shape_text(right)}; "
                "it takes …×M×K and …×K×N."
            )
        return (*left[:-1], right[-1])

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(output) * inputs[0][-1]

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return 2 * self.macs(inputs, output)

    @property
    def words(self) -> Words:
        """As PyTorch spells it."""
        return Words("MatMul")

    @property
    def layer(self) -> str:
        """A product, which multiplies and adds as layers do."""
        return "matrix product"
