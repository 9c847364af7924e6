"""Softmax written out: exp(x)/Σ exp(x) along an axis, with the greatest x taken off or not."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import Mul, Softmax
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.means import reduced
from archgraph.recognition.matching.steps_back import is_function, is_node

__all__ = ["softmax"]


def softmax(net: ArchGraph, name: str) -> Match | None:
    """Bridle, 1990, equation 4; what is taken off all elements of an axis cancels out."""
    reads = net.reads(name)
    if len(reads) != 2:
        return None
    pairs = [reads, reads[::-1]] if isinstance(net.op(name), Mul) else [reads]
    for power, below in pairs:
        nodes = {power, below}
        if isinstance(net.op(name), Mul):
            if not is_node(below) or not is_function(net.op(below), "reciprocal"):
                continue
            (below,) = net.reads(below)
            nodes.add(below)
        summed = reduced(net, below, "sum")
        if summed is None or summed.source != power or len(summed.dims) != 1:
            continue
        if not is_node(power) or not is_function(net.op(power), "exp"):
            continue
        (dim,) = summed.dims
        nodes |= summed.nodes
        (x,) = net.reads(power)
        less = _without_greatest(net, x, dim)
        if less is not None:
            x, more = less
            nodes |= more
        return Match(name, frozenset(nodes), Softmax(dim), (x,))
    return None


def _without_greatest(net: ArchGraph, source: str, dim: int) -> tuple[str, set[str]] | None:
    """Return what a source is, less its greatest element along an axis, and the nodes of that."""
    if not is_node(source) or not is_function(net.op(source), "sub"):
        return None
    x, greatest = net.reads(source)
    found = reduced(net, greatest, "max")
    if found is None or found[:2] != (x, (dim,)):
        return None
    return x, {source, *found.nodes}
