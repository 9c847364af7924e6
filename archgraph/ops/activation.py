"""Activations and dropout: the shape stays.

FLOPs count one operation per element for an activation, as if the function were one instruction;
softmax counts 3 (exponential, addition, division). Dropout does nothing at inference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import (
    ALL,
    EACH,
    Op,
    Reach,
    Shape,
    at_least_one,
    axis_of,
    elements,
    shape_text,
)
from archgraph.ops.strides import Strides
from archgraph.ops.words import Words
from archgraph.tensors import Batch, Tensor, bytes_of

__all__ = [
    "GELU",
    "Dropout",
    "Hardsigmoid",
    "Hardswish",
    "LeakyReLU",
    "LogSoftmax",
    "PReLU",
    "QuickGELU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
]


@dataclass(frozen=True)
class _Activation(Op):
    """An element-wise function.  FLOPs: one per element."""

    family: ClassVar[str] = "activation"
    imagewise: ClassVar[bool] = True
    keeps_shape: ClassVar[bool] = True

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(output)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return EACH


@dataclass(frozen=True)
class ReLU(_Activation):
    """max(x, 0)."""

    @property
    def keeps(self) -> str:
        """Its gradient follows from its output."""
        return "output"


@dataclass(frozen=True)
class ReLU6(_Activation):
    """min(max(x, 0), 6)."""


@dataclass(frozen=True)
class LeakyReLU(_Activation):
    """x for x ≥ 0, negative_slope · x below."""

    negative_slope: float = 0.01


@dataclass(frozen=True)
class PReLU(_Activation):
    """x for x ≥ 0, a learned slope · x below (He et al., 2015): one slope, or one a channel."""

    num_parameters: int = 1

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        at_least_one(self, "num_parameters")

    def parameters(self) -> Mapping[str, Shape]:
        return {"weight": (self.num_parameters,)}


@dataclass(frozen=True)
class SiLU(_Activation):
    """x · sigmoid(x)."""


@dataclass(frozen=True)
class GELU(_Activation):
    """x · Φ(x), Φ being the normal distribution function; ``approximate="tanh"`` computes it so.

    (Hendrycks and Gimpel, 2016, section 2.)
    """

    approximate: str = "none"

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        if self.approximate not in ("none", "tanh"):
            raise ShapeError(f"approximate is '{self.approximate}', but it is 'none' or 'tanh'.")


@dataclass(frozen=True)
class QuickGELU(_Activation):
    """x · sigmoid(1.702 · x), the quicker of GELU's two approximations, as CLIP has it.

    (Hendrycks and Gimpel, 2016, section 2.)
    """

    @property
    def words(self) -> Words:
        """As people say it."""
        return Words("quick GELU")

    def kept_besides(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> int:
        """The sigmoid that it multiplies by."""
        return bytes_of(outputs[0]) or 0


@dataclass(frozen=True)
class Hardswish(_Activation):
    """x · min(max(x + 3, 0), 6) / 6."""


@dataclass(frozen=True)
class Hardsigmoid(_Activation):
    """min(max(slope · x + ½, 0), 1): PyTorch's slope is 1/6, that of Keras and Paddle 1/5."""

    slope: float = 1 / 6


@dataclass(frozen=True)
class Sigmoid(_Activation):
    """1 / (1 + exp(−x))."""

    @property
    def keeps(self) -> str:
        """Its gradient follows from its output."""
        return "output"


@dataclass(frozen=True)
class Tanh(_Activation):
    """tanh(x)."""

    @property
    def keeps(self) -> str:
        """Its gradient follows from its output."""
        return "output"


@dataclass(frozen=True)
class Softmax(Op):
    """exp(x) / Σ exp(x) over one axis (``dim`` counts the batch axis, as in PyTorch)."""

    family: ClassVar[str] = "activation"
    imagewise: ClassVar[bool] = True
    keeps_shape: ClassVar[bool] = True

    dim: int = 1

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if type(shape[axis_of(self.dim, shape)]) is Batch:
            raise ShapeError(f"dim is {self.dim}, but that is the batch of {shape_text(shape)}.")
        return shape

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return 3 * elements(output)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return ALL if axis_of(self.dim, shape) == axis + 2 else EACH

    @property
    def keeps(self) -> str:
        """Its gradient follows from its output."""
        return "output"


@dataclass(frozen=True)
class LogSoftmax(Softmax):
    """x − log Σ exp(x) over one axis: the logarithm of a softmax, where that underflows too."""


@dataclass(frozen=True)
class Dropout(Op):
    """Sets elements to zero with probability ``p`` in training; the identity at inference."""

    family: ClassVar[str] = "regularisation"
    imagewise: ClassVar[bool] = True
    keeps_shape: ClassVar[bool] = True

    p: float = 0.5

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        if not 0 <= self.p <= 1:
            raise ShapeError(f"p is {self.p!r}, but it must be a probability from 0 to 1.")

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return EACH

    silent: ClassVar[bool] = True

    @property
    def keeps(self) -> str:
        """Which elements were dropped, and nothing else."""
        return "nothing"

    def kept_besides(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> int:
        """The mask: on a CPU it has the type of what it multiplies."""
        return bytes_of(outputs[0]) or 0 if self.p else 0

    def viewed(
        self, shape: Shape, strides: Strides, outputs: Sequence[Shape]
    ) -> tuple[Strides, ...] | None:
        return (strides,)

    @property
    def words(self) -> Words:
        """``dropout``; its probability tells it from others."""
        return Words("dropout", number=f"{self.p:g}")
