"""Layer norm as a scale and a shift of x: x·s + (bias − mean·s), s = weight/√(variance + eps)."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import Add, LayerNorm, Mul
from archgraph.recognition.matching.learned_row import Row, as_own, row_of
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.means import mean_of
from archgraph.recognition.matching.over_root import RootOfMean, last_axes, scale_of
from archgraph.recognition.matching.steps_back import is_function, is_node
from archgraph.tensors import Stored

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
        if not is_function(net.op(shift), "sub"):
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
        mean, found = mean_of(net, others[0]), scale_of(net, scale)
        if mean is None or found is None or mean.source != x:
            continue
        root, weight = found
        if mean.dims != root.dims or not _of_difference(net, root, x, others[0]):
            continue
        nodes |= {scale, *mean.nodes, *root.nodes} | (set() if root.centred else {root.squared})
        return _norm(net, name, nodes, root, x, weight, bias)
    return None


def _of_difference(net: ArchGraph, root: RootOfMean, x: str, mean: str) -> bool:
    """Return whether a root is that of the variance of x."""
    if root.centred:
        return root.squared == x
    b = root.squared
    return is_node(b) and is_function(net.op(b), "sub") and net.reads(b) == (x, mean)


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
    tensors: dict[str, str] = {}
    flat: dict[str, Stored] = {}
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
