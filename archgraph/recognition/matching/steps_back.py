"""Steps back along a graph: through casts, factors and what only moves elements."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.graph import ArchGraph
from archgraph.ops import (
    Cast,
    Dropout,
    Expand,
    Identity,
    Mul,
    Op,
    Permute,
    Pointwise,
    Repeat,
    Reshape,
)
from archgraph.recognition.matching.polynomial import number
from archgraph.tensors import Key, Shape

__all__ = [
    "factor",
    "is_function",
    "is_node",
    "only_reader",
    "permuted",
    "repeated_heads",
    "shape_of",
    "swapped",
    "unchanged",
]


def is_function(op: Op, *names: str) -> bool:
    """Return whether an operator is one of these functions of each element, with usual numbers."""
    return type(op) is Pointwise and op.function in names and not op.numbers


def is_node(source: str) -> bool:
    """Return whether a source is the one output of a node, no stored tensor and no further one."""
    return type(source) is not Key and ":" not in source


def shape_of(net: ArchGraph, source: str) -> Shape:
    """Return a source's whole shape; () where it is not known."""
    shape = net.tensor(source).shape
    return () if shape is None or None in shape else shape


def only_reader(net: ArchGraph, name: str) -> str | None:
    """Return the one node that reads a node; None where there are several or none."""
    readers = net.succ[name]
    return next(iter(readers)) if len(readers) == 1 else None


def unchanged(net: ArchGraph, name: str) -> str | None:
    """Return what a node passes on with the same meaning: through casts of floats and dropout."""
    op = net.op(name)
    if isinstance(op, (Dropout, Identity)):
        return net.reads(name)[0]
    if isinstance(op, Cast):
        (source,) = net.reads(name)
        kinds = (op.dtype, net.tensor(source).dtype or "")
        return source if all(each.startswith(("float", "bfloat")) for each in kinds) else None
    return None


def factor(net: ArchGraph, name: str) -> tuple[str, float] | None:
    """Return what a node multiplies by a number, and the number; None for any other node."""
    op, reads = net.op(name), net.reads(name)
    if isinstance(op, Mul) and len(reads) == 2:
        for source, other in (reads, reads[::-1]):
            value = number(net, other)
            if value is not None and type(source) is not Key:
                return source, value
    if is_function(op, "div") and type(reads[0]) is not Key:
        value = number(net, reads[1])
        return None if not value else (reads[0], 1 / value)
    return None


def swapped(dims: Sequence[int], rank: int) -> bool:
    """Return whether axes in this order have only the last two exchanged."""
    return [dim % rank for dim in dims] == [*range(rank - 2), rank - 1, rank - 2]


def repeated_heads(net: ArchGraph, source: str) -> tuple[str, int, frozenset[str]] | None:
    """Return what has each of its heads (axis −3) several times beside itself in a source.

    That is written as a new axis behind the heads, stretched, and joined with them.
    """
    joined = source
    if not is_node(joined) or not isinstance(net.op(joined), Reshape):
        return None
    (wide,) = net.reads(joined)
    if not is_node(wide) or not isinstance(net.op(wide), (Expand, Repeat)):
        return None
    (apart,) = net.reads(wide)
    if not is_node(apart) or not isinstance(net.op(apart), Reshape):
        return None
    (heads,) = net.reads(apart)
    shapes = [shape_of(net, each) for each in (heads, apart, wide, joined)]
    first, second, third, fourth = shapes
    if len(first) < 3 or len(third) != len(first) + 1:
        return None
    times = int(third[-3])
    wanted = (
        (*first[:-2], 1, *first[-2:]),
        (*first[:-2], times, *first[-2:]),
        (*first[:-3], first[-3] * times, *first[-2:]),
    )
    if (second, third, fourth) != wanted or times < 2:
        return None
    return heads, times, frozenset({joined, wide, apart})


def permuted(net: ArchGraph, source: str) -> Permute | None:
    """Return the operator of a source that is a node which permutes; None for any other."""
    op = net.op(source) if is_node(source) else None
    return op if isinstance(op, Permute) else None
