"""Attention in ONNX: one operator from opset 23 on, matrix products and a softmax below."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from archgraph import ops

from ..context import Context
from .base import lower

__all__: list[str] = []


@lower.register
def _(op: ops.ScaledDotProductAttention, c: Context) -> None:
    query, key, value = c.shapes[:3]
    if c.opset >= 23 and _as_one(op, c):
        settings: dict[str, Any] = {} if op.scale is None else {"scale": float(op.scale)}
        c.emit("Attention", *c.inputs, is_causal=int(op.is_causal), **settings)
        return
    q, k, v = c.inputs[:3]
    if op.enable_gqa:
        k = _each_for(query[-3] // key[-3], k, key, "keys", c)
        v = _each_for(query[-3] // value[-3], v, value, "values", c)
    scale = 1 / math.sqrt(query[-1]) if op.scale is None else op.scale
    scaled = c.emit("Mul", q, c.number("scale", scale), part="scaled")
    order = list(range(len(key)))
    order[-2:] = order[:-3:-1]
    turned = c.emit("Transpose", k, part="turned", perm=order)
    scores = c.emit("MatMul", scaled, turned, part="scores")
    if op.is_causal:
        hidden = np.triu(np.full((query[-2], key[-2]), -np.inf), 1)
        scores = c.emit("Add", scores, c.floats("causal", hidden), part="masked")
    if len(c.inputs) > 3:
        scores = c.emit("Add", scores, _mask(c), part="biased")
    weights = c.emit("Softmax", scores, part="weights", axis=-1)
    c.emit("MatMul", weights, v)


def _as_one(op: ops.ScaledDotProductAttention, c: Context) -> bool:
    """Return whether ONNX's Attention means the same: four axes, equal ones before the last two."""
    query, key, value = c.shapes[:3]
    if not len(query) == len(key) == len(value) == 4:
        return False
    if not query[0] == key[0] == value[0] or key[1] != value[1]:
        return False
    if query[1] != key[1] and not op.enable_gqa:
        return False
    # Of a triangle over sequences of two lengths, opsets mean different things.
    return not op.is_causal or (query[-2] == key[-2] and len(c.inputs) == 3)


def _each_for(times: int, value: str, shape: tuple[int, ...], part: str, c: Context) -> str:
    """Return keys or values with each head as often as query's heads share it."""
    if times == 1:
        return value
    heads = [head for head in range(shape[-3]) for _ in range(times)]
    return c.emit(
        "Gather", value, c.integers(f"{part}.heads", *heads), part=part, axis=len(shape) - 3
    )


def _mask(c: Context) -> str:
    """Return the mask as numbers to add; where a boolean one is False, nothing is seen."""
    mask, dtype = c.inputs[3], c.read[3].dtype
    if dtype == "bool":
        seen, hidden = c.number("seen", 0.0), c.number("hidden", -math.inf)
        return c.emit("Where", mask, seen, hidden, part="mask")
    return c.cast(mask, dtype, c.dtype, "mask")
