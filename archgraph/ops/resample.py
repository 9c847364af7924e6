"""Maps made larger or smaller without weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from archgraph.errors import ShapeError
from archgraph.forms import shown
from archgraph.ops.base import EACH, SOME, Op, Reach, Shape, elements, shape_text
from archgraph.ops.pool import adaptive_reach
from archgraph.ops.words import Words

__all__ = ["PixelShuffle", "Resize"]

MODES = {
    "nearest": 0,
    "nearest-exact": 0,
    "linear": 3,
    "bilinear": 7,
    "bicubic": 35,
    "trilinear": 15,
    "area": 1,
}
"""FLOPs per output element: products and sums of the neighbours (2·2ᵈ − 1; 2·16 + 3 for cubic)."""

_FINE = 4096
"""The largest denominator of a factor, as a fraction."""


@dataclass(frozen=True)
class Resize(Op):
    """Interpolation to a size, or by factors: (N, C, …) → (N, C, …), as torch's interpolate.

    Either ``size`` (the output's extents) or ``scale`` (factors; H' = ⌊H · scale⌋).
    FLOPs: those of the mode per output element.
    """

    family: ClassVar[str] = "resampling"
    imagewise: ClassVar[bool] = True

    size: Any = None
    scale: Any = None
    mode: str = "nearest"
    align_corners: bool = False

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        if (self.size is None) == (self.scale is None):
            raise ShapeError("it takes either a size or a scale.")
        if self.mode not in MODES:
            raise ShapeError(f"mode is '{self.mode}', but it must be one of {', '.join(MODES)}.")
        for name, kinds in (("size", (int,)), ("scale", (int, float))):
            value = getattr(self, name)
            if value is not None:
                value = tuple(value) if isinstance(value, (tuple, list)) else (value,)
                if not all(type(each) in kinds and 0 < each < math.inf for each in value):
                    raise ShapeError(
                        f"{name} is {shown(value)}, but it must be numbers above zero."
                    )
                object.__setattr__(self, name, value)

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        given = self.size if self.size is not None else self.scale
        rank = len(shape) - 2
        if len(given) == 1:
            given = given * rank
        if rank < 1 or len(given) != rank:
            raise ShapeError(f"it resizes {len(given)} axes, but its input is {shape_text(shape)}.")
        if self.size is not None:
            return (*shape[:2], *given)
        found = tuple(math.floor(n * f) for n, f in zip(shape[2:], given, strict=True))
        if min(found) < 1:
            raise ShapeError(f"its scale {shown(given)} leaves nothing of {shape_text(shape)}.")
        return (*shape[:2], *found)

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return MODES[self.mode] * elements(output)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        """What an element is made of where the image goes on: the nearest, or all around it."""
        if axis < 0:
            return EACH
        if axis + 2 >= len(shape) or not all(isinstance(extent, int) for extent in shape):
            return None
        size, out = int(shape[axis + 2]), int(self.output_shape(shape)[axis + 2])
        if self.mode == "area":
            return adaptive_reach(size, out)
        ratio = Fraction(size, out)
        if self.scale is not None:
            factor = self.scale[axis if len(self.scale) > 1 else 0]
            ratio = 1 / Fraction(factor).limit_denominator(_FINE)
        if self.align_corners:
            # The corners' elements stand on one another: H' − 1 steps for H − 1.
            ratio = Fraction(size - 1, max(out - 1, 1))
        step, parts = ratio.numerator, ratio.denominator
        if self.mode == "nearest":
            return Reach(parts, step, parts, 1 - parts)
        if self.mode == "nearest-exact":
            return Reach(2 * parts, 2 * step, 2 * parts, step - 2 * parts + 1)
        around = 2 if self.mode == "bicubic" else 1
        if self.align_corners:
            return Reach(2 * around * parts - 1, step, parts, 1 - around * parts)
        far = 2 * around * parts - 1
        return Reach(2 * far + 1, 2 * step, 2 * parts, step - parts - far)

    @property
    def words(self) -> Words:
        """Such as ``bilinear resize``."""
        return Words("resize", how=self.mode)


@dataclass(frozen=True)
class PixelShuffle(Op):
    """Channels spread over larger maps: (N, C·r², H, W) → (N, C, H·r, W·r) (Shi et al., 2016)."""

    family: ClassVar[str] = "resampling"
    imagewise: ClassVar[bool] = True

    upscale_factor: int

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        factor = self.upscale_factor
        if len(shape) != 4 or factor < 1 or shape[1] % factor**2:
            raise ShapeError(
                f"it takes maps whose channels are a multiple of {factor**2}, but its input is "
                f"{shape_text(shape)}."
            )
        batch, channels, height, width = shape
        return (batch, channels // factor**2, height * factor, width * factor)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        factor = self.upscale_factor
        return Reach(factor, 1, factor, 1 - factor) if axis >= 0 else SOME
