"""Bias: a learned row that is added to what a layer without bias gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.ops import Add, Conv1d, Conv2d, Conv3d, ConvTranspose2d, Linear, Op
from archgraph.recognition.match import Match
from archgraph.storage import stored, weight_type
from archgraph.tensors import Key

__all__ = ["bias"]


def bias(net: ArchGraph, name: str) -> Match | None:
    """Linear(x) + b and Conv(x) + b, b one number for each feature or channel."""
    if not isinstance(net.op(name), Add):
        return None
    reads = net.reads(name)
    rows = [source for source in reads if type(source) is Key]
    layers = [source for source in reads if type(source) is not Key]
    if len(rows) != 1 or len(layers) != 1 or ":" in layers[0]:
        return None
    layer, key = layers[0], str(rows[0])
    op: Any = net.op(layer)
    found = _row(op)
    if found is None:
        return None
    width, wanted = found
    tensor = stored(net, key, name)
    extra = len(tensor.shape) - len(wanted)
    if extra < 0 or tensor.shape != (1,) * extra + wanted or tensor.kind != "parameter":
        return None
    keys = net.keys_of(layer)
    if tensor.dtype != weight_type(net, layer, op, keys):
        return None
    own = key if tensor.shape == (width,) else f"{key} as {width}"
    tensors = keys | {"bias": own}
    flat = {} if own == key else {own: replace(tensor, shape=(width,), alias=key)}
    made = replace(op, bias=True)
    return Match(name, frozenset({layer}), made, net.reads(layer), tensors, layer, flat)


def _row(op: Op) -> tuple[int, tuple[int, ...]] | None:
    """Return how many numbers the bias of a layer without one has, and the shape that is added."""
    if isinstance(op, Linear) and not op.bias:
        return op.out_features, (op.out_features,)
    if isinstance(op, (Conv1d, Conv2d, Conv3d, ConvTranspose2d)) and not op.bias:
        axes = 2 if isinstance(op, ConvTranspose2d) else op.axes
        return op.out_channels, (op.out_channels, *(1,) * axes)
    return None
