"""Adaptive average pooling as two matrix products, for a known size and for an open one.

Window i of n covers floor(i·size/n) up to ceil((i+1)·size/n) (PyTorch, AdaptiveAvgPool2d).
Averaging the rows, then the columns, is a product with one matrix each: entry (i, j) is
1/length of window i where the window holds j, else 0.
"""

from __future__ import annotations

import numpy as np

from archgraph.ops import AdaptiveAvgPool2d

from .context import Context

__all__ = ["averaging_products"]


def averaging_products(op: AdaptiveAvgPool2d, c: Context) -> None:
    """Write the pooling with matrices that stand in the file or, for an open size, are computed."""
    height, width = op.output_size
    if c.open:
        extents = c.emit("Shape", *c.inputs, part="extents")
        rows = _computed(c, extents, 2, height, "rows")
        across = _computed(c, extents, 3, width, "across")
        columns = c.emit("Transpose", across, part="columns", perm=[1, 0])
    else:
        rows = c.floats("rows", _averaging(c.shapes[0][2], height))
        columns = c.floats("columns", _averaging(c.shapes[0][3], width).T)
    c.emit("MatMul", c.emit("MatMul", rows, *c.inputs, part="by_rows"), columns)


def _averaging(size: int, out: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return the (out, size) matrix that averages the windows."""
    matrix = np.zeros((out, size))
    for i in range(out):
        start, stop = i * size // out, -(-(i + 1) * size // out)
        matrix[i, start:stop] = 1 / (stop - start)
    return matrix


def _computed(c: Context, extents: str, axis: int, out: int, what: str) -> str:
    """Write nodes that make the same matrix for the size at hand; return its name."""

    def emit(kind: str, *inputs: str, part: str, **attributes: int) -> str:
        return c.emit(kind, *inputs, part=f"{what}.{part}", **attributes)

    size = emit("Gather", extents, c.integer(f"{what}.axis", axis), part="size")
    zero, one = c.integer(f"{what}.zero", 0), c.integer(f"{what}.one", 1)
    places = emit("Range", zero, size, one, part="places")
    count = c.integer(f"{what}.count", out)
    first, behind = (
        c.column(f"{what}.{name}", range(start, start + out))
        for name, start in (("index", 0), ("next", 1))
    )
    start = emit("Div", emit("Mul", first, size, part="scaled"), count, part="start")
    # ceil(a / n) = floor((a + n − 1) / n)
    raised = emit(
        "Add",
        emit("Mul", behind, size, part="scaled_next"),
        c.integer(f"{what}.rest", out - 1),
        part="raised",
    )
    stop = emit("Div", raised, count, part="stop")
    begun = emit("Not", emit("Less", places, start, part="before"), part="begun")
    held = emit("And", begun, emit("Less", places, stop, part="unfinished"), part="held")
    length = emit("Sub", stop, start, part="length")
    weight = emit("Cast", held, part="weight", to=c.elements)
    return c.emit("Div", weight, emit("Cast", length, part="whole", to=c.elements), part=what)
