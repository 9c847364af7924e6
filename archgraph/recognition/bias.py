"""Bias: a learned row that is added to what a layer without bias gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.ops import Add, Conv1d, Conv2d, Conv3d, ConvTranspose2d, LayerNorm, Linear, Op
from archgraph.recognition.layer_norm import channels_first
from archgraph.recognition.matching.learned_row import beside, with_row
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.steps_back import shape_of
from archgraph.stored_tensors import weight_type
from archgraph.tensors import Shape

__all__ = ["bias"]


def bias(net: ArchGraph, name: str) -> Match | None:
    """Linear(x) + b, Conv(x) + b, LayerNorm(x) + b, b one number for each feature or channel."""
    found = beside(net, name) if isinstance(net.op(name), Add) else None
    if found is None:
        return None
    layer, between = found[0], channels_first(net, found[0])
    op: Any = net.op(between or layer)
    shapes = _shapes(op)
    if shapes is None:
        return None
    own, read = shapes
    if between:
        read += (1,) * (len(shape_of(net, layer)) - 2)
    dtype = weight_type(net, between or layer, op, net.keys_of(between or layer))
    made = replace(op, bias=True)
    return with_row(net, name, found, made, "bias", own=own, read=read, dtype=dtype, before=between)


def _shapes(op: Op) -> tuple[Shape, Shape] | None:
    """Return the shape of the bias that a layer has not, and the shape in which it is added."""
    if isinstance(op, Linear) and not op.bias:
        return (op.out_features,), (op.out_features,)
    if isinstance(op, LayerNorm) and op.elementwise_affine and not op.bias:
        return op.normalized_shape, op.normalized_shape
    if isinstance(op, (Conv1d, Conv2d, Conv3d, ConvTranspose2d)) and not op.bias:
        axes = 2 if isinstance(op, ConvTranspose2d) else op.axes
        return (op.out_channels,), (op.out_channels, *(1,) * axes)
    return None
