"""Normalisation over the features of each token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import ALL, EACH, Op, Reach, Shape, elements, shape_text
from archgraph.ops.words import Words

__all__ = ["LayerNorm", "RMSNorm"]


@dataclass(frozen=True)
class _LastAxesNorm(Op):
    """Normalisation over the last axes, those of ``normalized_shape``: the shape stays."""

    family: ClassVar[str] = "norm"
    imagewise: ClassVar[bool] = True
    keeps_shape: ClassVar[bool] = True

    normalized_shape: Any

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        shape = self.normalized_shape
        shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
        if not shape or not all(type(n) is int and n > 0 for n in shape):
            raise ShapeError(
                f"normalized_shape is {self.normalized_shape!r}, but it must be the extents of "
                "the last axes."
            )
        object.__setattr__(self, "normalized_shape", shape)

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if tuple(shape[-len(self.normalized_shape) :]) != self.normalized_shape:
            raise ShapeError(
                f"it normalises {shape_text(self.normalized_shape)}, but its input is "
                f"{shape_text(shape)}."
            )
        return shape

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return ALL if axis + 2 >= len(shape) - len(self.normalized_shape) else EACH


@dataclass(frozen=True)
class LayerNorm(_LastAxesNorm):
    """Layer normalisation (Ba et al., 2016): (x − mean) / √(variance + eps) · weight + bias.

    FLOPs: 6 per element (mean, difference, square, its mean, scale by 1/√, and their sum), 2 more
    with weight and bias, 1 with the weight alone.
    """

    eps: float = 1e-5
    elementwise_affine: bool = True
    bias: bool = True

    def parameters(self) -> Mapping[str, Shape]:
        if not self.elementwise_affine:
            return {}
        names = ("weight", "bias") if self.bias else ("weight",)
        return dict.fromkeys(names, self.normalized_shape)

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return (6 + len(self.parameters())) * elements(output)

    @property
    def words(self) -> Words:
        """In a compound ``LN``."""
        return Words("layer norm", initials="LN")


@dataclass(frozen=True)
class RMSNorm(_LastAxesNorm):
    """Root mean square normalisation (Zhang and Sennrich, 2019): x / √(mean(x²) + eps) · weight.

    FLOPs: 3 per element (square, mean, scale), 1 more with the weight.
    """

    eps: float = 1e-6
    elementwise_affine: bool = True

    def parameters(self) -> Mapping[str, Shape]:
        return {"weight": self.normalized_shape} if self.elementwise_affine else {}

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return (3 + len(self.parameters())) * elements(output)

    @property
    def words(self) -> Words:
        """As its paper writes it."""
        return Words("RMS norm")
