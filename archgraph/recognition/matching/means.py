"""Means over axes that stay with extent 1, as a reduction or as a pooling to one element."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import AdaptiveAvgPool2d, GlobalAvgPool2d, Reduce
from archgraph.recognition.matching.steps_back import is_node, shape_of

__all__ = ["mean_of", "reduced"]


def mean_of(net: ArchGraph, source: str) -> tuple[str, tuple[int, ...]] | None:
    """Return what a source is the mean of, and over which axes; None where it is none."""
    if not is_node(source):
        return None
    op = net.op(source)
    pooled = isinstance(op, AdaptiveAvgPool2d) and set(op.output_size) == {1}
    if pooled or isinstance(op, GlobalAvgPool2d):
        return net.reads(source)[0], (2, 3)
    return reduced(net, source, "mean")


def reduced(net: ArchGraph, source: str, function: str) -> tuple[str, tuple[int, ...]] | None:
    """Return what a source reduces, and the axes that it leaves with extent 1, in order."""
    op = net.op(source) if is_node(source) else None
    if not isinstance(op, Reduce) or op.function != function or not op.keepdim:
        return None
    (inner,) = net.reads(source)
    rank = len(shape_of(net, inner))
    if not rank:
        return None
    return inner, tuple(sorted(dim % rank for dim in op.dims)) or tuple(range(rank))
