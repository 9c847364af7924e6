"""Pooling, with PyTorch's rules for padding and ceiling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import (
    ALL,
    EACH,
    MAPS,
    Op,
    PairField,
    Reach,
    Shape,
    elements,
    extents,
    pair,
    shape_text,
)
from archgraph.ops.conv import window_extent
from archgraph.ops.words import Words
from archgraph.tensors import Tensor

__all__ = [
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool2d",
    "AvgPool2d",
    "GlobalAvgPool2d",
    "MaxPool2d",
    "adaptive_reach",
    "pool_extent",
]


def pool_extent(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool
) -> int:
    """Return the extent of a pooling's output, rounding as PyTorch does.

    With ``ceil_mode`` a last window that would start in the right padding is dropped
    (``torch.nn.MaxPool2d``, note on ceil_mode).
    """
    span = size - window_extent(kernel, dilation) + 2 * padding
    if not ceil_mode:
        return span // stride + 1
    count = -(-span // stride) + 1
    return count - 1 if (count - 1) * stride >= size + padding else count


def _map_shape(shape: Shape, axes: int = 2) -> Shape:
    if len(shape) != axes + 2:
        raise ShapeError(f"it takes {MAPS[axes]}, but its input is {shape_text(shape)}.")
    return shape


@dataclass(frozen=True)
class _Pool(Op):
    """A window that slides over each channel; ``stride=None`` means the kernel's size."""

    family: ClassVar[str] = "pool"
    imagewise: ClassVar[bool] = True
    axes: ClassVar[int] = 2

    kernel_size: Any
    stride: Any = None
    padding: Any = 0

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        put = object.__setattr__
        put(self, "kernel_size", extents(self.kernel_size, "kernel_size", 1, self.axes))
        stride = self.kernel_size if self.stride is None else self.stride
        put(self, "stride", extents(stride, "stride", 1, self.axes))
        put(self, "padding", extents(self.padding, "padding", 0, self.axes))
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ShapeError(
                f"padding {self.padding} is more than half of kernel_size {self.kernel_size}."
            )

    def _window(self) -> int:
        return elements(self.kernel_size)

    def _dilation(self) -> tuple[int, ...]:
        return (1,) * self.axes

    def _ceil(self) -> bool:
        return False

    def output_shape(self, *inputs: Shape) -> Shape:
        batch, channels, *maps = _map_shape(inputs[0], self.axes)
        pooled = tuple(
            pool_extent(size, kernel, stride, padding, dilation, self._ceil())
            for size, kernel, stride, padding, dilation in zip(
                maps, self.kernel_size, self.stride, self.padding, self._dilation(), strict=True
            )
        )
        if min(pooled) < 1:
            raise ShapeError(
                f"its {shape_text(self.kernel_size)} window does not fit into the "
                f"{shape_text(inputs[0])} input; a larger network input is needed."
            )
        return (batch, channels, *pooled)

    def lecture(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(output) * self._window()

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        if not 0 <= axis < self.axes:
            return EACH if axis < 0 else None
        gap = self._dilation()[axis]
        size = (self.kernel_size[axis] - 1) * gap + 1
        return Reach(size, int(self.stride[axis]), start=-int(self.padding[axis]), gap=gap)

    def _words(self, how: str) -> Words:
        window, stride = self.kernel_size, self.stride
        return Words("pool", how, window=window, stride=stride, dilation=self._dilation())


@dataclass(frozen=True)
class _MaxPool(_Pool):
    dilation: Any = 1
    ceil_mode: bool = False

    def __post_init__(self) -> None:
        _Pool.__post_init__(self)
        object.__setattr__(self, "dilation", extents(self.dilation, "dilation", 1, self.axes))

    def _dilation(self) -> tuple[int, ...]:
        dilation: tuple[int, ...] = self.dilation
        return dilation

    def _ceil(self) -> bool:
        return self.ceil_mode

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(output) * (self._window() - 1)

    def kept_besides(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> int:
        """Where each maximum stood, in int64."""
        return 8 * elements(outputs[0].shape or ())

    @property
    def words(self) -> Words:
        """Such as ``3×3 max pool, /2``."""
        return self._words("max")


@dataclass(frozen=True)
class MaxPool2d(_MaxPool):
    """Max pooling: (N, C, H, W) → (N, C, H', W').

    FLOPs: K_h · K_w − 1 comparisons per output.
    """

    kernel_size: PairField
    stride: PairField = None
    padding: PairField = (0, 0)
    dilation: PairField = (1, 1)


@dataclass(frozen=True)
class _AvgPool(_Pool):
    ceil_mode: bool = False
    count_include_pad: bool = True

    def _ceil(self) -> bool:
        return self.ceil_mode

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(output) * self._window()

    @property
    def words(self) -> Words:
        """Such as ``3×3 avg pool, /2``."""
        return self._words("avg")


@dataclass(frozen=True)
class AvgPool2d(_AvgPool):
    """Average pooling: (N, C, H, W) → (N, C, H', W').

    FLOPs: K_h · K_w per output (K_h · K_w − 1 additions and one division).
    """

    kernel_size: PairField
    stride: PairField = None
    padding: PairField = (0, 0)


@dataclass(frozen=True)
class _AdaptivePool2d(Op):
    """Pooling to a given size: window i runs from floor(i·H/H') to ceil((i+1)·H/H')."""

    family: ClassVar[str] = "pool"
    imagewise: ClassVar[bool] = True

    output_size: PairField

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        object.__setattr__(self, "output_size", pair(self.output_size, "output_size", 1))

    def output_shape(self, *inputs: Shape) -> Shape:
        return (*_map_shape(inputs[0])[:2], *self.output_size)

    def _reads(self, shape: Shape) -> int:
        """Return how many input elements all windows read together.

        Along an axis that is every one, and one twice at each border that falls inside it.
        """
        per_axis: list[int] = [
            size + out - math.gcd(size, out)
            for size, out in zip(shape[2:], self.output_size, strict=True)
        ]
        return elements(shape[:2]) * per_axis[0] * per_axis[1]

    def lecture(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return self._reads(inputs[0])

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        if not 0 <= axis < 2:
            return EACH if axis < 0 else None
        return adaptive_reach(shape[axis + 2], self.output_size[axis])


def adaptive_reach(size: int, out: int) -> Reach | None:
    """Return what an element sees of ``size`` that are pooled to ``out`` by their borders."""
    if out == 1:
        return ALL
    if not isinstance(size, int):
        return None
    common = math.gcd(int(size), out)
    step, parts = int(size) // common, out // common
    return Reach(step + parts - 1, step, parts, 1 - parts)


@dataclass(frozen=True)
class AdaptiveAvgPool2d(_AdaptivePool2d):
    """Average pooling to a given output size.  FLOPs: one per element read."""

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return self._reads(inputs[0])

    @property
    def keeps(self) -> str:
        """To one place it is a mean, whose gradient needs no numbers."""
        return "nothing" if self.output_size == (1, 1) else "input"

    @property
    def words(self) -> Words:
        """Such as ``avg pool to 7×7``, ``global avg pool``."""
        return Words("pool", "avg", to=self.output_size)


@dataclass(frozen=True)
class AdaptiveMaxPool2d(_AdaptivePool2d):
    """Max pooling to a given output size.  FLOPs: elements read − outputs (comparisons)."""

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return self._reads(inputs[0]) - elements(output)

    def kept_besides(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> int:
        """Where each maximum stood, in int64."""
        return 8 * elements(outputs[0].shape or ())

    @property
    def words(self) -> Words:
        """Such as ``max pool to 7×7``, ``global max pool``."""
        return Words("pool", "max", to=self.output_size)


@dataclass(frozen=True)
class GlobalAvgPool2d(Op):
    """Average of each whole map: (N, C, H, W) → (N, C, 1, 1).  FLOPs: one per input element."""

    family: ClassVar[str] = "pool"
    imagewise: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        return (*_map_shape(inputs[0])[:2], 1, 1)

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(inputs[0])

    def lecture(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(inputs[0])

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return ALL if axis >= 0 else EACH

    @property
    def keeps(self) -> str:
        """The gradient of a mean needs no numbers."""
        return "nothing"

    @property
    def words(self) -> Words:
        """``global avg pool``."""
        return Words("pool", "avg", to=(1, 1))
