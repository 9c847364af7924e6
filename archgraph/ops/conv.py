"""Convolutions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.base import Op, Pair, PairField, Shape, elements, pair, shape_text

__all__ = ["Conv2d", "conv_extent"]


def conv_extent(size: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> int:
    """Return H' = floor((H + 2P − D·(K − 1) − 1) / S) + 1, the extent of a convolution's output.

    With dilation 1 this is floor((H − K + 2P) / S) + 1 (Dumoulin and Visin, 2016, relationship 6).
    """
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


@dataclass(frozen=True)
class Conv2d(Op):
    """2-D convolution: (C, H, W) → (out_channels, H', W').

    parameters: out_channels · (C / groups) · K_h · K_w weights, and out_channels biases.
    MACs: output elements · (C / groups) · K_h · K_w.  FLOPs: 2 · MACs + output elements if biased.
    """

    family: ClassVar[str] = "conv"

    in_channels: int
    out_channels: int
    kernel_size: PairField
    stride: PairField = (1, 1)
    padding: PairField = (0, 0)
    dilation: PairField = (1, 1)
    groups: int = 1
    bias: bool = True

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        put = object.__setattr__
        put(self, "kernel_size", pair(self.kernel_size, "kernel_size", 1))
        put(self, "stride", pair(self.stride, "stride", 1))
        put(self, "padding", pair(self.padding, "padding", 0))
        put(self, "dilation", pair(self.dilation, "dilation", 1))
        for field in ("in_channels", "out_channels", "groups"):
            value = getattr(self, field)
            if type(value) is not int or value < 1:
                raise ShapeError(f"{field} is {value!r}, but it must be an integer of at least 1.")
        if self.in_channels % self.groups or self.out_channels % self.groups:
            raise ShapeError(
                f"groups={self.groups} must divide both in_channels={self.in_channels} "
                f"and out_channels={self.out_channels}."
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) != 3 or shape[0] != self.in_channels:
            raise ShapeError(
                f"it takes {self.in_channels} channels (C×H×W), but its input is "
                f"{shape_text(shape)}."
            )
        height, width = (
            conv_extent(shape[axis + 1], kernel, stride, padding, dilation)
            for axis, kernel, stride, padding, dilation in zip(
                (0, 1), self.kernel_size, self.stride, self.padding, self.dilation, strict=True
            )
        )
        if height < 1 or width < 1:
            raise ShapeError(
                f"its {shape_text(self.kernel_size)} kernel does not fit into the "
                f"{shape_text(shape)} input; a larger network input is needed."
            )
        return (self.out_channels, height, width)

    def parameters(self) -> Mapping[str, Shape]:
        weight = (self.out_channels, self.in_channels // self.groups, *self.kernel_size)
        return {"weight": weight, "bias": (self.out_channels,)} if self.bias else {"weight": weight}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        kernel: Pair = self.kernel_size
        return elements(output) * (self.in_channels // self.groups) * kernel[0] * kernel[1]

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return 2 * self.macs(inputs, output) + (elements(output) if self.bias else 0)
