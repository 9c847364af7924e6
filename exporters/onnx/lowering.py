"""How each operator is written in ONNX."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import singledispatch
from typing import Any

import numpy as np
from onnx import TensorProto

from archgraph import ops
from archgraph.errors import ExportError

from .adaptive import averaging_products
from .context import Context

__all__ = ["lower"]

_ONE_TO_ONE = {
    ops.Add: "Add",
    ops.Flatten: "Flatten",
    ops.GlobalAvgPool2d: "GlobalAveragePool",
    ops.Identity: "Identity",
    ops.MatMul: "MatMul",
    ops.Mul: "Mul",
    ops.ReLU: "Relu",
    ops.Sigmoid: "Sigmoid",
    ops.Tanh: "Tanh",
    ops.Dropout: "Identity",
}


@singledispatch
def lower(op: ops.Op, c: Context) -> None:
    """Write one operator into ``c``; ExportError when ONNX has no form for it.

    An operator of another package joins with ``lower.register``.
    """
    if type(op) not in _ONE_TO_ONE:
        raise ExportError(f"node '{c.node}': the operator {op.kind} has no ONNX form.")
    kind = _ONE_TO_ONE[type(op)]
    if kind not in ("Add", "Mul") or len(c.inputs) == 2:
        c.emit(kind, *c.inputs)
        return
    # ONNX adds two at a time.
    if len(c.inputs) == 1:
        c.emit("Identity", *c.inputs)
        return
    so_far = c.inputs[0]
    for index, other in enumerate(c.inputs[1:-1], 1):
        so_far = c.emit(kind, so_far, other, part=f"step{index}")
    c.emit(kind, so_far, c.inputs[-1])


@lower.register
def _(op: ops.Opaque, c: Context) -> None:
    raise ExportError(f"node '{c.node}': the operator '{op.type_name}' is unknown.")


@lower.register
def _(op: ops.Conv2d, c: Context) -> None:
    names = ["weight", "bias"] if op.bias else ["weight"]
    c.emit(
        "Conv",
        *c.inputs,
        *map(c.parameter, names),
        kernel_shape=list(op.kernel_size),
        strides=list(op.stride),
        pads=[*op.padding, *op.padding],
        dilations=list(op.dilation),
        group=op.groups,
    )


@lower.register
def _(op: ops.ConvTranspose2d, c: Context) -> None:
    if any(extra >= step for extra, step in zip(op.output_padding, op.stride, strict=True)):
        raise ExportError(
            f"node '{c.node}': runtimes of ONNX take an output_padding that is less than the "
            f"stride only, but it is {op.output_padding} with a stride of {op.stride}."
        )
    names = ["weight", "bias"] if op.bias else ["weight"]
    c.emit(
        "ConvTranspose",
        *c.inputs,
        *map(c.parameter, names),
        kernel_shape=list(op.kernel_size),
        strides=list(op.stride),
        pads=[*op.padding, *op.padding],
        output_padding=list(op.output_padding),
        dilations=list(op.dilation),
        group=op.groups,
    )


@lower.register
def _(op: ops.Linear, c: Context) -> None:
    names = ["weight", "bias"] if op.bias else ["weight"]
    if len(c.shape) == 1 and op.bias and c.elements == TensorProto.FLOAT16:
        # tract 0.23 takes a Gemm of 16-bit floats for one of 32 where it has a bias.
        product = c.emit("Gemm", *c.inputs, c.parameter("weight"), part="product", transB=1)
        c.emit("Add", product, c.parameter("bias"))
        return
    if len(c.shape) == 1:
        c.emit("Gemm", *c.inputs, *map(c.parameter, names), transB=1)
        return
    turned = c.emit("Transpose", c.parameter("weight"), part="transposed", perm=[1, 0])
    if not op.bias:
        c.emit("MatMul", *c.inputs, turned)
        return
    product = c.emit("MatMul", *c.inputs, turned, part="product")
    c.emit("Add", product, c.parameter("bias"))


@lower.register
def _(op: ops.BatchNorm2d, c: Context) -> None:
    names = ("weight", "bias", "running_mean", "running_var")
    c.emit("BatchNormalization", *c.inputs, *map(c.parameter, names), epsilon=op.eps)


@lower.register
def _(op: ops.LocalResponseNorm, c: Context) -> None:
    if op.size % 2:
        c.emit("LRN", *c.inputs, size=op.size, alpha=op.alpha, beta=op.beta, bias=op.k)
        return
    raise ExportError(
        f"node '{c.node}': ONNX centres a local response normalisation of even size ({op.size}) "
        "on another channel than PyTorch; use an odd size."
    )


def _end_padding(size: int, out: int, kernel: int, stride: int, pad: int, dilation: int) -> int:
    """Return the padding behind that makes a rounded-down output as long as a rounded-up one."""
    return max(pad, (out - 1) * stride + dilation * (kernel - 1) + 1 - size - pad)


def _ends(
    c: Context, kernel: ops.Pair, stride: ops.Pair, pad: ops.Pair, dilation: ops.Pair = (1, 1)
) -> list[int]:
    """Return the padding behind, of rows and columns, that gives the output's shape."""
    sizes = zip(c.shapes[0][1:], c.shape[1:], kernel, stride, pad, dilation, strict=True)
    return [_end_padding(*each) for each in sizes]


