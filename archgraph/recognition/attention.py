"""Attention written out: softmax(Q·Kᵀ · scale + mask)·V, whatever stands between its parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isclose

from archgraph.graph import ArchGraph
from archgraph.ops import (
    MatMul,
    Permute,
    Reshape,
    ScaledDotProductAttention,
    Softmax,
)
from archgraph.recognition.matching.attention_inputs import masks, operand, repeated, warm
from archgraph.recognition.matching.match import MAIN, Match, Part, Ref
from archgraph.recognition.matching.polynomial import number
from archgraph.recognition.matching.scores import Scores, scores_of
from archgraph.recognition.matching.steps_back import (
    is_function,
    is_node,
    only_reader,
    shape_of,
    swapped,
    unchanged,
)
from archgraph.recognition.matching.views import finest
from archgraph.tensors import Shape

__all__ = ["attention"]

_LONGEST = 6
"""More nodes in a row than lie between a softmax and the product with the values."""


@dataclass
class _Weights:
    """The softmax that a product reads, the nodes between, the shapes in which it is passed on."""

    softmax: str
    nodes: set[str] = field(default_factory=set)
    shapes: list[Shape] = field(default_factory=list)


def attention(net: ArchGraph, name: str) -> Match | None:
    """Vaswani et al., 2017, equation 1; also with heads joined to the batch, and all turned round.

    A product that is taken apart at once, (N·H, L, E) to (N, H, L, E), is matched with that, so
    that it is attention in the latter form.
    """
    op = net.op(name)
    if isinstance(op, Reshape):
        (product,) = net.reads(name)
        if not is_node(product) or not isinstance(net.op(product), MatMul):
            return None
        return _matched(net, product, name, shape_of(net, name))
    reader = only_reader(net, name)
    shape = shape_of(net, name)
    if reader is not None and isinstance(net.op(reader), Reshape):
        whole = _matched(net, name, reader, shape_of(net, reader))
        if whole is not None:
            return None  # at the Reshape
    return _matched(net, name, name, shape)


def _matched(net: ArchGraph, product: str, last: str, result: Shape) -> Match | None:
    """Return the match of a product with the values whose result is wanted in a shape."""
    for place in (0, 1):
        found = _weights(net, net.reads(product)[place], turned=place == 1)
        if found is None:
            continue
        scores = scores_of(net, net.reads(found.softmax)[0])
        if scores is not None:
            return _whole(net, product, last, result, found, scores)
    return None


def _weights(net: ArchGraph, source: str, *, turned: bool) -> _Weights | None:
    """Return the softmax over the last axis behind a source, which is ``turned`` or is not."""
    found = _Weights("")
    rank = len(shape_of(net, source))
    for _ in range(_LONGEST):
        if not is_node(source) or rank < 2:
            return None
        op, shape = net.op(source), shape_of(net, source)
        found.nodes.add(source)
        if isinstance(op, Softmax):
            found.softmax = source
            found.shapes.append(shape)
            return found if not turned and op.dim % len(shape) == len(shape) - 1 else None
        if turned and isinstance(op, Permute) and swapped(op.dims, len(shape)):
            (source,), turned = net.reads(source), False
            continue
        if isinstance(op, Reshape) and not turned:
            (inner,) = net.reads(source)
            if shape_of(net, inner)[-2:] != shape[-2:]:
                return None
            found.shapes.append(shape)
            source = inner
            continue
        passed = _guarded(net, source)
        if passed is not None:
            found.nodes.add(net.reads(source)[0])
        else:
            passed = unchanged(net, source)
        if passed is None:
            return None
        source = passed
    return None


def _guarded(net: ArchGraph, name: str) -> str | None:
    """Return what a node passes on with zeros for what is no number, as of rows all hidden."""
    if not is_function(net.op(name), "where"):
        return None
    condition, zero, source = net.reads(name)
    if not is_node(condition) or not is_function(net.op(condition), "isnan"):
        return None
    return source if net.reads(condition) == (source,) and number(net, zero) == 0 else None


def _whole(
    net: ArchGraph, product: str, last: str, result: Shape, weights: _Weights, scores: Scores
) -> Match | None:
    """Return the match of all parts of an attention."""
    first, second = net.reads(product)
    turned = second in weights.nodes
    view = finest([*scores.shapes, *weights.shapes])[:-2]
    if last != product and (result[:-2] != view or len(view) == len(shape_of(net, product)[:-2])):
        return None
    nodes = weights.nodes | scores.nodes | {product, last}
    own = shape_of(net, product)[:-2]
    query, key = net.reads(scores.product)
    value = operand(net, first if turned else second, "value", turned=turned)
    if value is None:
        return None
    q = operand(net, query, "query", like=value.dtype)
    k = operand(net, key, "key", turned=True, like=value.dtype)
    mask = masks(net, scores, view)
    if mask is None or q is None or k is None:
        return None
    plain = shape_of(net, scores.product)[:-2]
    seen = [q.see_in(net, plain, view), k.see_in(net, plain, view), value.see_in(net, own, view)]
    if not all(seen) or not warm(net, q, scores, view):
        return None
    shared = repeated(net, k, value, q)
    parts = [part for one in (q, k, value) for part in one.parts] + mask.parts
    for one in (q, k, value):
        nodes |= one.nodes
    scale = scores.scale * q.scale * k.scale
    width = shape_of(net, query)[-1]
    usual = isclose(scale, width**-0.5, rel_tol=1e-5)
    op = ScaledDotProductAttention(False, None if usual else float(f"{scale:.7g}"), shared)
    reads = tuple(one.source for one in (q, k, value)) + ((mask.source,) if mask.source else ())
    after = _after(net, product, last, own, view, turned)
    inner = frozenset(nodes) - {last}
    stored = mask.stored
    return Match(
        last, inner, op, reads, stored=stored, word="attention", before=tuple(parts), after=after
    )


def _after(
    net: ArchGraph, product: str, last: str, own: Shape, view: Shape, turned: bool
) -> tuple[Part, ...]:
    """Return what brings the result into the form in which the network goes on with it."""
    shape = shape_of(net, product)
    found: list[Part] = []
    source = MAIN
    if turned:
        rank = len(view) + 2
        order = (*range(rank - 2), rank - 1, rank - 2)
        found.append(Part("turned", Permute(order), (source,)))
        source = Ref("turned")
    if last == product and view != own and len(view) != len(own):
        found.append(Part("joined", Reshape(shape), (source,)))
    return tuple(found)
