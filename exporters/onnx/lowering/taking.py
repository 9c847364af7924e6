"""Elements taken by their numbers, in ONNX."""

from __future__ import annotations

from typing import Any

from archgraph import ops
from archgraph.ops import broadcast
from archgraph.tensors import Shape

from ..context import Context
from .base import lower

__all__: list[str] = []


def _places(c: Context, number: int) -> str:
    """Return an input that holds places as a type that ONNX takes for them."""
    dtype = c.read[number].dtype
    if dtype in ("int32", "int64"):
        return c.inputs[number]
    return c.cast(c.inputs[number], dtype, "int64", f"places{number}")


@lower.register
def _(op: ops.Gather, c: Context) -> None:
    c.emit("GatherElements", c.inputs[0], _places(c, 1), axis=op.dim)


@lower.register
def _(op: ops.IndexSelect, c: Context) -> None:
    c.emit("Gather", c.inputs[0], _places(c, 1), axis=op.dim)


@lower.register
def _(op: ops.Scatter, c: Context) -> None:
    x, _, new = c.inputs
    new = c.cast(new, c.read[2].dtype, c.dtype, "new")
    if op.reduce == "replace":
        c.emit("ScatterElements", x, _places(c, 1), new, axis=op.dim)
    elif c.opset >= 16:
        c.emit("ScatterElements", x, _places(c, 1), new, axis=op.dim, reduction="add")
    else:
        raise c.refuse(f"ONNX adds nothing up at places in opset {c.opset}; 16 does.")


@lower.register
def _(op: ops.Sort, c: Context) -> None:
    axis = op.dim % len(c.shape)
    size = op.k if op.k is not None else c.shapes[0][axis]
    settings: dict[str, Any] = {"axis": axis, "largest": int(op.descending), "sorted": 1}
    c.several("TopK", [c.inputs[0], c.sizes("count", (size,))], c.outputs, **settings)


@lower.register
def _(op: ops.Index, c: Context) -> None:
    shape, *places = c.shapes
    dims = list(op.dims)
    if len(dims) == 1:
        c.emit("Gather", c.inputs[0], _places(c, 1), axis=dims[0])
        return
    # The indexed axes go first, where GatherND takes them; their places' axes then go back.
    rest = [axis for axis in range(len(shape)) if axis not in dims]
    turned = c.emit("Transpose", c.inputs[0], part="turned", perm=[*dims, *rest])
    common = broadcast(places)
    columns = [_column(c, number, common) for number in range(1, len(c.inputs))]
    joined = c.emit("Concat", *columns, part="places", axis=len(common))
    together = dims == list(range(dims[0], dims[0] + len(dims)))
    at = dims[0] if together else 0
    if not at:
        c.emit("GatherND", turned, joined)
        return
    taken = c.emit("GatherND", turned, joined, part="taken")
    count = len(common)
    order = [*range(count, count + at), *range(count), *range(count + at, len(c.shape))]
    c.emit("Transpose", taken, perm=order)


def _column(c: Context, number: int, common: Shape) -> str:
    """Return places of one axis, stretched to the common shape, with an axis of 1 behind."""
    value = c.cast(c.inputs[number], c.read[number].dtype, "int64", f"places{number}")
    if c.shapes[number] != common:
        value = c.emit("Expand", value, c.sizes("common", common), part=f"stretched{number}")
    return c.emit("Unsqueeze", value, c.integers("last", len(common)), part=f"column{number}")
