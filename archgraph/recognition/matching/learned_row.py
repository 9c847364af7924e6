"""A learned row beside what a layer gives: the bias or the weight that the layer has not itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from archgraph.graph import ArchGraph
from archgraph.ops import Op, Reshape
from archgraph.recognition.matching.match import MAIN, Match, Part
from archgraph.recognition.matching.steps_back import is_node
from archgraph.stored_tensors import declared, stored
from archgraph.tensors import Key, Shape, Stored

__all__ = ["Row", "as_own", "beside", "with_row"]


class Row(NamedTuple):
    """A stored tensor, the shape in which it is read, the nodes that give it that."""

    key: str
    tensor: Stored
    shape: Shape
    nodes: frozenset[str] = frozenset()

    def stands_in(self, read: Shape) -> bool:
        """Return whether it is read in a shape, besides axes of extent 1 before."""
        extra = len(self.shape) - len(read)
        return extra >= 0 and self.shape == (1,) * extra + tuple(read)


def row_of(net: ArchGraph, source: str) -> Row | None:
    """Return a source as a stored tensor, also one that nodes reshape; None for any other."""
    nodes: list[str] = []
    first = source
    while is_node(source):
        if not isinstance(net.op(source), Reshape) or len(net.succ[source]) != 1:
            return None
        nodes.append(source)
        (source,) = net.reads(source)
    if type(source) is not Key:
        return None
    tensor = stored(net, source, "")
    shape = net.tensor(first).shape if nodes else tensor.shape
    return None if shape is None else Row(str(source), tensor, shape, frozenset(nodes))


def beside(net: ArchGraph, name: str) -> tuple[str, Row] | None:
    """Return the layer and the row that a node of two inputs reads."""
    reads = net.reads(name)
    if len(reads) != 2:
        return None
    for layer, other in (reads, reads[::-1]):
        row = row_of(net, other) if is_node(layer) else None
        if row is not None:
            return layer, row
    return None


def as_own(net: ArchGraph, row: Row, own: Shape) -> tuple[str, Mapping[str, Stored]]:
    """Return the key of a row in the shape in which a layer has it, and what is to be stored."""
    if row.tensor.shape == own:
        return row.key, {}
    shown = "x".join(map(str, own))
    original = row.key if row.key in declared(net) else None
    return f"{row.key} as {shown}", {
        f"{row.key} as {shown}": replace(
            row.tensor, shape=own, alias=original, value=None, moved=original is not None
        )
    }


def with_row(
    net: ArchGraph,
    name: str,
    found: tuple[str, Row],
    op: Op,
    role: str,
    *,
    own: Shape,
    read: Shape,
    dtype: str | None,
    before: str | None = None,
) -> Match | None:
    """Return a layer that takes the row beside it as its tensor of a role; None where it cannot.

    ``found`` is what ``beside`` tells of the node ``name``; ``op`` is the layer with the tensor,
    ``own`` the tensor's shape there, ``read`` the shape in which the node reads it, besides axes of
    extent 1 before; ``dtype`` is the layer's type. Where ``before`` is another layer, that takes
    it, and what lies between goes behind.
    """
    between, row = found
    layer = before or between
    if not row.stands_in(read) or row.tensor.kind != "parameter" or row.tensor.dtype != dtype:
        return None
    key, flat = as_own(net, row, own)
    tensors = {**net.keys_of(layer), role: key}
    nodes = row.nodes | {layer, between}
    after = (Part("turned", net.op(between), (MAIN,), frozenset({between})),) if before else ()
    return Match(name, nodes, op, net.reads(layer), tensors, layer, flat, after=after)
