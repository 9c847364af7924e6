"""Reductions and running sums in ONNX."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph import ops
from archgraph.tensors import Batch

from ..context import ELEMENT_TYPES, Context
from .base import lower

__all__ = ["reduce_over"]

_KINDS = {
    "mean": "ReduceMean",
    "sum": "ReduceSum",
    "prod": "ReduceProd",
    "max": "ReduceMax",
    "min": "ReduceMin",
    "norm": "ReduceL2",
    "logsumexp": "ReduceLogSumExp",
}


def reduce_over(
    c: Context,
    kind: str,
    value: str,
    axes: Sequence[int],
    *,
    keepdim: bool = True,
    part: str | None = None,
) -> str:
    """Add a reduction along axes: an attribute until opset 17, an input since 18 (sums: 13)."""
    if c.opset >= 18 or kind == "ReduceSum":
        listed = c.integers(f"{part or 'reduced'}.axes", *axes)
        return c.emit(kind, value, listed, part=part, keepdims=int(keepdim))
    return c.emit(kind, value, part=part, axes=list(axes), keepdims=int(keepdim))


@lower.register
def _(op: ops.Reduce, c: Context) -> None:
    rank = len(c.shapes[0])
    axes = sorted(dim % rank for dim in op.dims) if op.dims else list(range(rank))
    (x,), before = c.inputs, c.read[0].dtype
    if not axes:
        c.emit("Cast", x, to=c.elements)
    elif op.function in ("argmax", "argmin"):
        _place(op, c)
    elif op.function in ("any", "all"):
        whole = c.cast(c.cast(x, before, "bool", "true"), "bool", "int32", "whole")
        kind = "ReduceMax" if op.function == "any" else "ReduceMin"
        found = reduce_over(c, kind, whole, axes, keepdim=op.keepdim, part="found")
        c.emit("Cast", found, to=ELEMENT_TYPES["bool"])
    elif op.function in ("var", "std"):
        _variance(op, c, axes)
    else:
        x = c.cast(x, before, c.dtype, "cast")
        reduce_over(c, _KINDS[op.function], x, axes, keepdim=op.keepdim)


def _place(op: ops.Reduce, c: Context) -> None:
    """Write where the largest or smallest element stands: along one axis, or of all in a row."""
    (x,) = c.inputs
    kind = "ArgMax" if op.function == "argmax" else "ArgMin"
    if op.dims:
        c.emit(kind, x, axis=op.dims[0], keepdims=int(op.keepdim))
        return
    row = c.emit("Reshape", x, c.integers("row.shape", -1), part="row")
    if not op.keepdim:
        c.emit(kind, row, axis=0, keepdims=0)
        return
    place = c.emit(kind, row, part="place", axis=0, keepdims=1)
    c.reshaped(place, c.shape)


def _variance(op: ops.Reduce, c: Context, axes: Sequence[int]) -> None:
    """Write Σ (x − mean)² / (n − 1), as torch does by default, and its root."""
    (x,) = c.inputs
    mean = reduce_over(c, "ReduceMean", x, axes, part="mean")
    off = c.emit("Sub", x, mean, part="centred")
    square = c.emit("Mul", off, off, part="squared")
    total = reduce_over(c, "ReduceSum", square, axes, keepdim=op.keepdim, part="total")
    following = [each for each in (c.shapes[0][axis] for axis in axes) if type(each) is Batch]
    count = 1
    for axis in axes:
        count *= int(c.shapes[0][axis])
    if following:
        size = c.batch_size()
        for place, _ in enumerate(following[1:]):
            size = c.emit("Mul", size, c.batch_size(), part=f"power{place}")
        scaled = c.emit("Mul", size, c.integers("others", count), part="count")
        less = c.emit("Sub", scaled, c.integers("one", 1), part="freedom")
        scalar = c.emit("Reshape", less, c.integers("scalar"), part="degrees")
        freedom = c.cast(scalar, "int64", c.dtype, "divisor")
    else:
        freedom = c.number("divisor", count - 1)
    if op.function == "var":
        c.emit("Div", total, freedom)
    else:
        c.emit("Sqrt", c.emit("Div", total, freedom, part="variance"))


@lower.register
def _(op: ops.Cumulate, c: Context) -> None:
    if op.function == "prod" and c.opset >= 26:
        kind = "CumProd"
    elif op.function == "sum":
        kind = "CumSum"
    else:
        raise c.refuse(f"ONNX has no running {op.function} in opset {c.opset}.")
    c.emit(kind, *c.alike(), c.integer("axis", op.dim % len(c.shape)))
