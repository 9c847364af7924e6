"""Layer norm written out: (x − mean)/√(mean((x − mean)²) + eps), then times a learned weight."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.ops import GroupNorm, LayerNorm, Mul, Permute, RMSNorm
from archgraph.recognition.matching.learned_row import Row, as_own, beside, with_row
from archgraph.recognition.matching.match import MAIN, Match, Part, Ref
from archgraph.recognition.matching.means import mean_of
from archgraph.recognition.matching.over_root import last_axes, over_root
from archgraph.recognition.matching.steps_back import is_function, is_node, shape_of
from archgraph.tensors import Shape

__all__ = ["channels_first", "layer_norm", "norm_weight", "over_channels", "with_weight"]


def layer_norm(net: ArchGraph, name: str) -> Match | None:
    """Ba et al., 2016, equations 3 and 4, without gain and bias, which follow as rows.

    Over the channels of maps it is written with the maps turned round; over all places of each map
    it is instance norm (Ulyanov et al., 2016).
    """
    found = over_root(net, name)
    if found is None:
        return None
    root = found.root
    # The difference may be computed once, or twice in the same way.
    differences = {found.value} | (set() if root.centred else {root.squared})
    if any(not is_node(each) or not is_function(net.op(each), "sub") for each in differences):
        return None
    reads = {net.reads(each) for each in differences}
    if len(reads) != 1:
        return None
    x, less = reads.pop()
    mean = mean_of(net, less)
    if mean is None or mean[:2] != (x, root.dims) or (root.centred and root.squared != x):
        return None
    nodes = (found.nodes | differences | mean.nodes) - {name}
    shape = shape_of(net, x)
    if len(shape) > 3 and root.dims == tuple(range(2, len(shape))):
        norm = GroupNorm(shape[1], shape[1], root.eps, affine=False)
        return None if found.weight else Match(name, nodes, norm, (x,))
    if len(shape) > 2 and root.dims == (1,) and type(shape[1]) is int:
        norm_of = LayerNorm((shape[1],), root.eps, elementwise_affine=False)
        return over_channels(net, name, nodes, norm_of, x, found.weight)
    extents = last_axes(net.tensor(x), root.dims)
    if extents is None:
        return None
    made = LayerNorm(extents, root.eps, elementwise_affine=False)
    return with_weight(net, Match(name, nodes, made, (x,)), found.weight, extents)


def with_weight(net: ArchGraph, match: Match, weight: Row | None, read: Shape) -> Match | None:
    """Return the match of a norm with the weight that is multiplied into its scale, if any."""
    if weight is None:
        return match
    op: Any = match.op
    if not weight.stands_in(read) or weight.tensor.kind != "parameter":
        return None
    if weight.tensor.dtype != net.tensor(match.last).dtype:
        return None
    made = replace(op, elementwise_affine=True)
    made = replace(made, bias=False) if isinstance(made, LayerNorm) else made
    key, flat = as_own(net, weight, op.normalized_shape)
    return replace(match, op=made, tensors={"weight": key}, stored=flat)


def over_channels(
    net: ArchGraph,
    name: str,
    nodes: frozenset[str],
    norm: LayerNorm | RMSNorm,
    x: str,
    weight: Row | None,
) -> Match | None:
    """Return the match of a norm over axis 1, which is a norm over the last axis of x turned."""
    rank = len(shape_of(net, x))
    last, first = (0, *range(2, rank), 1), (0, rank - 1, *range(1, rank - 1))
    match = Match(
        name,
        nodes,
        norm,
        (Ref("channels_last"),),
        before=(Part("channels_last", Permute(last), (x,)),),
        after=(Part("channels_first", Permute(first), (MAIN,)),),
    )
    return with_weight(net, match, weight, (*norm.normalized_shape, *(1,) * (rank - 2)))


def norm_weight(net: ArchGraph, name: str) -> Match | None:
    """LayerNorm(x)·weight and RMSNorm(x)·weight."""
    found = beside(net, name) if isinstance(net.op(name), Mul) else None
    if found is None:
        return None
    layer, between = found[0], channels_first(net, found[0])
    op = net.op(between or layer)
    if not isinstance(op, (LayerNorm, RMSNorm)) or op.elementwise_affine:
        return None
    made = replace(op, elementwise_affine=True)
    if isinstance(made, LayerNorm):
        made = replace(made, bias=False)
    shape, dtype = op.normalized_shape, net.tensor(layer).dtype
    read = shape + (1,) * (len(shape_of(net, layer)) - 2) if between else shape
    return with_row(
        net, name, found, made, "weight", own=shape, read=read, dtype=dtype, before=between
    )


def channels_first(net: ArchGraph, layer: str) -> str | None:
    """Return the norm over the last axis whose result a node turns to have that as axis 1."""
    op, rank = net.op(layer), len(shape_of(net, layer))
    if not isinstance(op, Permute) or op.dims != (0, rank - 1, *range(1, rank - 1)):
        return None
    (norm,) = net.reads(layer)
    if not is_node(norm) or not isinstance(net.op(norm), (LayerNorm, RMSNorm)):
        return None
    return norm if len(net.op(norm).normalized_shape) == 1 else None  # type: ignore[attr-defined]
