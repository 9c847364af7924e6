"""Operators that rearrange or cut tensors without arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.forms import shown
from archgraph.ops.base import (
    EACH,
    SOME,
    Op,
    PairField,
    Reach,
    Shape,
    axis_of,
    elements,
    pair,
    shape_text,
)
from archgraph.ops.regrouping import landing, stays
from archgraph.ops.strides import Strides, reshaped
from archgraph.ops.words import Words

__all__ = ["Flatten", "Identity", "PadShortcut", "Slice", "ZeroPad2d"]


@dataclass(frozen=True)
class Flatten(Op):
    """All elements of an image in one row: (N, C, H, W) → (N, C·H·W)."""

    family: ClassVar[str] = "reshape"
    imagewise: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if not shape:
            raise ShapeError("its input is a scalar, but it takes a tensor with a batch.")
        return (shape[0], elements(shape[1:]))

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        if not all(isinstance(extent, int) for extent in shape):
            return None
        return EACH if stays(shape, self.output_shape(shape), axis + 2) else SOME

    def lands(self, shape: Shape, output: Shape, axis: int) -> tuple[int, ...]:
        return landing(shape, output, axis)

    def viewed(
        self, shape: Shape, strides: Strides, outputs: Sequence[Shape]
    ) -> tuple[Strides, ...] | None:
        found = reshaped(shape, strides, outputs[0])
        return None if found is None else (found,)

    silent: ClassVar[bool] = True


@dataclass(frozen=True)
class Identity(Op):
    """The input, unchanged."""

    family: ClassVar[str] = "reshape"
    imagewise: ClassVar[bool] = True
    keeps_shape: ClassVar[bool] = True

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return EACH

    def viewed(
        self, shape: Shape, strides: Strides, outputs: Sequence[Shape]
    ) -> tuple[Strides, ...] | None:
        return (strides,)

    silent: ClassVar[bool] = True


@dataclass(frozen=True)
class Slice(Op):
    """What lies from ``start`` up to, not including, ``stop`` along one axis, by default channels.

    (N, C, …) → (N, stop − start, …). ``dim`` counts the batch; every ``step``-th is taken.
    """

    family: ClassVar[str] = "reshape"
    imagewise: ClassVar[bool] = True

    start: int
    stop: int
    dim: int = 1
    step: int = 1

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        axis = self.dim if len(shape) <= self.dim else axis_of(self.dim, shape)
        what = "channels" if self.dim == 1 and self.step == 1 else f"axis {self.dim},"
        if axis >= len(shape) or not 0 <= self.start < self.stop <= shape[axis] or self.step < 1:
            raise ShapeError(
                f"it takes {what} {self.start} to {self.stop}, but its input is "
                f"{shape_text(shape)}."
            )
        count = -(-(self.stop - self.start) // self.step)
        return (*shape[:axis], count, *shape[axis + 1 :])

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        if axis_of(self.dim, shape) != axis + 2:
            return EACH
        return Reach(1, self.step, start=self.start)

    def viewed(
        self, shape: Shape, strides: Strides, outputs: Sequence[Shape]
    ) -> tuple[Strides, ...] | None:
        axis = axis_of(self.dim, shape)
        return ((*strides[:axis], strides[axis] * self.step, *strides[axis + 1 :]),)

    def separates(self, *inputs: Shape) -> bool:
        return super().separates(*inputs) and axis_of(self.dim, inputs[0]) != 0

    @property
    def words(self) -> Words:
        """Such as ``channels 0–47``, the last included."""
        return Words(f"channels {self.start}–{self.stop - 1}")


@dataclass(frozen=True)
class PadShortcut(Op):
    """ResNet's shortcut without weights (He et al., 2015, section 3.3, option A).

    Takes every ``stride``-th row and column and adds ``channels_before`` and ``channels_after``
    channels of zeros: (N, C, H, W) → (N, channels_before + C + channels_after, ⌈H/s⌉, ⌈W/s⌉).
    """

    family: ClassVar[str] = "reshape"
    imagewise: ClassVar[bool] = True

    stride: PairField
    channels_before: int
    channels_after: int

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        object.__setattr__(self, "stride", pair(self.stride, "stride", 1))
        if self.channels_before < 0 or self.channels_after < 0:
            raise ShapeError("channels_before and channels_after must not be negative.")

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) != 4:
            raise ShapeError(f"it takes C×H×W, but its input is {shape_text(shape)}.")
        batch, channels, height, width = shape
        return (
            batch,
            self.channels_before + channels + self.channels_after,
            -(-height // self.stride[0]),
            -(-width // self.stride[1]),
        )

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return Reach(1, int(self.stride[axis])) if axis >= 0 else EACH

    @property
    def words(self) -> Words:
        """``zero padding``."""
        return Words("zero padding")


@dataclass(frozen=True)
class ZeroPad2d(Op):
    """Rows and columns of zeros around each map; ``padding`` is (left, right, top, bottom)."""

    family: ClassVar[str] = "reshape"
    imagewise: ClassVar[bool] = True

    padding: tuple[int, int, int, int]

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        found = tuple(self.padding) if isinstance(self.padding, (tuple, list)) else ()
        if len(found) != 4 or not all(type(n) is int and n >= 0 for n in found):
            raise ShapeError(
                f"padding is {shown(self.padding)}, but it must be four numbers of at least 0: "
                "left, right, top, bottom."
            )
        object.__setattr__(self, "padding", found)

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) != 4:
            raise ShapeError(f"it takes C×H×W, but its input is {shape_text(shape)}.")
        left, right, top, bottom = self.padding
        return (*shape[:2], shape[2] + top + bottom, shape[3] + left + right)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return Reach(1, start=-self.padding[2 if axis == 0 else 0]) if axis >= 0 else EACH

    @property
    def words(self) -> Words:
        """``zero padding``."""
        return Words("zero padding")
