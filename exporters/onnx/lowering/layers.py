"""Layers with weights, and normalisation, in ONNX."""

from __future__ import annotations

from typing import Any

import numpy as np

from archgraph import ops
from archgraph.errors import ExportError

from ..context import Context
from .base import lower
from .reduce import reduce_over

__all__: list[str] = []


@lower.register(ops.Conv1d)
@lower.register(ops.Conv2d)
@lower.register(ops.Conv3d)
def _(op: ops.Conv1d | ops.Conv2d | ops.Conv3d, c: Context) -> None:
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
def _(op: ops.Convolution, c: Context) -> None:
    axes = len(c.shapes[1]) - 2
    padding = op.each("padding", axes)
    more: dict[str, Any] = {}
    if op.transposed:
        extra, stride = op.each("output_padding", axes), op.each("stride", axes)
        if any(each >= step for each, step in zip(extra, stride, strict=True)):
            raise c.refuse(
                "runtimes of ONNX take an output_padding that is less than the stride only, but it "
                f"is {extra} with a stride of {stride}."
            )
        more = {"output_padding": list(extra)}
    c.emit(
        "ConvTranspose" if op.transposed else "Conv",
        *c.alike(),
        kernel_shape=[int(size) for size in c.shapes[1][2:]],
        strides=list(op.each("stride", axes)),
        pads=[*padding, *padding],
        dilations=list(op.each("dilation", axes)),
        group=op.groups,
        **more,
    )


@lower.register
def _(op: ops.Linear, c: Context) -> None:
    names = ["weight", "bias"] if op.bias else ["weight"]
    turned = int(not op.transposed)
    if len(c.shapes[0]) == 2 and op.bias and c.dtype == "float16":
        # tract 0.23 takes a Gemm of 16-bit floats for one of 32 where it has a bias.
        product = c.emit("Gemm", *c.inputs, c.parameter("weight"), part="product", transB=turned)
        c.emit("Add", product, c.parameter("bias"))
        return
    if len(c.shapes[0]) == 2:
        c.emit("Gemm", *c.inputs, *map(c.parameter, names), transB=turned)
        return
    weight = c.parameter("weight")
    if not op.transposed:
        weight = c.emit("Transpose", weight, part="transposed", perm=[1, 0])
    if not op.bias:
        c.emit("MatMul", *c.inputs, weight)
        return
    product = c.emit("MatMul", *c.inputs, weight, part="product")
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


def _over_last(c: Context, count: int) -> list[int]:
    """Return the last ``count`` axes of the input."""
    rank = len(c.shapes[0])
    return list(range(rank - count, rank))


@lower.register
def _(op: ops.LayerNorm, c: Context) -> None:
    axes = _over_last(c, len(op.normalized_shape))
    keys = list(op.parameters())
    if c.opset >= 17:
        names = [c.parameter(key) for key in keys]
        names = names or [c.floats("ones", np.ones(op.normalized_shape))]
        c.emit("LayerNormalization", *c.inputs, *names, axis=axes[0], epsilon=op.eps)
        return
    (x,) = c.inputs
    mean = reduce_over(c, "ReduceMean", x, axes, part="mean")
    off = c.emit("Sub", x, mean, part="centred")
    square = c.emit("Mul", off, off, part="squared")
    _scaled(c, off, reduce_over(c, "ReduceMean", square, axes, part="variance"), op.eps, keys)


@lower.register
def _(op: ops.GroupNorm, c: Context) -> None:
    # Instance normalisation of the groups, each in one row: GroupNormalization is younger, and
    # more runtimes know this.
    (x,) = c.inputs
    rows = c.emit("Reshape", x, c.integers("row_shape", 0, op.num_groups, -1), part="rows")
    ones, zeros = (c.floats(name, values(op.num_groups)) for name, values in _EVEN)
    even = c.emit("InstanceNormalization", rows, ones, zeros, part="even", epsilon=op.eps)
    extents = c.emit("Shape", x, part="extents")
    if not op.affine:
        c.emit("Reshape", even, extents)
        return
    maps = c.emit("Reshape", even, extents, part="maps")
    shape = c.integers("channels", op.num_channels, *[1] * (len(c.shapes[0]) - 2))
    weight, bias = (
        c.emit("Reshape", c.parameter(key), shape, part=f"{key}_each") for key in ("weight", "bias")
    )
    c.emit("Add", c.emit("Mul", maps, weight, part="scaled"), bias)


_EVEN = (("ones", np.ones), ("zeros", np.zeros))


@lower.register
def _(op: ops.RMSNorm, c: Context) -> None:
    axes = _over_last(c, len(op.normalized_shape))
    (x,) = c.inputs
    if c.opset >= 23:
        scale = c.parameter("weight") if op.elementwise_affine else None
        scale = scale or c.floats("ones", np.ones(op.normalized_shape))
        c.emit("RMSNormalization", x, scale, axis=axes[0], epsilon=op.eps)
        return
    square = c.emit("Mul", x, x, part="squared")
    mean = reduce_over(c, "ReduceMean", square, axes, part="mean")
    _scaled(c, x, mean, op.eps, list(op.parameters()))


def _scaled(c: Context, x: str, variance: str, eps: float, keys: list[str]) -> None:
    """Write x / √(variance + eps) · weight + bias, with those of the two that there are."""
    raised = c.emit("Add", variance, c.number("eps", eps), part="raised")
    root = c.emit("Sqrt", raised, part="deviation")
    steps = [("Div", root, "normalised")]
    steps += [
        (kind, c.parameter(key), f"{key}.step")
        for kind, key in zip(("Mul", "Add"), keys, strict=False)
    ]
    for place, (kind, other, part) in enumerate(steps):
        x = c.emit(kind, x, other, part=part if place + 1 < len(steps) else None)


@lower.register(ops.Embedding)
def _(_: ops.Embedding, c: Context) -> None:
    places = c.inputs[0]
    if c.read[0].dtype not in ("int32", "int64"):
        places = c.cast(places, c.read[0].dtype, "int64", "places")
    c.emit("Gather", c.parameter("weight"), places, axis=0)
