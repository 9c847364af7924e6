"""Normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import ALL, EACH, Op, Reach, Shape, elements, shape_text
from archgraph.ops.words import Words

__all__ = ["BatchNorm2d", "LayerNorm", "LocalResponseNorm", "RMSNorm"]


@dataclass(frozen=True)
class BatchNorm2d(Op):
    """Batch normalisation over channels (Ioffe and Szegedy, 2015): the shape stays.

    FLOPs: 2 per element, the multiply and the add that are left of it at inference.
    """

    family: ClassVar[str] = "norm"
    imagewise: ClassVar[bool] = True
    keeps_shape: ClassVar[bool] = True

    num_features: int
    eps: float = 1e-5
    momentum: float = 0.1

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) < 2 or shape[1] != self.num_features:
            raise ShapeError(
                f"it takes {self.num_features} channels (C×H×W), but its input is "
                f"{shape_text(shape)}."
            )
        return shape

    def parameters(self) -> Mapping[str, Shape]:
        return {"weight": (self.num_features,), "bias": (self.num_features,)}

    def buffers(self) -> Mapping[str, Shape]:
        return {
            "running_mean": (self.num_features,),
            "running_var": (self.num_features,),
            "num_batches_tracked": (),
        }

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return 2 * elements(output)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return EACH

    counters: ClassVar[tuple[str, ...]] = ("num_batches_tracked",)

    @property
    def words(self) -> Words:
        """``batch norm``, or BN in a compound."""
        return Words("batch norm", initials="BN")


@dataclass(frozen=True)
class LocalResponseNorm(Op):
    """Local response normalisation across channels: x / (k + alpha/size · Σ x²)^beta.

    As in PyTorch and ONNX, ``alpha`` is divided by ``size``; AlexNet's paper (section 3.3) does
    not divide, so its α = 10⁻⁴ with n = 5 is ``alpha=5e-4`` here.
    FLOPs: size + 4 per element (square, size − 1 additions, scale, add k, power, divide).
    """

    family: ClassVar[str] = "norm"
    imagewise: ClassVar[bool] = True
    keeps_shape: ClassVar[bool] = True

    size: int
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        if type(self.size) is not int or self.size < 1:
            raise ShapeError(f"size is {self.size!r}, but it must be an integer of at least 1.")

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) < 3:
            raise ShapeError(f"it takes C×H×W, but its input is {shape_text(shape)}.")
        return shape

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return (self.size + 4) * elements(output)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return EACH

    @property
    def words(self) -> Words:
        """Called by its initials."""
        return Words("LRN", initials="LRN", number=str(self.size))

    @property
    def told(self) -> bool:
        """In AlexNet's time a layer of its own."""
        return True


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
