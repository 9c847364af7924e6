"""Group norm written out: each group of channels as one axis, normalised, then scale and shift."""

from __future__ import annotations

from dataclasses import replace

from archgraph.graph import ArchGraph
from archgraph.ops import GroupNorm, LayerNorm, Mul, Op
from archgraph.recognition.matching.learned_row import Row, as_own, beside
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.steps_back import is_node, shape_of
from archgraph.tensors import Shape

__all__ = ["group_norm", "group_weights"]


def group_norm(net: ArchGraph, name: str) -> Match | None:
    """Wu and He, 2018, equation 7: channels in groups, a norm over all of each, as before."""
    (norm,) = net.reads(name)
    if not is_node(norm):
        return None
    op = net.op(norm)
    if not isinstance(op, (GroupNorm, LayerNorm)) or op.parameters():
        return None
    apart = net.reads(norm)[0]
    if not is_node(apart) or net.op(apart).kind not in ("Reshape", "Flatten"):
        return None
    (x,) = net.reads(apart)
    shape, grouped, found = shape_of(net, x), shape_of(net, apart), shape_of(net, name)
    if shape != found or len(shape) < 3 or len(grouped) < 3 or grouped[0] != shape[0]:
        return None
    groups, channels = grouped[1], shape[1]
    if channels % groups or _of_each_group(op, grouped) is None:
        return None
    made = GroupNorm(groups, channels, op.eps, affine=False)
    return Match(name, frozenset({norm, apart}), made, (x,))


def _of_each_group(op: Op, grouped: Shape) -> Op | None:
    """Return a norm if it is over all that is in each group."""
    if isinstance(op, GroupNorm):
        return op if op.num_groups == op.num_channels == grouped[1] else None
    assert isinstance(op, LayerNorm)
    return op if op.normalized_shape == grouped[2:] else None


def group_weights(net: ArchGraph, name: str) -> Match | None:
    """GroupNorm(x)·weight + bias, one number of each for every channel; also LayerNorm of maps."""
    found = beside(net, name)
    if found is None or not isinstance(net.op(found[0]), Mul):
        return None
    product, shift = found
    inner = beside(net, product)
    if inner is None:
        return None
    norm, scale = inner
    made = _with_weights(net.op(norm), shape_of(net, norm))
    dtype = net.tensor(norm).dtype
    if made is None or not all(_for_channels(each, made, dtype, net, norm) for each in inner[1:]):
        return None
    if not _for_channels(shift, made, dtype, net, norm):
        return None
    own = (made.num_channels,)
    weight, one = as_own(net, scale, own)
    bias, two = as_own(net, shift, own)
    nodes = {product, norm} | scale.nodes | shift.nodes
    tensors = {"weight": weight, "bias": bias}
    return Match(name, frozenset(nodes), made, net.reads(norm), tensors, norm, {**one, **two})


def _with_weights(op: Op, shape: Shape) -> GroupNorm | None:
    """Return a norm of each image as a group norm with scale and shift."""
    if len(shape) < 3 or type(shape[1]) is not int:
        return None
    if isinstance(op, GroupNorm) and not op.affine:
        return replace(op, affine=True)
    if isinstance(op, LayerNorm) and not op.elementwise_affine:
        groups = {shape[1:]: 1, shape[2:]: shape[1]}.get(op.normalized_shape)
        return None if groups is None else GroupNorm(groups, shape[1], op.eps)
    return None


def _for_channels(row: Row, op: GroupNorm, dtype: str | None, net: ArchGraph, norm: str) -> bool:
    read = (op.num_channels, *(1,) * (len(shape_of(net, norm)) - 2))
    return row.stands_in(read) and row.tensor.kind == "parameter" and row.tensor.dtype == dtype
