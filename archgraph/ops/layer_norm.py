"""Normalisation of each image or token by itself: over features, over groups of channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from archgraph.errors import ShapeError
from archgraph.forms import shown
from archgraph.ops.base import ALL, EACH, Op, Reach, Shape, at_least_one, elements, shape_text
from archgraph.ops.words import Words
from archgraph.tensors import Tensor, bytes_of

__all__ = ["GroupNorm", "LayerNorm", "RMSNorm"]


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
                f"normalized_shape is {shown(self.normalized_shape)}, but it must be the extents "
                "of the last axes."
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

    def kept_besides(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> int:
        """Mean and 1/√variance of each row, in float32."""
        return 2 * 4 * (elements(inputs[0].shape or ()) // elements(self.normalized_shape))

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

    def kept_besides(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> int:
        """1/√mean of each row, and what the weight multiplies, as torch computes it in steps."""
        rows = elements(inputs[0].shape or ()) // elements(self.normalized_shape)
        return 4 * rows + (bytes_of(outputs[0]) or 0 if self.elementwise_affine else 0)

    @property
    def words(self) -> Words:
        """As its paper writes it."""
        return Words("RMS norm")


@dataclass(frozen=True)
class GroupNorm(Op):
    """Group normalisation (Wu and He, 2018): over groups of channels of each image, (N, C, …).

    With as many groups as channels it is instance normalisation (Ulyanov et al., 2016).
    FLOPs: 6 per element, as layer normalisation, 2 more with weight and bias.
    """

    family: ClassVar[str] = "norm"
    imagewise: ClassVar[bool] = True
    keeps_shape: ClassVar[bool] = True

    num_groups: int
    num_channels: int
    eps: float = 1e-5
    affine: bool = True

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        at_least_one(self, "num_groups", "num_channels")
        if self.num_channels % self.num_groups:
            raise ShapeError(
                f"num_groups={self.num_groups} must divide num_channels={self.num_channels}."
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) < 2 or shape[1] != self.num_channels:
            raise ShapeError(
                f"it takes {self.num_channels} channels, but its input is {shape_text(shape)}."
            )
        return shape

    def parameters(self) -> Mapping[str, Shape]:
        return dict.fromkeys(("weight", "bias"), (self.num_channels,)) if self.affine else {}

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return (8 if self.affine else 6) * elements(output)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return ALL

    def kept_besides(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> int:
        """Mean and 1/√variance of each group, in float32."""
        return 2 * 4 * int((inputs[0].shape or (1,))[0]) * self.num_groups

    @property
    def words(self) -> Words:
        """``group norm``, or GN in a compound."""
        return Words("group norm", initials="GN", number=str(self.num_groups))