@lower.register
def _(op: ops.MaxPool2d, c: Context) -> None:
    # Runtimes disagree on ceil_mode; padding written out means the same in all of them, because
    # a maximum ignores padding.
    ends = _ends(c, op.kernel_size, op.stride, op.padding, op.dilation)
    attributes: dict[str, Any] = {"dilations": list(op.dilation)} if op.dilation != (1, 1) else {}
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


@lower.register
def _(op: ops.AvgPool2d, c: Context) -> None:
    # What a rounded-up last window reads behind the map and its padding never counts in PyTorch:
    # it is written as padding that does not count, and padding that does count as zeros.
    down = replace(op, ceil_mode=False).output_shape((1, *c.shapes[0]))
    up = down[1:] != c.shape
    (x,), padding, ends = c.inputs, op.padding, op.padding
    if c.open:
        up = op.ceil_mode
    if up:
        ends = padding if c.open else _ends(c, op.kernel_size, op.stride, padding)
        if op.count_include_pad and any(padding):
            x = c.emit("Pad", x, c.integers("pads", 0, 0, *padding, 0, 0, *padding), part="padded")
            ends = tuple(end - pad for end, pad in zip(ends, padding, strict=True))
            padding = (0, 0)
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
    pairs = list(zip(c.shapes[0][1:], op.output_size, strict=True))
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


@lower.register(ops.ReLU6)
def _(_: ops.ReLU6, c: Context) -> None:
    low, high = c.floats("low", np.array(0.0)), c.floats("high", np.array(6.0))
    c.emit("Clip", *c.inputs, low, high)


@lower.register
def _(op: ops.LeakyReLU, c: Context) -> None:
    c.emit("LeakyRelu", *c.inputs, alpha=float(op.negative_slope))


@lower.register(ops.SiLU)
def _(_: ops.SiLU, c: Context) -> None:
    c.emit("Mul", *c.inputs, c.emit("Sigmoid", *c.inputs, part="sigmoid"))


@lower.register(ops.Hardsigmoid)
def _(_: ops.Hardsigmoid, c: Context) -> None:
    # Not HardSigmoid: OpenCV 5.0 takes every product with one for a HardSwish, whatever it is of.
    scaled = c.emit("Mul", *c.inputs, c.floats("sixth", np.array(1 / 6)), part="scaled")
    shifted = c.emit("Add", scaled, c.floats("half", np.array(0.5)), part="shifted")
    c.emit("Clip", shifted, c.floats("low", np.array(0.0)), c.floats("high", np.array(1.0)))


@lower.register(ops.Hardswish)
def _(_: ops.Hardswish, c: Context) -> None:
    if c.opset >= 14:
        c.emit("HardSwish", *c.inputs)
        return
    gate = c.emit("HardSigmoid", *c.inputs, part="gate", alpha=1 / 6, beta=0.5)
    c.emit("Mul", *c.inputs, gate)


@lower.register(ops.GELU)
def _(_: ops.GELU, c: Context) -> None:
    if c.opset >= 20:
        c.emit("Gelu", *c.inputs)
        return
    scaled = c.emit("Mul", *c.inputs, c.floats("scale", np.array(math.sqrt(0.5))), part="scaled")
    erf = c.emit("Erf", scaled, part="erf")
    shifted = c.emit("Add", erf, c.floats("one", np.array(1.0)), part="shifted")
    gated = c.emit("Mul", *c.inputs, shifted, part="gated")
    c.emit("Mul", gated, c.floats("half", np.array(0.5)))


@lower.register
def _(op: ops.Softmax, c: Context) -> None:
    c.emit("Softmax", *c.inputs, axis=op.dim)


@lower.register
def _(op: ops.Concat, c: Context) -> None:
    c.emit("Concat", *c.inputs, axis=op.dim)


@lower.register
def _(op: ops.Slice, c: Context) -> None:
    bounds = c.integers("starts", op.start), c.integers("ends", op.stop), c.integers("axes", 1)
    c.emit("Slice", *c.inputs, *bounds)


@lower.register
def _(op: ops.PadShortcut, c: Context) -> None:
    if c.open:
        # The first of each window: a Slice with steps over an open size is not for every runtime.
        window = {"kernel_shape": [1, 1], "strides": list(op.stride)}
        taken = c.emit("MaxPool", *c.inputs, part="subsampled", **window)
    else:
        bounds = (
            c.integers("starts", 0, 0),
            c.integers("ends", *c.shapes[0][1:]),
            c.integers("axes", 2, 3),
            c.integers("steps", *op.stride),
        )
        taken = c.emit("Slice", *c.inputs, *bounds, part="subsampled")
    pads = (0, op.channels_before, 0, 0, 0, op.channels_after, 0, 0)
    c.emit("Pad", taken, c.integers("pads", *pads))


@lower.register
def _(op: ops.ZeroPad2d, c: Context) -> None:
    left, right, top, bottom = op.padding
    c.emit("Pad", *c.inputs, c.integers("pads", 0, 0, top, left, 0, 0, bottom, right))
