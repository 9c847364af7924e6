"""Normalisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import EACH, Op, Reach, Shape, at_least_one, elements, shape_text
from archgraph.ops.words import Words
from archgraph.tensors import Tensor, bytes_of

__all__ = ["BatchNorm2d", "LocalResponseNorm"]


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

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        at_least_one(self, "num_features")

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

    def kept_besides(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> int:
        """Mean and 1/√variance of each channel of the batch, in float32."""
        return 2 * 4 * self.num_features

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
        at_least_one(self, "size")

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) < 3:
            raise ShapeError(f"it takes C×H×W, but its input is {shape_text(shape)}.")
        return shape

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return (self.size + 4) * elements(output)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return EACH

    def kept_besides(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> int:
        """Squares with a margin of channels, their scaled sums plus k, and the powers of these.

        All have the type of what it gives.
        """
        shape, size = inputs[0].shape or (), bytes_of(outputs[0]) or 0
        channels = int(shape[1])
        margin = size // channels * (self.size - 1)
        return 3 * size + margin

    @property
    def words(self) -> Words:
        """Called by its initials."""
        return Words("LRN", initials="LRN", number=str(self.size))

    @property
    def told(self) -> bool:
        """In AlexNet's time a layer of its own."""
        return True
