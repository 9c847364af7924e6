"""Operators that rearrange or cut tensors without arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import Op, PairField, Shape, elements, pair, shape_text
from archgraph.ops.words import Words

__all__ = ["Flatten", "Identity", "PadShortcut", "Slice", "ZeroPad2d"]


@dataclass(frozen=True)
class Flatten(Op):
    """All elements of an image in one row: (C, H, W) → (C·H·W,)."""

    family: ClassVar[str] = "reshape"

    def output_shape(self, *inputs: Shape) -> Shape:
        return (elements(inputs[0]),)

    silent: ClassVar[bool] = True


@dataclass(frozen=True)
class Identity(Op):
    """The input, unchanged."""

    family: ClassVar[str] = "reshape"

    silent: ClassVar[bool] = True


@dataclass(frozen=True)
class Slice(Op):
    """The channels from ``start`` up to, not including, ``stop``: (C, …) → (stop − start, …)."""

    family: ClassVar[str] = "reshape"

    start: int
    stop: int

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if not shape or not 0 <= self.start < self.stop <= shape[0]:
            raise ShapeError(
                f"it takes channels {self.start} to {self.stop}, but its input is "
                f"{shape_text(shape)}."
            )
        return (self.stop - self.start, *shape[1:])

    @property
    def words(self) -> Words:
        """Such as ``channels 0–47``, the last included."""
        return Words(f"channels {self.start}–{self.stop - 1}")


@dataclass(frozen=True)
class PadShortcut(Op):
    """ResNet's shortcut without weights (He et al., 2015, section 3.3, option A).

    Takes every ``stride``-th row and column and adds ``channels_before`` and ``channels_after``
    channels of zeros: (C, H, W) → (channels_before + C + channels_after, ⌈H/s⌉, ⌈W/s⌉).
    """

    family: ClassVar[str] = "reshape"

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
        if len(shape) != 3:
            raise ShapeError(f"it takes C×H×W, but its input is {shape_text(shape)}.")
        channels, height, width = shape
        return (
            self.channels_before + channels + self.channels_after,
            -(-height // self.stride[0]),
            -(-width // self.stride[1]),
        )

    @property
    def words(self) -> Words:
        """``zero padding``."""
        return Words("zero padding")


@dataclass(frozen=True)
class ZeroPad2d(Op):
    """Rows and columns of zeros around each map; ``padding`` is (left, right, top, bottom)."""

    family: ClassVar[str] = "reshape"

    padding: tuple[int, int, int, int]

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        found = tuple(self.padding) if isinstance(self.padding, (tuple, list)) else ()
        if len(found) != 4 or not all(type(n) is int and n >= 0 for n in found):
            raise ShapeError(
                f"padding is {self.padding!r}, but it must be four numbers of at least 0: "
                "left, right, top, bottom."
            )
        object.__setattr__(self, "padding", found)

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) != 3:
            raise ShapeError(f"it takes C×H×W, but its input is {shape_text(shape)}.")
        left, right, top, bottom = self.padding
        return (shape[0], shape[1] + top + bottom, shape[2] + left + right)

    @property
    def words(self) -> Words:
        """``zero padding``."""
        return Words("zero padding")
