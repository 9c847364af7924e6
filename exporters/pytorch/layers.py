"""One PyTorch layer for each operator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, singledispatch

import torch
from torch import Tensor, nn
from torch.nn import functional

from archgraph import ops
from archgraph.errors import ExportError

__all__ = ["Concat", "MatMul", "PadShortcut", "Product", "Slice", "Sum", "layer"]


class Sum(nn.Module):
    """Adds its inputs element by element."""

    def forward(self, first: Tensor, *others: Tensor) -> Tensor:
        """Return the sum of all inputs."""
        for other in others:
            first = first + other
        return first


class Product(nn.Module):
    """Multiplies its inputs element by element."""

    def forward(self, first: Tensor, *others: Tensor) -> Tensor:
        """Return the product of all inputs."""
        for other in others:
            first = first * other
        return first


class MatMul(nn.Module):
    """Multiplies two matrices, or two batches of them."""

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        """Return left @ right."""
        return left @ right


class Concat(nn.Module):
    """Joins its inputs along one axis."""

    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the inputs side by side along ``dim``."""
        return torch.cat(inputs, self.dim)

    def extra_repr(self) -> str:
        """Return what repr shows between the brackets."""
        return f"dim={self.dim}"


class Slice(nn.Module):
    """Takes a range of channels."""

    def __init__(self, start: int, stop: int) -> None:
        super().__init__()
        self.start, self.stop = start, stop

    def forward(self, x: Tensor) -> Tensor:
        """Return channels ``start`` up to ``stop``: (N, C, …) → (N, stop − start, …)."""
        return x[:, self.start : self.stop]

    def extra_repr(self) -> str:
        """Return what repr shows between the brackets."""
        return f"{self.start}, {self.stop}"


class PadShortcut(nn.Module):
    """Takes every stride-th pixel and adds channels of zeros (He et al., 2015, option A)."""

    def __init__(self, stride: tuple[int, int], before: int, after: int) -> None:
        super().__init__()
        self.stride, self.before, self.after = stride, before, after

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, before + C + after, ⌈H/s⌉, ⌈W/s⌉)."""
        x = x[:, :, :: self.stride[0], :: self.stride[1]]
        return functional.pad(x, (0, 0, 0, 0, self.before, self.after))

    def extra_repr(self) -> str:
        """Return what repr shows between the brackets."""
        return f"stride={self.stride}, before={self.before}, after={self.after}"


_WITHOUT_SETTINGS: dict[type[ops.Op], Callable[[], nn.Module]] = {
    ops.Add: Sum,
    ops.Flatten: nn.Flatten,
    ops.GELU: nn.GELU,
    ops.Hardsigmoid: nn.Hardsigmoid,
    ops.Hardswish: nn.Hardswish,
    ops.GlobalAvgPool2d: partial(nn.AdaptiveAvgPool2d, 1),
    ops.Identity: nn.Identity,
    ops.MatMul: MatMul,
    ops.Mul: Product,
    ops.ReLU: nn.ReLU,
    ops.ReLU6: nn.ReLU6,
    ops.Sigmoid: nn.Sigmoid,
    ops.SiLU: nn.SiLU,
    ops.Tanh: nn.Tanh,
}


@singledispatch
def layer(op: ops.Op) -> nn.Module:
    """Return a new layer that computes ``op``; ExportError when there is none.

    An operator of another package joins with ``layer.register``.
    """
    if type(op) in _WITHOUT_SETTINGS:
        return _WITHOUT_SETTINGS[type(op)]()
    raise ExportError(f"its operator {op.kind} has no PyTorch layer.")


@layer.register
def _(op: ops.Opaque) -> nn.Module:
    raise ExportError(f"its operator '{op.type_name}' is unknown to archgraph.")


@layer.register
def _(op: ops.Conv2d) -> nn.Module:
    return nn.Conv2d(
        op.in_channels,
        op.out_channels,
        op.kernel_size,
        op.stride,
        op.padding,
        op.dilation,
        op.groups,
        op.bias,
    )


@layer.register
def _(op: ops.ConvTranspose2d) -> nn.Module:
    return nn.ConvTranspose2d(
        op.in_channels,
        op.out_channels,
        op.kernel_size,
        op.stride,
        op.padding,
        op.output_padding,
        op.groups,
        op.bias,
        op.dilation,
    )


@layer.register
def _(op: ops.Linear) -> nn.Module:
    return nn.Linear(op.in_features, op.out_features, op.bias)


@layer.register
def _(op: ops.BatchNorm2d) -> nn.Module:
    return nn.BatchNorm2d(op.num_features, op.eps, op.momentum)


@layer.register
def _(op: ops.LocalResponseNorm) -> nn.Module:
    return nn.LocalResponseNorm(op.size, op.alpha, op.beta, op.k)


@layer.register
def _(op: ops.MaxPool2d) -> nn.Module:
    return nn.MaxPool2d(op.kernel_size, op.stride, op.padding, op.dilation, ceil_mode=op.ceil_mode)


@layer.register
def _(op: ops.AvgPool2d) -> nn.Module:
    return nn.AvgPool2d(op.kernel_size, op.stride, op.padding, op.ceil_mode, op.count_include_pad)


@layer.register
def _(op: ops.AdaptiveAvgPool2d) -> nn.Module:
    return nn.AdaptiveAvgPool2d(op.output_size)


@layer.register
def _(op: ops.AdaptiveMaxPool2d) -> nn.Module:
    return nn.AdaptiveMaxPool2d(op.output_size)


@layer.register
def _(op: ops.LeakyReLU) -> nn.Module:
    return nn.LeakyReLU(op.negative_slope)


@layer.register
def _(op: ops.Softmax) -> nn.Module:
    return nn.Softmax(op.dim)


@layer.register
def _(op: ops.Dropout) -> nn.Module:
    return nn.Dropout(op.p)


@layer.register
def _(op: ops.Concat) -> nn.Module:
    return Concat(op.dim)


@layer.register
def _(op: ops.Slice) -> nn.Module:
    return Slice(op.start, op.stop)


@layer.register
def _(op: ops.ZeroPad2d) -> nn.Module:
    return nn.ZeroPad2d(op.padding)


@layer.register
def _(op: ops.PadShortcut) -> nn.Module:
    return PadShortcut(op.stride, op.channels_before, op.channels_after)
