"""Convolutions and grouped products whose weights are inputs: computed, or another layer's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import (
    ALL,
    MAPS,
    Op,
    PerAxis,
    Reach,
    Shape,
    at_least_one,
    elements,
    extents,
    listed,
    shape_text,
)
from archgraph.ops.conv import conv_extent, transposed_reach, window_extent
from archgraph.ops.words import Words

__all__ = ["Convolution", "GroupedMatMul"]


@dataclass(frozen=True)
class Convolution(Op):
    """A convolution along one to three axes whose weights are its second input, a bias its third.

    The weights are out_channels × C / groups × K, those of a ``transposed`` one
    C × out_channels / groups × K. It stores nothing. A setting is a number for each axis, or one
    where all are equal.
    MACs: output elements · (C / groups) · K, transposed: input elements · (out_channels / groups)
    · K.  FLOPs: 2 · MACs + output elements if biased.
    """

    family: ClassVar[str] = "conv"
    arity: ClassVar[int | None] = None
    least: ClassVar[int] = 2

    stride: PerAxis = 1
    padding: PerAxis = 0
    dilation: PerAxis = 1
    groups: int = 1
    transposed: bool = False
    output_padding: PerAxis = 0

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        for field in _LEAST:
            value = getattr(self, field)
            if isinstance(value, (tuple, list)):
                alike = value[0] if len(set(value)) == 1 else tuple(value)
                object.__setattr__(self, field, alike)
        at_least_one(self, "groups")

    def each(self, field: str, axes: int) -> tuple[int, ...]:
        """Return a setting of every axis."""
        return extents(getattr(self, field), field, _LEAST[field], axes)

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, weight = inputs[:2]
        axes, groups = len(weight) - 2, self.groups
        if axes not in MAPS or len(shape) != axes + 2 or len(inputs) > 3:
            raise ShapeError(f"its inputs {listed(inputs)} are no maps, weights and bias.")
        takes, gives = weight[1] * groups, weight[0]
        if self.transposed:
            takes, gives = gives, takes
        if shape[1] != takes or weight[0] % groups:
            raise ShapeError(
                f"weights of {shape_text(weight)} in {groups} groups take {takes} channels, but "
                f"the input is {shape_text(shape)}."
            )
        names = ("stride", "padding", "dilation", "output_padding")
        settings = zip(*(self.each(name, axes) for name in names), strict=True)
        maps = tuple(
            (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1
            if self.transposed
            else conv_extent(size, kernel, stride, padding, dilation)
            for size, kernel, (stride, padding, dilation, extra) in zip(
                shape[2:], weight[2:], settings, strict=True
            )
        )
        if min(maps) < 1:
            raise ShapeError(
                f"its {shape_text(weight[2:])} kernel does not fit into the {shape_text(shape)} "
                "input; a larger network input is needed."
            )
        return (shape[0], gives, *maps)

    def reach_of(self, position: int, inputs: Sequence[Shape], axis: int) -> Reach | None:
        """Of the maps what lies in the window, of its weights and bias all."""
        weight = inputs[1]
        axes = len(weight) - 2
        if position or axis < 0:
            return ALL
        kernel = weight[axis + 2] if axis < axes else None
        if not isinstance(kernel, int):
            return None
        names = ("stride", "padding", "dilation")
        stride, padding, dilation = (self.each(name, axes)[axis] for name in names)
        if self.transposed:
            return transposed_reach(kernel, stride, padding, dilation)
        return Reach(window_extent(kernel, dilation), stride, start=-padding, gap=dilation)

    @property
    def keeps(self) -> str:
        """The gradient of each input needs the others."""
        return "others"

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(inputs[0] if self.transposed else output) * elements(inputs[1][1:])

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return 2 * self.macs(inputs, output) + (elements(output) if len(inputs) > 2 else 0)

    @property
    def words(self) -> Words:
        """Such as ``conv, /2``: how large the window is, its input says."""
        stride = self.stride if isinstance(self.stride, tuple) else (self.stride,)
        how = "transposed" if self.transposed else ""
        return Words("conv", how=how, stride=stride, enlarges=self.transposed, groups=self.groups)


_LEAST = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}


@dataclass(frozen=True)
class GroupedMatMul(Op):
    """Rows times matrices: T×K, E×K×M and the ends of E groups of rows → T×M.

    The rows of one group, those up to its end, meet its matrix: tokens their experts.
    MACs: T · K · M, as if every row were in a group.  FLOPs: 2 · MACs.
    """

    family: ClassVar[str] = "linear"
    arity: ClassVar[int | None] = 3

    def output_shape(self, *inputs: Shape) -> Shape:
        rows, matrices, ends = inputs
        fits = (len(rows), len(matrices), len(ends)) == (2, 3, 1)
        if not fits or rows[1] != matrices[1] or ends[0] != matrices[0]:
            raise ShapeError(f"its inputs {listed(inputs)} are no T×K, E×K×M and E.")
        return (rows[0], matrices[2])

    def element_types(self, inputs: Sequence[str | None], weight: str) -> str | None:
        return inputs[0]

    @property
    def keeps(self) -> str:
        """The gradient of each input needs the others."""
        return "others"

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(inputs[0]) * inputs[1][2]

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return 2 * self.macs(inputs, output)

    @property
    def words(self) -> Words:
        """Said as the product that it is."""
        return Words("matmul", how="grouped")

    @property
    def layer(self) -> str:
        """None of its own: its matrices are an input."""
        return ""
