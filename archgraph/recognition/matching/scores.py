"""Scores: what the softmax of an attention reads, taken apart into Q·Kᵀ, a scale and masks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from archgraph.graph import ArchGraph
from archgraph.ops import Add, MatMul, Mul, Reshape
from archgraph.recognition.matching.polynomial import number
from archgraph.recognition.matching.steps_back import (
    factor,
    is_function,
    is_node,
    shape_of,
    unchanged,
)
from archgraph.tensors import Key, Shape

__all__ = ["HIDDEN", "Mask", "Scores", "scores_of"]

HIDDEN = -1e4
"""What is added to a score so that its weight is zero, or less: exp(−10⁴) is 0 in 32 bits."""

_LONGEST = 12
"""More nodes in a row than lie between a softmax and its product."""


@dataclass
class Mask:
    """What is added to the scores.

    ``node`` is the node that does it, ``source`` what it adds; a ``kind`` of "seen" or "hidden"
    says that the source is a condition where scores are kept or replaced by ``value``. ``shape`` is
    that of the scores, ``factors`` are the nodes that scale the sum.
    """

    node: str
    source: str
    shape: Shape
    kind: str = "added"
    value: str = ""
    factors: list[str] = field(default_factory=list)


class Temperature(NamedTuple):
    """A tensor by which a node multiplies or divides scores, each row of them by one number."""

    node: str
    source: str
    shape: Shape


@dataclass
class Scores:
    """A product of two tensors, what it is multiplied by, what is added, the nodes that do it.

    ``shapes`` are the shapes in which the scores stand, from the product to the softmax,
    ``temperatures`` the tensors that they are multiplied by.
    """

    product: str
    scale: float
    masks: list[Mask]
    nodes: set[str]
    shapes: list[Shape]
    temperatures: list[Temperature] = field(default_factory=list)


def scores_of(net: ArchGraph, source: str, depth: int = _LONGEST) -> Scores | None:
    """Return a source as scores; None where it is none."""
    if not is_node(source) or depth == 0 or len(net.succ[source]) != 1:
        return None
    op = net.op(source)
    if isinstance(op, MatMul):
        return Scores(source, 1.0, [], {source}, [shape_of(net, source)])
    inner = unchanged(net, source)
    if inner is not None:
        return _with(scores_of(net, inner, depth - 1), source)
    scaled = factor(net, source)
    if scaled is not None:
        found = _with(scores_of(net, scaled[0], depth - 1), source)
        if found is not None:
            found.scale *= scaled[1]
            for mask in found.masks:
                mask.factors.append(source)
        return found
    if isinstance(op, Reshape):
        found = _with(scores_of(net, net.reads(source)[0], depth - 1), source)
        shape = shape_of(net, source)
        if found is None or shape[-2:] != found.shapes[-1][-2:]:
            return None
        found.shapes.append(shape)
        return found
    return _masked(net, source, depth) or _warmed(net, source, depth)


def _warmed(net: ArchGraph, source: str, depth: int) -> Scores | None:
    """Return scores that are multiplied by numbers of their rows, such as learned temperatures."""
    op, reads = net.op(source), net.reads(source)
    if not (isinstance(op, Mul) and len(reads) == 2) and not is_function(op, "div"):
        return None
    for inner, other in (reads, reads[::-1]) if isinstance(op, Mul) else (reads,):
        shape = shape_of(net, other)
        if shape and not (type(shape[-1]) is int and shape[-1] == 1):
            continue
        found = _with(scores_of(net, inner, depth - 1), source)
        if found is not None and not found.masks and _same_shape(net, source, found):
            found.temperatures.append(Temperature(source, other, found.shapes[-1]))
            return found
    return None


def _with(found: Scores | None, node: str) -> Scores | None:
    if found is not None:
        found.nodes.add(node)
    return found


def _masked(net: ArchGraph, source: str, depth: int) -> Scores | None:
    """Return scores to which a node adds something, or of which it hides some."""
    op, reads = net.op(source), net.reads(source)
    if isinstance(op, Add) and len(reads) == 2:
        for inner, other in (reads, reads[::-1]):
            found = _with(scores_of(net, inner, depth - 1), source)
            if found is not None and _same_shape(net, source, found):
                found.masks.append(Mask(source, other, found.shapes[-1]))
                return found
    if is_function(op, "where"):
        condition, one, two = reads
        for inner, other, kind in ((one, two, "seen"), (two, one, "hidden")):
            value = number(net, other)
            if value is None or value > HIDDEN:
                continue
            found = _with(scores_of(net, inner, depth - 1), source)
            if found is not None and _same_shape(net, source, found):
                found.masks.append(Mask(source, condition, found.shapes[-1], kind, other))
                return found
    if is_function(op, "maximum"):  # with the least number that there is, against overflow
        for inner, other in (reads, reads[::-1]):
            value = number(net, other)
            if type(inner) is not Key and value is not None and value < -1e30:
                return _with(scores_of(net, inner, depth - 1), source)
    return None


def _same_shape(net: ArchGraph, source: str, found: Scores) -> bool:
    return shape_of(net, source) == found.shapes[-1]
