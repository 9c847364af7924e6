"""Layer norm written out: (x − mean)/√(mean((x − mean)²) + eps), then times a learned weight."""

from __future__ import annotations

from dataclasses import replace

from archgraph.graph import ArchGraph
from archgraph.ops import GroupNorm, LayerNorm, Mul, Permute, Pointwise, RMSNorm
from archgraph.recognition.matching.learned_row import beside, with_row
from archgraph.recognition.matching.match import MAIN, Match, Part, Ref
from archgraph.recognition.matching.means import mean_of
from archgraph.recognition.matching.over_root import last_axes, over_root
from archgraph.recognition.matching.steps_back import is_node, shape_of

__all__ = ["channels_first", "layer_norm", "norm_weight", "over_channels"]


def layer_norm(net: ArchGraph, name: str) -> Match | None:
    """Ba et al., 2016, equations 3 and 4, without gain and bias, which follow as rows.

    Over the channels of maps it is written with the maps turned round; over all places of each map
    it is instance norm (Ulyanov et al., 2016).
    """
    root = over_root(net, name)
    if root is None:
        return None
    # The difference may be computed once, or twice in the same way.
    differences = {root.value, root.squared}
    if any(not is_node(each) or net.op(each) != Pointwise("sub") for each in differences):
        return None
    reads = {net.reads(each) for each in differences}
    if len(reads) != 1:
        return None
    x, mean = reads.pop()
    if mean_of(net, mean) != (x, root.dims):
        return None
    nodes = (root.nodes | differences | {mean}) - {name}
    shape = shape_of(net, x)
    if len(shape) > 3 and root.dims == tuple(range(2, len(shape))):
        return Match(name, nodes, GroupNorm(shape[1], shape[1], root.eps, affine=False), (x,))
    if len(shape) > 2 and root.dims == (1,) and type(shape[1]) is int:
        norm = LayerNorm((shape[1],), root.eps, elementwise_affine=False)
        return over_channels(name, nodes, norm, x, len(shape))
    extents = last_axes(net.tensor(x), root.dims)
    if extents is None:
        return None
    return Match(name, nodes, LayerNorm(extents, root.eps, elementwise_affine=False), (x,))


def over_channels(
    name: str, nodes: frozenset[str], norm: LayerNorm | RMSNorm, x: str, rank: int
) -> Match:
    """Return the match of a norm over axis 1, which is a norm over the last axis of x turned."""
    last, first = (0, *range(2, rank), 1), (0, rank - 1, *range(1, rank - 1))
    return Match(
        name,
        nodes,
        norm,
        (Ref("channels_last"),),
        before=(Part("channels_last", Permute(last), (x,)),),
        after=(Part("channels_first", Permute(first), (MAIN,)),),
    )


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
    return with_row(net, name, made, "weight", own=shape, read=read, dtype=dtype, before=between)


def channels_first(net: ArchGraph, layer: str) -> str | None:
    """Return the norm over the last axis whose result a node turns to have that as axis 1."""
    op, rank = net.op(layer), len(shape_of(net, layer))
    if not isinstance(op, Permute) or op.dims != (0, rank - 1, *range(1, rank - 1)):
        return None
    (norm,) = net.reads(layer)
    if not is_node(norm) or not isinstance(net.op(norm), (LayerNorm, RMSNorm)):
        return None
    return norm if len(net.op(norm).normalized_shape) == 1 else None  # type: ignore[attr-defined]
