"""Layer norm written out: (x − mean)/√(mean((x − mean)²) + eps), then times a learned weight."""

from __future__ import annotations

from dataclasses import replace

from archgraph.graph import ArchGraph
from archgraph.ops import LayerNorm, Mul, Pointwise, Reduce, RMSNorm
from archgraph.recognition.matching.learned_row import beside, with_row
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.over_root import last_axes, over_root

__all__ = ["layer_norm", "norm_weight"]


def layer_norm(net: ArchGraph, name: str) -> Match | None:
    """Ba et al., 2016, equations 3 and 4, without gain and bias, which follow as rows."""
    root = over_root(net, name)
    if root is None:
        return None
    # The difference may be computed once, or twice in the same way.
    differences = {root.value, root.squared}
    if any(":" in each or net.op(each) != Pointwise("sub") for each in differences):
        return None
    reads = {net.reads(each) for each in differences}
    if len(reads) != 1:
        return None
    x, mean = reads.pop()
    if ":" in mean or mean not in net or net.reads(mean) != (x,):
        return None
    op = net.op(mean)
    if not isinstance(op, Reduce) or op.function != "mean" or not op.keepdim:
        return None
    extents = last_axes(net.tensor(x), op.dims)
    if extents is None or extents != last_axes(net.tensor(root.squared), root.dims):
        return None
    nodes = (root.nodes | differences | {mean}) - {name}
    return Match(name, nodes, LayerNorm(extents, root.eps, elementwise_affine=False), (x,))


def norm_weight(net: ArchGraph, name: str) -> Match | None:
    """LayerNorm(x)·weight and RMSNorm(x)·weight."""
    found = beside(net, name) if isinstance(net.op(name), Mul) else None
    if found is None:
        return None
    op = net.op(found[0])
    if not isinstance(op, (LayerNorm, RMSNorm)) or op.elementwise_affine:
        return None
    made = replace(op, elementwise_affine=True)
    if isinstance(made, LayerNorm):
        made = replace(made, bias=False)
    shape, dtype = op.normalized_shape, net.tensor(found[0]).dtype
    return with_row(net, name, made, "weight", own=shape, read=shape, dtype=dtype)
