"""Tensors that are joined, cut, reshaped, padded or made, in ONNX."""

from __future__ import annotations

from onnx import helper

from archgraph import ops
from archgraph.tensors import Batch, follows_batch

from ..context import ELEMENT_TYPES, Context
from .base import lower

__all__: list[str] = []

_END = 2**31 - 1
"""Behind any axis."""


@lower.register
def _(op: ops.Concat, c: Context) -> None:
    c.emit("Concat", *c.alike(), axis=op.dim)


@lower.register
def _(op: ops.Stack, c: Context) -> None:
    axis = op.dim % len(c.shape)
    at = c.integers("axes", axis)
    rows = [
        c.emit("Unsqueeze", each, at, part=f"row{place}") for place, each in enumerate(c.inputs)
    ]
    c.emit("Concat", *rows, axis=axis)


@lower.register
def _(op: ops.Split, c: Context) -> None:
    sizes = c.sizes("sizes", op.sizes)
    c.several("Split", [c.inputs[0], sizes], c.outputs, axis=op.dim)


@lower.register
def _(op: ops.Slice, c: Context) -> None:
    bounds = [c.integers("starts", op.start), c.integers("ends", op.stop)]
    bounds.append(c.integers("axes", op.dim))
    if op.step != 1:
        bounds.append(c.integers("steps", op.step))
    c.emit("Slice", *c.inputs, *bounds)


@lower.register
def _(op: ops.Select, c: Context) -> None:
    c.emit("Gather", *c.inputs, c.integer("index", op.index), axis=op.dim)


@lower.register
def _(op: ops.Flip, c: Context) -> None:
    count = len(op.dims)
    bounds = (
        c.integers("starts", *[-1] * count),
        c.integers("ends", *[-_END] * count),
        c.integers("axes", *op.dims),
        c.integers("steps", *[-1] * count),
    )
    c.emit("Slice", *c.inputs, *bounds)


@lower.register
def _(op: ops.Roll, c: Context) -> None:
    (x,) = c.inputs
    for place, (shift, dim) in enumerate(zip(op.shifts, op.dims, strict=True)):
        size = c.shape[dim]
        if type(size) is Batch:
            raise c.refuse("it rolls the batch, whose size is open; export it with a fixed one.")
        at, part = (-shift) % size, f"roll{place}"
        axis = c.integers(f"{part}.axis", dim)
        cut = c.integers(f"{part}.cut", at)
        first = c.emit("Slice", x, c.integers("zero", 0), cut, axis, part=f"{part}.first")
        rest = c.emit("Slice", x, cut, c.integers("end", _END), axis, part=f"{part}.rest")
        last = place + 1 == len(op.dims)
        x = c.emit("Concat", rest, first, part=None if last else part, axis=dim)
    if not op.dims:
        c.emit("Identity", x)


@lower.register(ops.Reshape)
def _(_: ops.Reshape, c: Context) -> None:
    c.reshaped(c.inputs[0], c.shape, before=c.shapes[0])


@lower.register
def _(op: ops.Permute, c: Context) -> None:
    c.emit("Transpose", *c.inputs, perm=[dim % len(op.dims) for dim in op.dims])


@lower.register
def _(op: ops.Expand, c: Context) -> None:
    # An extent that stays is 1: ONNX's Expand stretches in both directions.
    new = len(op.shape) - len(c.shapes[0])
    before = (*[None] * new, *c.shapes[0])
    shape = [
        1 if size == extent or (extent == -1 and type(extent) is int) else extent
        for size, extent in zip(before, op.shape, strict=True)
    ]
    c.emit("Expand", *c.inputs, c.sizes("shape", shape))


@lower.register
def _(op: ops.Repeat, c: Context) -> None:
    (x,), shape = c.inputs, c.shapes[0]
    new = len(op.repeats) - len(shape)
    if new:
        x = c.emit("Unsqueeze", x, c.integers("axes", *range(new)), part="aligned")
    c.emit("Tile", x, c.sizes("repeats", op.repeats))


