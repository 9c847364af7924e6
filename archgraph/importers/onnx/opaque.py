"""What archgraph has no operator for, as one of which only the outputs and the costs are known."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.importers.onnx.foreign_costs import Costs
from archgraph.importers.onnx.nodes import Node
from archgraph.ops import Opaque
from archgraph.tensors import N, Tensor, follows_batch

__all__ = ["opaque_of", "stored_inside"]

_LARGE = 64
"""Tensors of more elements than this are no sizes or bounds."""


def opaque_of(kind: str, outputs: Sequence[Tensor], params: int | None, costs: Costs) -> Opaque:
    """Return an operator of a kind that gives these outputs."""
    shapes = [each.shape for each in outputs]
    first = [
        shape[:1] == (N,) and not follows_batch(shape[1:]) if shape else False for shape in shapes
    ]
    if all(first):
        shapes = [None if shape is None else shape[1:] for shape in shapes]
    others = tuple((shape, each.dtype) for shape, each in zip(shapes[1:], outputs[1:], strict=True))
    dtype, batched = outputs[0].dtype, all(first)
    return Opaque(kind, shapes[0], params, costs.macs, dtype, batched, others, costs.flops)


def stored_inside(node: Node) -> int | None:
    """Return 0 where the graphs inside a node store nothing large; else what is learned is open."""
    stored = any(
        sum(tensor.dims) >= _LARGE
        for graph in node.graphs
        for tensor in (
            *graph.initializer,
            *(
                each.t
                for inner in graph.node
                if inner.op_type == "Constant"
                for each in inner.attribute
            ),
        )
    )
    return None if stored else 0
