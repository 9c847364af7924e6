"""Convolutions and grouped products whose weights are inputs, in ONNX."""

from __future__ import annotations

from archgraph import ops
from archgraph.tensors import follows_batch

from ..context import Context
from .base import lower

__all__: list[str] = []


@lower.register
def _(op: ops.Convolution, c: Context) -> None:
    axes = len(c.shapes[1]) - 2
    padding = op.each("padding", axes)
    more = {}
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


@lower.register(ops.GroupedMatMul)
def _(_: ops.GroupedMatMul, c: Context) -> None:
    # A row's group is how many ends it has reached; its matrix is taken from there.
    rows, matrices, ends = c.inputs
    count, groups = c.shapes[0][0], int(c.shapes[1][0])
    if follows_batch((count,)):
        last = c.emit("Reshape", c.sizes("rows", (count,)), c.integers("scalar"), part="last")
    else:
        last = c.integer("last", int(count))
    places = c.emit("Range", c.integer("start", 0), last, c.integer("step", 1), part="row")
    column = c.emit("Unsqueeze", places, c.integers("behind", 1), part="rows.column")
    whole = c.cast(ends, c.read[2].dtype, "int64", "ends")
    reached = c.emit("GreaterOrEqual", column, whole, part="reached")
    counted = c.cast(reached, "bool", "int64", "counted")
    group = c.emit("ReduceSum", counted, c.integers("behind", 1), part="group", keepdims=0)
    group = c.emit("Min", group, c.integer("most", groups - 1), part="within")
    taken = c.emit("Gather", matrices, group, part="matrix", axis=0)
    wide = c.emit("Unsqueeze", rows, c.integers("behind", 1), part="wide")
    product = c.emit("MatMul", wide, taken, part="product")
    c.emit("Squeeze", product, c.integers("behind", 1))
