"""Layer norm as a scale and a shift of x: x·s + (bias − mean·s), s = weight/√(variance + eps)."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import Add, LayerNorm, Mul, Pointwise
from archgraph.recognition.matching.learned_row import Row, as_own, beside, row_of
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.means import mean_of
from archgraph.recognition.matching.over_root import RootOfMean, last_axes, root_of_mean
from archgraph.recognition.matching.steps import is_node

__all__ = ["scaled_norm"]


def scaled_norm(net: ArchGraph, name: str) -> Match | None:
    """Ba et al., 2016, equation 4, as tensorflow's ``nn.batch_normalization`` multiplies it out."""
    op, reads = net.op(name), net.reads(name)
    if len(reads) != 2 or not all(map(is_node, reads)):
        return None
    pairs = (reads, reads[::-1]) if isinstance(op, Add) else (reads,)
    for product, shift in pairs:
        found = _matched(net, name, product, shift)
        if found is not None:
            return found
    return None


def _matched(net: ArchGraph, name: str, product: str, shift: str) -> Match | None:
    """Return the match of x·s plus, or without a bias less, what is taken off."""
    nodes = {product}
    bias: Row | None = None
    taken = shift
    if isinstance(net.op(name), Add):
        if net.op(shift) != Pointwise("sub"):
            return None
        first, taken = net.reads(shift)
        bias = row_of(net, first)
        nodes.add(shift)
        if bias is None:
            return None
    if not is_node(taken) or not all(isinstance(net.op(each), Mul) for each in (product, taken)):
        return None
    nodes.add(taken)
    for x, scale in (net.reads(product), net.reads(product)[::-1]):
        others = [each for each in net.reads(taken) if each != scale]
        if len(net.reads(taken)) != 2 or len(others) != 1:
            continue
        mean, found = mean_of(net, others[0]), _scale(net, scale)
        if mean is None or found is None or mean[0] != x:
            continue
        root, weight = found
        difference = root.squared
        if mean[1] != root.dims or not is_node(difference):
            continue
        if net.op(difference) != Pointwise("sub") or net.reads(difference) != (x, others[0]):
            continue
        nodes |= {scale, difference, others[0], *root.nodes}
        return _norm(net, name, nodes, root, x, weight, bias)
    return None


def _scale(net: ArchGraph, source: str) -> tuple[RootOfMean, Row | None] | None:
    """Return weight/√(mean + eps) taken apart; the weight is None where there is none."""
    root = root_of_mean(net, source, "rsqrt")
    if root is not None:
        return root, None
    found = beside(net, source) if is_node(source) and isinstance(net.op(source), Mul) else None
    root = None if found is None else root_of_mean(net, found[0], "rsqrt")
    return None if root is None or found is None else (root, found[1])


def _norm(
    net: ArchGraph,
    name: str,
    nodes: set[str],
    root: RootOfMean,
    x: str,
    weight: Row | None,
    bias: Row | None,
) -> Match | None:
    extents = last_axes(net.tensor(x), root.dims)
    if extents is None or (weight is None) != (bias is None):
        return None
    tensors, flat = {}, {}
    dtype = net.tensor(x).dtype
    for role, row in (("weight", weight), ("bias", bias)):
        if row is None:
            continue
        if not row.stands_in(extents) or row.tensor.kind != "parameter":
            return None
        if row.tensor.dtype != dtype:
            return None
        tensors[role], more = as_own(net, row, extents)
        flat |= more
        nodes |= row.nodes
    op = LayerNorm(extents, root.eps, elementwise_affine=weight is not None)
    return Match(name, frozenset(nodes), op, (x,), tensors, stored=flat, word="layer_norm")
