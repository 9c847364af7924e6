"""Tensors that are made and follow the batch; all others are stored constants."""

from __future__ import annotations

from archgraph.importers.torch.building import Building, Source, rule
from archgraph.importers.torch.rules.arithmetic import number
from archgraph.importers.torch.trace import Call, Value
from archgraph.ops import Add, Arange, Expand, Full, Mul
from archgraph.tensors import Batch

__all__: list[str] = []

_MADE = ("zeros", "ones", "empty", "full")
NUMBERS = {"zeros": 0.0, "zero": 0.0, "ones": 1.0}


@rule(*_MADE, *(f"new_{n}" for n in _MADE), *(f"{n}_like" for n in _MADE), "zero", "fill")
def _full(b: Building, call: Call) -> Source:
    out = call.outputs[0]
    word = call.name.removeprefix("new_").removesuffix("_like")
    given = call["fill_value"] if call["fill_value"] is not None else call["value"]
    if isinstance(given, Value):
        return b.add(Expand(out.shape), [b.source(given)])
    number = NUMBERS.get(word, given or 0.0)
    return b.add(Full(out.shape, out.dtype or "float32", float(number)), [])


@rule("arange")
def _arange(b: Building, call: Call) -> Source | None:
    """0, 1, 2, …; other steps and starts are a product and a sum behind it."""
    out = call.outputs[0]
    start, step = call["start"] or 0, call["step"] or 1
    if type(start) is Batch or type(step) is Batch:
        return None
    found: Source = b.add(Arange(out.shape, out.dtype or "int64"), [])
    if step != 1:
        found = b.add(Mul(), [found, number(step, out.dtype, "step")], word="mul")
    if start != 0:
        found = b.add(Add(), [found, number(start, out.dtype, "start")], word="add")
    return found