@lower.register
def _(op: ops.Cast, c: Context) -> None:
    c.emit("Cast", *c.inputs, to=ELEMENT_TYPES[op.dtype])


@lower.register
def _(op: ops.Full, c: Context) -> None:
    value = bool(op.value) if op.dtype == "bool" else op.value
    if op.dtype.startswith(("int", "uint")):
        value = int(value)
    filling = helper.make_tensor("value", ELEMENT_TYPES[op.dtype], [1], [value])
    c.emit("ConstantOfShape", c.sizes("shape", c.shape), value=filling)


@lower.register
def _(op: ops.Arange, c: Context) -> None:
    (length,) = c.shape
    if follows_batch(c.shape):
        sizes = c.sizes("length", c.shape)
        end = c.emit("Reshape", sizes, c.integers("scalar"), part="end")
    else:
        end = c.integer("end", int(length))
    start, step = c.integer("start", 0), c.integer("step", 1)
    if op.dtype == "int64":
        c.emit("Range", start, end, step)
        return
    c.emit("Cast", c.emit("Range", start, end, step, part="whole"), to=c.elements)


# ---- padding -------------------------------------------------------------------------------


@lower.register
def _(op: ops.PadShortcut, c: Context) -> None:
    if c.open:
        # The first of each window: a Slice with steps over an open size is not for every runtime.
        window = {"kernel_shape": [1, 1], "strides": list(op.stride)}
        taken = c.emit("MaxPool", *c.inputs, part="subsampled", **window)
    else:
        bounds = (
            c.integers("starts", 0, 0),
            c.integers("ends", *c.shapes[0][2:]),
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


@lower.register
def _(op: ops.Pad, c: Context) -> None:
    rank = len(c.shape)
    before, behind = [0] * rank, [0] * rank
    for place in range(len(op.padding) // 2):
        before[-1 - place], behind[-1 - place] = op.padding[2 * place : 2 * place + 2]
    (x,) = c.inputs
    if op.mode == "circular":
        _wrapped(c, before, behind)
        return
    if min(*before, *behind) < 0:
        x = _cropped(c, x, before, behind)
        before, behind = ([max(0, each) for each in pads] for pads in (before, behind))
    pads = c.integers("pads", *before, *behind)
    mode = {"constant": "constant", "reflect": "reflect", "replicate": "edge"}[op.mode]
    filling = [c.number("value", op.value)] if op.mode == "constant" and op.value else []
    settings = {} if mode == "constant" else {"mode": mode}
    c.emit("Pad", x, pads, *filling, **settings)


def _cropped(c: Context, x: str, before: list[int], behind: list[int]) -> str:
    """Write negative padding, which not every runtime takes, as what is left of a Slice."""
    bounds = (
        c.integers("cropped.starts", *(max(0, -each) for each in before)),
        c.integers("cropped.ends", *(each if each < 0 else _END for each in behind)),
    )
    return c.emit("Slice", x, *bounds, part="cropped")


def _wrapped(c: Context, before: list[int], behind: list[int]) -> None:
    """Write circular padding as slices that are joined: ONNX's own came with opset 19."""
    (x,) = c.inputs
    padded = [axis for axis, both in enumerate(zip(before, behind, strict=True)) if any(both)]
    for axis in padded:
        part, at = f"axis{axis}", c.integers(f"axis{axis}.axis", axis)
        pieces = [x]
        if before[axis] > 0:
            bounds = c.integers(f"{part}.start", -before[axis]), c.integers("end", _END), at
            pieces.insert(0, c.emit("Slice", x, *bounds, part=f"{part}.before"))
        if behind[axis] > 0:
            bounds = c.integers("zero", 0), c.integers(f"{part}.stop", behind[axis]), at
            pieces.append(c.emit("Slice", x, *bounds, part=f"{part}.behind"))
        if min(before[axis], behind[axis]) < 0:
            raise c.refuse("circular padding takes no negative numbers here.")
        x = c.emit("Concat", *pieces, part=None if axis == padded[-1] else part, axis=axis)
    if not padded:
        c.emit("Identity", x)
