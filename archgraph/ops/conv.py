"""Convolutions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import (
    ALL,
    MAPS,
    Op,
    Pair,
    PairField,
    Reach,
    Shape,
    at_least_one,
    elements,
    extents,
    pair,
    shape_text,
)
from archgraph.ops.words import Words

__all__ = ["Conv2d", "ConvTranspose2d", "conv_extent", "transposed_reach", "window_extent"]


def conv_extent(size: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> int:
    """Return H' = floor((H + 2P − D·(K − 1) − 1) / S) + 1, the extent of a convolution's output.

    With dilation 1 this is floor((H − K + 2P) / S) + 1 (Dumoulin and Visin, 2016, relationship 6).
    """
    return (size - window_extent(kernel, dilation) + 2 * padding) // stride + 1


def window_extent(kernel: int, dilation: int) -> int:
    """Return how many elements lie under a window, gaps included: D·(K − 1) + 1."""
    return kernel if dilation == 1 else dilation * (kernel - 1) + 1


def transposed_reach(kernel: int, stride: int, padding: int, dilation: int) -> Reach:
    """Return what an element sees behind a transposed convolution: element i adds i·S + D·k − P.

    That is the window of a convolution over the input with S − 1 zeros between its elements
    (Dumoulin and Visin, 2016, section 4.5).
    """
    window = window_extent(kernel, dilation)
    return Reach(window, 1, int(stride), start=padding - window + 1, gap=dilation)


@dataclass(frozen=True)
class _Conv(Op):
    """A convolution along ``axes`` axes: (N, C, …) → (N, out_channels, …)."""

    family: ClassVar[str] = "conv"
    imagewise: ClassVar[bool] = True
    axes: ClassVar[int] = 2

    in_channels: int
    out_channels: int
    kernel_size: Any
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
    groups: int = 1
    bias: bool = True

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        least = {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1}
        for field, value in least.items():
            given = extents(getattr(self, field), field, value, self.axes)
            object.__setattr__(self, field, given)
        _check_channels(self)

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        _check_input(self, shape, self.axes)
        maps = tuple(
            conv_extent(size, kernel, stride, padding, dilation)
            for size, kernel, stride, padding, dilation in zip(
                shape[2:], self.kernel_size, self.stride, self.padding, self.dilation, strict=True
            )
        )
        if min(maps) < 1:
            raise ShapeError(
                f"its {shape_text(self.kernel_size)} kernel does not fit into the "
                f"{shape_text(shape)} input; a larger network input is needed."
            )
        return (shape[0], self.out_channels, *maps)

    def parameters(self) -> Mapping[str, Shape]:
        weight = (self.out_channels, self.in_channels // self.groups, *self.kernel_size)
        return {"weight": weight, "bias": (self.out_channels,)} if self.bias else {"weight": weight}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return elements(output) * ((self.in_channels // self.groups) * elements(self.kernel_size))

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return 2 * self.macs(inputs, output) + (elements(output) if self.bias else 0)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        if not 0 <= axis < self.axes:
            return ALL if axis == -1 else None
        window = window_extent(self.kernel_size[axis], self.dilation[axis])
        start = -self.padding[axis]
        return Reach(window, self.stride[axis], start=start, gap=self.dilation[axis])

    @property
    def words(self) -> Words:
        """Such as ``3×3 conv, 64, /2``."""
        return Words(
            "conv",
            window=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
            groups=self.groups,
            depthwise=1 < self.groups == self.in_channels,
            width=self.out_channels,
        )


@dataclass(frozen=True)
class Conv2d(_Conv):
    """2-D convolution: (N, C, H, W) → (N, out_channels, H', W').

    parameters: out_channels · (C / groups) · K_h · K_w weights, and out_channels biases.
    MACs: output elements · (C / groups) · K_h · K_w.  FLOPs: 2 · MACs + output elements if biased.
    """

    kernel_size: PairField
    stride: PairField = (1, 1)
    padding: PairField = (0, 0)
    dilation: PairField = (1, 1)


@dataclass(frozen=True)
class ConvTranspose2d(Op):
    """2-D transposed convolution, makes maps larger: (N, C, H, W) → (N, out_channels, H', W').

    H' = (H − 1)·S − 2P + D·(K − 1) + output_padding + 1 (Dumoulin and Visin, 2016, relation 14).
    parameters: C · (out_channels / groups) · K_h · K_w weights, and out_channels biases.
    MACs: input elements · (out_channels / groups) · K_h · K_w, those that fall into the padding
    included.  FLOPs: 2 · MACs + output elements if biased.
    """

    family: ClassVar[str] = "conv"
    imagewise: ClassVar[bool] = True

    in_channels: int
    out_channels: int
    kernel_size: PairField
    stride: PairField = (1, 1)
    padding: PairField = (0, 0)
    output_padding: PairField = (0, 0)
    groups: int = 1
    bias: bool = True
    dilation: PairField = (1, 1)

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        put = object.__setattr__
        least = {"kernel_size": 1, "stride": 1, "dilation": 1, "padding": 0, "output_padding": 0}
        for field, value in least.items():
            put(self, field, pair(getattr(self, field), field, value))
        _check_channels(self)
        steps = zip(self.output_padding, self.stride, self.dilation, strict=True)
        if any(extra >= max(stride, dilation) for extra, stride, dilation in steps):
            raise ShapeError(
                f"output_padding is {shape_text(self.output_padding)}, but it must be less than "
                f"stride={shape_text(self.stride)} or dilation={shape_text(self.dilation)}."
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        _check_input(self, shape)
        height, width = (
            (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1
            for size, kernel, stride, padding, extra, dilation in zip(
                shape[2:],
                self.kernel_size,
                self.stride,
                self.padding,
                self.output_padding,
                self.dilation,
                strict=True,
            )
        )
        if height < 1 or width < 1:
            raise ShapeError(
                f"its padding of {shape_text(self.padding)} leaves nothing of the "
                f"{shape_text(shape)} input; a larger network input is needed."
            )
        return (shape[0], self.out_channels, height, width)

    def parameters(self) -> Mapping[str, Shape]:
        weight = (self.in_channels, self.out_channels // self.groups, *self.kernel_size)
        return {"weight": weight, "bias": (self.out_channels,)} if self.bias else {"weight": weight}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        kernel: Pair = self.kernel_size
        return elements(inputs[0]) * ((self.out_channels // self.groups) * elements(kernel))

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return 2 * self.macs(inputs, output) + (elements(output) if self.bias else 0)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        if not 0 <= axis < len(self.stride):
            return ALL if axis == -1 else None
        return transposed_reach(
            self.kernel_size[axis], self.stride[axis], self.padding[axis], self.dilation[axis]
        )

    @property
    def words(self) -> Words:
        """Such as ``2×2 transposed conv, 64, ×2``."""
        return Words(
            "conv",
            how="transposed",
            window=self.kernel_size,
            stride=self.stride,
            enlarges=True,
            dilation=self.dilation,
            groups=self.groups,
            width=self.out_channels,
        )


def _check_channels(op: _Conv | ConvTranspose2d) -> None:
    at_least_one(op, "in_channels", "out_channels", "groups")
    if op.in_channels % op.groups or op.out_channels % op.groups:
        raise ShapeError(
            f"groups={op.groups} must divide both in_channels={op.in_channels} "
            f"and out_channels={op.out_channels}."
        )


def _check_input(op: _Conv | ConvTranspose2d, shape: Shape, axes: int = 2) -> None:
    if len(shape) != axes + 2 or shape[1] != op.in_channels:
        raise ShapeError(
            f"it takes {op.in_channels} channels ({MAPS[axes]}), but its input is "
            f"{shape_text(shape)}."
        )
