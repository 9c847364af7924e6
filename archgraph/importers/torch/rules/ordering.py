"""Elements that are put in order, counted, or written to places."""

from __future__ import annotations

import math

import torch

from archgraph.importers.torch.building import Building, Made, Source, rule
from archgraph.importers.torch.rules.arithmetic import cast, constant, operand
from archgraph.importers.torch.trace import Call, Value
from archgraph.ops import Expand, Pointwise, Reduce, Reshape, Scatter, Sort
from archgraph.tensors import Batch

__all__: list[str] = []


@rule("sort", "msort", "argsort", "topk")
def _sort(b: Building, call: Call) -> Made:
    dim = 0 if call.name == "msort" else call["dim"]
    if call.name == "topk":
        op = Sort(dim, call["largest"] is not False, call["k"])
    else:
        op = Sort(dim, bool(call["descending"]))
    found = b.outputs(b.add(op, [b.source(call["self"])]))
    return {"argsort": found[1:], "msort": found[:1]}.get(call.name, found)


@rule("scatter", "scatter_add")
def _scatter(b: Building, call: Call) -> Source | None:
    """Write to places; what is written may be one number, or more than there are places."""
    places, out = b.source(call["index"]), call.outputs[0]
    ways = {None: "add" if call.name == "scatter_add" else "replace", "add": "add"}
    if call["reduce"] not in ways:
        return None
    given = call["src"] if call["src"] is not None else call["value"]
    new = cast(b, operand(b, given, out.dtype, "value"), out.dtype)
    if not isinstance(given, Value):
        new = b.add(Expand(b.shape(places)), [new], word="expand")
    op = Scatter(call["dim"] % max(1, len(out.shape)), ways[call["reduce"]])
    return b.add(op, [b.source(call["self"]), places, new])


@rule("index_add", "index_copy")
def _rows(b: Building, call: Call) -> Source | None:
    """Add or write whole rows, which stand at places of one axis."""
    axis, source = call["dim"] % len(call["self"].shape), b.source(call["source"])
    if call["alpha"] not in (None, 1):
        return None
    way = "add" if call.name == "index_add" else "replace"
    return _written(b, b.source(call["self"]), b.source(call["index"]), source, axis, way)


@rule("index_put", "_index_put_impl", "_unsafe_index_put")
def _put(b: Building, call: Call) -> Source | None:
    """x[places] = rows, and x[mask] = number."""
    indices = list(call["indices"])
    axes = [axis for axis, each in enumerate(indices) if each is not None]
    if len(axes) != 1:
        return None
    (axis,), places, values = axes, indices[axes[0]], call["values"]
    whole, out = b.source(call["self"]), call.outputs[0]
    if places.dtype in ("bool", "uint8"):
        if values.shape not in ((), (1,)) or call["accumulate"] or axis:
            return None
        behind = len(out.shape) - len(places.shape)
        mask = b.source(places)
        if behind:
            mask = b.add(Reshape((*places.shape, *(1,) * behind)), [mask], word="unsqueeze")
        return b.add(Pointwise("where"), [mask, cast(b, b.source(values), out.dtype), whole])
    if len(places.shape) != 1:
        return None
    shape = (*out.shape[:axis], places.shape[0], *out.shape[axis + 1 :])
    new = cast(b, b.source(values), out.dtype)
    if b.shape(new) != shape:
        new = b.add(Expand(shape), [new], word="expand")
    return _written(
        b, whole, b.source(places), new, axis, "add" if call["accumulate"] else "replace"
    )


def _written(
    b: Building, whole: Source, places: Source, new: Source, axis: int, way: str
) -> Source | None:
    """Write rows to places of an axis: the same place for every element of a row."""
    shape = b.shape(new)
    if len(b.shape(places)) != 1:
        return None
    aligned = tuple(b.shape(places)[0] if n == axis else 1 for n in range(len(shape)))
    if aligned != b.shape(places):
        places = b.add(Reshape(aligned), [places], word="unsqueeze")
    if aligned != shape:
        places = b.add(Expand(shape), [places], word="expand")
    return b.add(Scatter(axis, way), [whole, places, new])


@rule("histc")
def _histogram(b: Building, call: Call) -> Source | None:
    """How many elements lie in each of so many equal parts between two numbers."""
    low, high, count = float(call["min"]), float(call["max"]), call["bins"]
    if low >= high or len(call["self"].shape) != 1:
        return None
    step = (high - low) / count
    source, dtype = b.source(call["self"]), call.outputs[0].dtype
    if dtype is None:
        return None
    column = b.add(Reshape((*b.shape(source), 1)), [source], word="unsqueeze")
    edges = low + step * torch.arange(count + 1.0)
    # What lies at the upper end is in the last part; below the lower end and above it, in none.
    edges[-1] = math.nextafter(high, math.inf)
    above = b.add(Pointwise("ge"), [column, constant(edges[:-1], dtype, "edges")], word="ge")
    below = b.add(Pointwise("lt"), [column, constant(edges[1:], dtype, "ends")], word="lt")
    inside = b.add(Pointwise("logical_and"), [above, below], word="and")
    return b.add(Reduce("sum", (0,)), [cast(b, inside, dtype)])


@rule("one_hot")
def _one_hot(b: Building, call: Call) -> Source | None:
    """1 at the place that a number names, else 0: a comparison with 0, 1, 2 and so on."""
    out = call.outputs[0]
    classes = out.shape[-1]
    if type(classes) is Batch:
        return None
    source = b.source(call["self"])
    wide = b.add(Reshape((*b.shape(source), 1)), [source], word="unsqueeze")
    dtype = b.tensor(source).dtype or "int64"
    numbers = constant(torch.arange(classes), dtype, "classes")
    return cast(b, b.add(Pointwise("eq"), [wide, numbers], word="eq"), out.dtype)
