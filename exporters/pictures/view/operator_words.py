"""What an operator says of itself in its place, where its weights are an input."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from archgraph.graph import ArchGraph
from archgraph.ops import Words
from archgraph.tensors import node_of

__all__ = ["words_in"]


def words_in(net: ArchGraph, name: str, fixed: Set[str] = frozenset()) -> Words:
    """Return an operator's words, with what only its weights say.

    A convolution's window is that of its second input; a product of one tensor with weights, or
    with what is ``fixed``, is a fully connected layer.
    """
    op, shape = net.op(name), net.nodes[name]["shape"]
    if op.kind == "Convolution" and shape:
        weight = net.tensor(net.reads(name)[1]).shape or ()
        each = op.words.groups > 1 and weight[1:2] == (1,)
        sizes = tuple(n for n in weight[2:] if isinstance(n, int))
        return replace(op.words, window=sizes, width=shape[0], depthwise=each)
    if op.kind == "MatMul" and len(shape or ()) > 1:
        given = [source for source in net.inputs_of(name) if source not in fixed]
        if len(given) == 1 and len(net.reads(name)) == 2:
            rows = node_of(net.reads(name)[1]) == given[0]  # weights on the left
            width = shape[-2 if rows else -1]
            return Words("fc", width=width if type(width) is int else None)
    return op.words
