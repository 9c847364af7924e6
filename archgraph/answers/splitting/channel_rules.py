"""Which operators work on a part of the channels by themselves, and what they are there."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from archgraph import ops
from archgraph.ops import Op
from archgraph.ops.base import axis_of
from archgraph.tensors import Batch, Shape

__all__ = ["Cut", "LayerPart", "Spans", "filters_of", "is_layer", "layer_part", "on_part"]

CONVS = (ops.Conv1d, ops.Conv2d, ops.Conv3d)
LAYERS = (*CONVS, ops.ConvTranspose2d, ops.Linear)
"""The layers whose filters devices can share."""

Spans = tuple[tuple[int, int], ...]
"""Stretches of channels: (start, stop) of each."""

Cut = tuple[tuple[int, Spans], ...]
"""What a tensor is of a whole one: stretches of some axes, every other axis as it is."""


class LayerPart(NamedTuple):
    """A part of a layer: its operator, and what its weight and its bias are of the whole ones."""

    op: Op
    weight: Cut
    bias: Cut


def is_layer(op: Op) -> bool:
    """Return whether an operator has filters that devices can share."""
    return isinstance(op, LAYERS)


def filters_of(op: Op) -> tuple[int, int, int]:
    """Return how many channels a layer reads, how many it gives, and in how many groups."""
    if isinstance(op, ops.Linear):
        return op.in_features, op.out_features, 1
    assert isinstance(op, (*CONVS, ops.ConvTranspose2d))
    return op.in_channels, op.out_channels, op.groups


def layer_part(op: Op, read: Spans, given: tuple[int, int], groups: int) -> LayerPart:
    """Return the part of a layer that reads some of the channels and gives some.

    ``read`` and ``given`` are those of the whole layer; ``groups`` are those of the part.
    """
    reads, gives = sum(stop - start for start, stop in read), given[1] - given[0]
    bias: Cut = ((0, (given,)),)
    if isinstance(op, ops.Linear):
        part: Op = replace(op, in_features=reads, out_features=gives)
        axes = (1, 0) if op.transposed else (0, 1)
        return LayerPart(part, ((axes[0], (given,)), (axes[1], read)), bias)
    assert isinstance(op, (*CONVS, ops.ConvTranspose2d))
    part = replace(op, in_channels=reads, out_channels=gives, groups=groups)
    # With groups, the weight holds the channels of one group only along its second axis.
    first, second = (read, (given,)) if isinstance(op, ops.ConvTranspose2d) else ((given,), read)
    return LayerPart(part, ((0, first), *(((1, second),) if op.groups == 1 else ())), bias)


def on_part(op: Op, shape: Shape, given: Shape, start: int, size: int, *, alone: bool) -> Op | None:
    """Return what an operator is on some of the channels; None where it needs the others, too.

    ``shape`` is what the whole one reads first and ``given`` what it gives; the part has the
    ``size`` channels from ``start`` on. ``alone`` says that each device may normalise its own maps
    only.
    """
    channels = int(shape[1])
    match op:
        case ops.BatchNorm2d():
            return replace(op, num_features=size)
        case ops.PReLU():
            return op if op.num_parameters == 1 else replace(op, num_parameters=size)
        case ops.GroupNorm():
            each = channels // op.num_groups
            whole = start % each == size % each == 0
            return replace(op, num_groups=size // each, num_channels=size) if whole else None
        case ops.LocalResponseNorm():
            return op if alone else None
        case ops.Softmax():
            return op if axis_of(op.dim, shape) > 1 else None
        case ops.Reduce():
            axes = [axis_of(dim, shape) for dim in op.dims]
            return op if axes and min(axes) > 1 else None
        case ops.Pad():
            return op if len(op.padding) <= 2 * (len(shape) - 2) else None
        case ops.Slice() | ops.Concat():
            return op if axis_of(op.dim, shape) > 1 else None
        case ops.Reshape():
            return _reshaped(op, shape, given, size)
        case ops.Add() | ops.Mul() | ops.Pointwise() | ops.Flatten() | ops.Identity():
            return op
        case ops.Cast() | ops.ZeroPad2d() | ops.Resize():
            return op
    return op if op.family in ("activation", "pool", "regularisation") else None


def _reshaped(op: ops.Reshape, shape: Shape, given: Shape, size: int) -> Op | None:
    """Return a reshape that leaves batch and channels, or makes one row of each image."""
    if len(given) < 2 or type(given[0]) is not Batch or given[0] != shape[0]:
        return None
    rest = 1
    for extent in shape[2:]:
        rest *= int(extent)
    if len(given) == 2 and int(given[1]) == int(shape[1]) * rest:
        return replace(op, shape=(given[0], size * rest))
    return replace(op, shape=(given[0], size, *given[2:])) if given[1] == shape[1] else None
