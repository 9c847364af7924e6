"""Tensors that are made and follow the batch; all others are stored constants."""

from __future__ import annotations

from archgraph.importers.torch.building import Building, Source, rule
from archgraph.importers.torch.trace import Call, Value
from archgraph.ops import Arange, Expand, Full

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
    out = call.outputs[0]
    if (call["start"] or 0) != 0 or (call["step"] or 1) != 1:
        return None
    return b.add(Arange(out.shape, out.dtype or "int64"), [])
