"""A learned row beside what a layer gives: the bias or the weight that the layer has not itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from archgraph.graph import ArchGraph
from archgraph.ops import Op
from archgraph.recognition.matching.match import Match
from archgraph.stored_tensors import stored
from archgraph.tensors import Key, Shape, Stored

__all__ = ["beside", "with_row"]


def beside(net: ArchGraph, name: str) -> tuple[str, str] | None:
    """Return the layer and the key of the stored tensor that a node of two inputs reads."""
    reads = net.reads(name)
    rows = [str(source) for source in reads if type(source) is Key]
    layers = [source for source in reads if type(source) is not Key]
    if len(rows) != 1 or len(layers) != 1 or ":" in layers[0]:
        return None
    return layers[0], rows[0]


def with_row(
    net: ArchGraph, name: str, op: Op, role: str, *, own: Shape, read: Shape, dtype: str | None
) -> Match | None:
    """Return a layer that takes the row beside it as its tensor of a role; None where it cannot.

    ``op`` is the layer with it, ``own`` the tensor's shape there, ``read`` the shape in which the
    node ``name`` reads it, besides axes of extent 1 before; ``dtype`` is the layer's type.
    """
    found = beside(net, name)
    if found is None:
        return None
    layer, key = found
    tensor = stored(net, key, name)
    extra = len(tensor.shape) - len(read)
    if extra < 0 or tensor.shape != (1,) * extra + read:
        return None
    if tensor.kind != "parameter" or tensor.dtype != dtype:
        return None
    flat: Mapping[str, Stored] = {}
    if tensor.shape != own:
        shown = "x".join(map(str, own))
        flat = {f"{key} as {shown}": replace(tensor, shape=own, alias=key)}
    tensors = net.keys_of(layer) | {role: next(iter(flat), key)}
    return Match(name, frozenset({layer}), op, net.reads(layer), tensors, layer, flat)
