"""Tensors that are made rather than read: of one number, or counting up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import Op, Real, Shape
from archgraph.ops.words import Words
from archgraph.tensors import ELEMENT_BITS, extent

__all__ = ["Arange", "Full"]


@dataclass(frozen=True)
class _Made(Op):
    """``shape`` may hold extents that follow the batch: ``("2N", 128)``."""

    arity: ClassVar[int | None] = 0
    family: ClassVar[str] = "reshape"

    shape: Any
    dtype: str = "float32"

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        shape = self.shape if isinstance(self.shape, (tuple, list)) else (self.shape,)
        object.__setattr__(self, "shape", tuple(extent(each, "shape") for each in shape))
        if self.dtype not in ELEMENT_BITS:
            raise ShapeError(
                f"{self.dtype!r} is no element type; there are {', '.join(ELEMENT_BITS)}."
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        shape: Shape = self.shape
        return shape

    def element_types(self, inputs: Sequence[str | None], weight: str) -> str | None:
        return self.dtype


@dataclass(frozen=True)
class Full(_Made):
    """A tensor of one number, such as the zero state of a recurrent layer."""

    value: Real = 0.0

    @property
    def words(self) -> Words:
        """Zeros, ones or another number."""
        return Words({0.0: "zeros", 1.0: "ones"}.get(self.value, f"{self.value:g}"))


@dataclass(frozen=True)
class Arange(_Made):
    """The numbers 0, 1, 2, … along one axis."""

    dtype: str = "int64"
