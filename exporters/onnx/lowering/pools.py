"""Pooling in ONNX."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archgraph import ops
from archgraph.errors import ExportError

from ..adaptive import averaging_products
from ..context import Context
from .base import lower

__all__: list[str] = []


def _end_padding(size: int, out: int, kernel: int, stride: int, pad: int, dilation: int) -> int:
    """Return the padding behind that makes a rounded-down output as long as a rounded-up one."""
    return max(pad, (out - 1) * stride + dilation * (kernel - 1) + 1 - size - pad)


Extents = tuple[int, ...]


def _ends(
    c: Context, kernel: Extents, stride: Extents, pad: Extents, dilation: Extents | None = None
) -> list[int]:
    """Return the padding behind, along each axis, that gives the output's shape."""
    dilation = dilation or (1,) * len(kernel)
    sizes = zip(c.shapes[0][2:], c.shape[2:], kernel, stride, pad, dilation, strict=True)
    return [_end_padding(*each) for each in sizes]


@lower.register(ops.MaxPool1d)
@lower.register(ops.MaxPool2d)
@lower.register(ops.MaxPool3d)
def _(op: ops.MaxPool1d | ops.MaxPool2d | ops.MaxPool3d, c: Context) -> None:
    # Runtimes disagree on ceil_mode; padding written out means the same in all of them, because
    # a maximum ignores padding.
    ends = _ends(c, op.kernel_size, op.stride, op.padding, op.dilation)
    attributes: dict[str, Any] = {"dilations": list(op.dilation)} if {*op.dilation} != {1} else {}
    if c.open and op.ceil_mode:
        # The padding that rounds up depends on the size.
        ends, attributes["ceil_mode"] = list(op.padding), 1
    c.emit(
        "MaxPool",
        *c.inputs,
        kernel_shape=list(op.kernel_size),
        strides=list(op.stride),
        pads=[*op.padding, *ends],
        **attributes,
    )


@lower.register(ops.AvgPool1d)
@lower.register(ops.AvgPool2d)
@lower.register(ops.AvgPool3d)
def _(op: ops.AvgPool1d | ops.AvgPool2d | ops.AvgPool3d, c: Context) -> None:
    # What a rounded-up last window reads behind the map and its padding never counts in PyTorch:
    # it is written as padding that does not count, and padding that does count as zeros.
    down = replace(op, ceil_mode=False).output_shape(c.shapes[0])
    up = down != c.shape
    (x,), padding, ends = c.inputs, op.padding, op.padding
    if c.open:
        up = op.ceil_mode
    if up:
        ends = padding if c.open else _ends(c, op.kernel_size, op.stride, padding)
        if op.count_include_pad and any(padding):
            x = c.emit("Pad", x, c.integers("pads", 0, 0, *padding, 0, 0, *padding), part="padded")
            ends = tuple(end - pad for end, pad in zip(ends, padding, strict=True))
            padding = (0,) * len(padding)
    c.emit(
        "AveragePool",
        x,
        kernel_shape=list(op.kernel_size),
        strides=list(op.stride),
        pads=[*padding, *ends],
        count_include_pad=int(op.count_include_pad and not up),
        ceil_mode=int(up and c.open),
    )


def _even(op: ops.AdaptiveAvgPool2d | ops.AdaptiveMaxPool2d, c: Context) -> list[int] | None:
    """Return the kernel of the plain pooling that an adaptive one is, where it is one."""
    if c.open:
        return None
    pairs = list(zip(c.shapes[0][2:], op.output_size, strict=True))
    return None if any(size % out for size, out in pairs) else [size // out for size, out in pairs]


@lower.register
def _(op: ops.AdaptiveAvgPool2d, c: Context) -> None:
    kernel = _even(op, c)
    if op.output_size == (1, 1):
        c.emit("GlobalAveragePool", *c.inputs)
    elif kernel == [1, 1]:
        c.emit("Identity", *c.inputs)
    elif kernel is not None:
        c.emit("AveragePool", *c.inputs, kernel_shape=kernel, strides=kernel)
    else:
        averaging_products(op, c)


@lower.register
def _(op: ops.AdaptiveMaxPool2d, c: Context) -> None:
    kernel = _even(op, c)
    if op.output_size == (1, 1):
        c.emit("GlobalMaxPool", *c.inputs)
    elif kernel is not None:
        c.emit("MaxPool", *c.inputs, kernel_shape=kernel, strides=kernel)
    else:
        raise ExportError(
            f"node '{c.node}': ONNX has no adaptive max pooling from "
            f"{ops.shape_text(c.shapes[0])} to {ops.shape_text(op.output_size)}; "
            "the output must divide the input."
        )
