"""Operators that give the same elements in another order or shape, or some of them: no FLOPs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from archgraph.errors import ShapeError
from archgraph.forms import shown
from archgraph.ops.base import (
    EACH,
    SOME,
    Op,
    Reach,
    Real,
    Shape,
    axis_of,
    elements,
    listed,
    shape_text,
)
from archgraph.ops.regrouping import landing, stays
from archgraph.ops.strides import Strides, reshaped
from archgraph.ops.words import Words
from archgraph.tensors import ELEMENT_BITS, Open, extent, follows_batch

__all__ = [
    "Cast",
    "Expand",
    "Flip",
    "Pad",
    "Permute",
    "Repeat",
    "Reshape",
    "Roll",
    "Select",
    "Split",
    "Stack",
]


def _numbers(op: Op, *names: str) -> None:
    """Hold fields that are given as a number or several as tuples of whole numbers."""
    for name in names:
        value = getattr(op, name)
        value = tuple(value) if isinstance(value, (tuple, list)) else (value,)
        if not all(type(each) is int for each in value):
            raise ShapeError(f"{name} is {shown(value)}, but it must be whole numbers.")
        object.__setattr__(op, name, value)


def _extents(op: Op, name: str) -> None:
    """Hold a field that is a shape, whose extents may follow the batch."""
    value = getattr(op, name)
    if not isinstance(value, (tuple, list)):
        raise ShapeError(f"{name} is {shown(value)}, but it must be extents such as (N, 49, 96).")
    object.__setattr__(op, name, tuple(extent(each, name) for each in value))


@dataclass(frozen=True)
class _Mover(Op):
    family: ClassVar[str] = "reshape"

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return EACH


@dataclass(frozen=True)
class Reshape(_Mover):
    """The same elements in another shape; one extent may be −1, what is left.

    Extents of k·N are written ``Batch(k)`` or ``"kN"``: ``Reshape(("64N", 49, 96))``.
    """

    silent: ClassVar[bool] = True

    shape: Any

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        _extents(self, "shape")
        numbers = [int(each) for each in self.shape if type(each) is not Open]
        if numbers.count(-1) > 1 or min(numbers, default=0) < -1:
            raise ShapeError(
                f"shape is {shown(self.shape)}, but only one extent may be left open (−1)."
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        total = elements(shape)
        known = math.prod(each for each in self.shape if each != -1)
        rest = total // known if known else 0
        found = tuple(rest if each == -1 else each for each in self.shape)
        if elements(found) != total:
            raise ShapeError(
                f"it cannot give {shape_text(shape)}, {total:,} elements, the shape "
                f"{shape_text(self.shape)}, {known:,} elements."
            )
        return found

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


@dataclass(frozen=True)
class Permute(_Mover):
    """The axes in another order: output axis i is input axis ``dims[i]``."""

    silent: ClassVar[bool] = True

    dims: Any

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        _numbers(self, "dims")

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        axes = [axis_of(dim, shape) for dim in self.dims]
        if sorted(axes) != list(range(len(shape))):
            raise ShapeError(f"dims is {shown(self.dims)}, but its input has {len(shape)} axes.")
        return tuple(shape[axis] for axis in axes)

    def lands(self, shape: Shape, output: Shape, axis: int) -> tuple[int, ...]:
        return ([axis_of(dim, shape) for dim in self.dims].index(axis),)

    def viewed(
        self, shape: Shape, strides: Strides, outputs: Sequence[Shape]
    ) -> tuple[Strides, ...] | None:
        return (tuple(strides[axis_of(dim, shape)] for dim in self.dims),)

    def separates(self, *inputs: Shape) -> bool:
        axes = self.dims
        return (
            bool(axes)
            and axes[0] == 0
            and follows_batch(inputs[0][:1])
            and (not follows_batch(inputs[0][1:]))
        )


@dataclass(frozen=True)
class Expand(_Mover):
    """Extents of 1 stretched to those of ``shape``, where −1 keeps one; new axes come in front."""

    shape: Any

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        _extents(self, "shape")

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        new = len(self.shape) - len(shape)
        aligned = (1,) * new + tuple(shape)
        if new < 0 or any(
            wanted != -1 and wanted != size and size != 1
            for wanted, size in zip(self.shape, aligned, strict=False)
        ):
            raise ShapeError(f"{shape_text(shape)} does not stretch to {shape_text(self.shape)}.")
        return tuple(
            size if wanted == -1 else wanted
            for wanted, size in zip(self.shape, aligned, strict=True)
        )

    def viewed(
        self, shape: Shape, strides: Strides, outputs: Sequence[Shape]
    ) -> tuple[Strides, ...] | None:
        (wide,) = outputs
        new = len(wide) - len(shape)
        steps = [
            0 if had != has else step
            for step, had, has in zip(strides, shape, wide[new:], strict=True)
        ]
        return ((*[0] * new, *steps),)


@dataclass(frozen=True)
class Split(_Mover):
    """Parts along one axis, of the given sizes: as many outputs."""

    sizes: Any
    dim: int = 0

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        _extents(self, "sizes")

    def output_shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        axis = axis_of(self.dim, shape)
        if sum(self.sizes) != int(shape[axis]):
            raise ShapeError(
                f"its parts {shown(self.sizes)} do not add up to axis {self.dim} of "
                f"{shape_text(shape)}."
            )
        return tuple((*shape[:axis], size, *shape[axis + 1 :]) for size in self.sizes)

    @property
    def output_count(self) -> int:
        return len(self.sizes)

    def output_shape(self, *inputs: Shape) -> Shape:
        return self.output_shapes(*inputs)[0]

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return SOME if axis_of(self.dim, shape) == axis + 2 else EACH

    def viewed(
        self, shape: Shape, strides: Strides, outputs: Sequence[Shape]
    ) -> tuple[Strides, ...] | None:
        return (strides,) * len(outputs)


@dataclass(frozen=True)
class Stack(_Mover):
    """Tensors of one shape beside each other along a new axis, ``dim`` of the result."""

    arity: ClassVar[int | None] = None

    dim: int = 0

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(set(inputs)) > 1:
            raise ShapeError(f"its inputs {listed(inputs)} differ in shape.")
        axis = axis_of(self.dim, (*inputs[0], 1))
        return (*inputs[0][:axis], len(inputs), *inputs[0][axis:])

    def lands(self, shape: Shape, output: Shape, axis: int) -> tuple[int, ...]:
        return (axis + (axis >= axis_of(self.dim, output)),)


@dataclass(frozen=True)
class Select(_Mover):
    """What stands at one place of an axis; the axis is gone: x[:, 0] is ``Select(0, dim=1)``."""

    index: int
    dim: int = 0

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        axis = axis_of(self.dim, shape)
        if not -int(shape[axis]) <= self.index < int(shape[axis]):
            raise ShapeError(
                f"it takes place {self.index} of axis {self.dim}, but its input is "
                f"{shape_text(shape)}."
            )
        return (*shape[:axis], *shape[axis + 1 :])

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return SOME if axis_of(self.dim, shape) == axis + 2 else EACH

    def lands(self, shape: Shape, output: Shape, axis: int) -> tuple[int, ...]:
        gone = axis_of(self.dim, shape)
        return () if axis == gone else (axis - (axis > gone),)

    def viewed(
        self, shape: Shape, strides: Strides, outputs: Sequence[Shape]
    ) -> tuple[Strides, ...] | None:
        axis = axis_of(self.dim, shape)
        return ((*strides[:axis], *strides[axis + 1 :]),)


@dataclass(frozen=True)
class Roll(_Mover):
    """Elements moved along axes, those that leave at one end coming in at the other."""

    keeps_shape: ClassVar[bool] = True

    shifts: Any
    dims: Any

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        _numbers(self, "shifts", "dims")

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(self.shifts) != len(self.dims):
            raise ShapeError(
                f"shifts {shown(self.shifts)} and dims {shown(self.dims)} differ in number."
            )
        for dim in self.dims:
            axis_of(dim, inputs[0])
        return inputs[0]

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return SOME if axis + 2 in {axis_of(dim, shape) for dim in self.dims} else EACH


@dataclass(frozen=True)
class Flip(_Mover):
    """Elements in reverse along axes."""

    keeps_shape: ClassVar[bool] = True

    dims: Any

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        _numbers(self, "dims")

    def output_shape(self, *inputs: Shape) -> Shape:
        for dim in self.dims:
            axis_of(dim, inputs[0])
        return inputs[0]

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return SOME if axis + 2 in {axis_of(dim, shape) for dim in self.dims} else EACH


@dataclass(frozen=True)
class Repeat(_Mover):
    """The tensor several times along each axis; new axes come in front (torch.Tensor.repeat)."""

    repeats: Any

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        _extents(self, "repeats")

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        new = len(self.repeats) - len(shape)
        if new < 0:
            raise ShapeError(f"repeats is {shown(self.repeats)}, too few for {shape_text(shape)}.")
        aligned = (1,) * new + tuple(shape)
        return tuple(size * times for size, times in zip(aligned, self.repeats, strict=True))

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return EACH if self.repeats[axis + 2 - len(shape)] == 1 else SOME


@dataclass(frozen=True)
class Cast(_Mover):
    """The same numbers in another element type."""

    keeps_shape: ClassVar[bool] = True
    imagewise: ClassVar[bool] = True

    dtype: str

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        if self.dtype not in ELEMENT_BITS:
            raise ShapeError(
                f"{self.dtype!r} is no element type; there are {', '.join(ELEMENT_BITS)}."
            )

    def element_types(self, inputs: Sequence[str | None], weight: str) -> str | None:
        return self.dtype

    @property
    def words(self) -> Words:
        """Such as ``to float16``."""
        return Words(f"to {self.dtype}")


@dataclass(frozen=True)
class Pad(Op):
    """Elements added around a tensor, as torch.nn.functional.pad.

    ``padding`` is (before, behind) for the last axis, then for the one before it, and so on; a
    negative number takes elements away. ``mode`` is constant, reflect, replicate or circular.
    """

    family: ClassVar[str] = "reshape"

    padding: Any
    mode: str = "constant"
    value: Real = 0.0

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        found = tuple(self.padding) if isinstance(self.padding, (tuple, list)) else ()
        if len(found) % 2 or not all(type(n) is int for n in found):
            raise ShapeError(
                f"padding is {shown(self.padding)}, but it must be two whole numbers for each axis."
            )
        if self.mode not in ("constant", "reflect", "replicate", "circular"):
            raise ShapeError(
                f"mode is '{self.mode}', but it must be constant, reflect, replicate or circular."
            )
        object.__setattr__(self, "padding", found)

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(self.padding) > 2 * len(shape):
            raise ShapeError(f"its padding {shown(self.padding)} is for more axes than it has.")
        found = list(shape)
        pairs = zip(self.padding[::2], self.padding[1::2], strict=True)
        for axis, (before, behind) in enumerate(pairs, 1):
            if before or behind:
                found[-axis] += before + behind
        if min(found, default=1) < 0:
            raise ShapeError(
                f"its padding {shown(self.padding)} leaves nothing of {shape_text(shape)}."
            )
        return tuple(found)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        """What is added counts as outside of the input, also where it mirrors it."""
        place = 2 * (len(shape) - axis - 3)
        return Reach(1, start=-self.padding[place]) if place < len(self.padding) else EACH

    @property
    def words(self) -> Words:
        """Padding that takes away is a crop."""
        return Words("crop" if min(self.padding, default=0) < 0 else "padding", how=self._how())

    def _how(self) -> str:
        return "" if self.mode == "constant" else self.mode
