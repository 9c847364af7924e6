"""What an attention reads: query, key, value and mask, before what was done to them for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from archgraph.graph import ArchGraph
from archgraph.ops import Add, Cast, Permute, Pointwise, Reshape
from archgraph.recognition.matching.match import Part, Ref
from archgraph.recognition.matching.scores import Mask, Scores
from archgraph.recognition.matching.steps_back import (
    factor,
    is_node,
    permuted,
    repeated_heads,
    shape_of,
    swapped,
)
from archgraph.recognition.matching.views import in_view
from archgraph.tensors import Key, Shape, Stored

__all__ = ["Masks", "Operand", "masks", "operand", "repeated", "warm"]


@dataclass
class Operand:
    """A tensor that an attention reads.

    ``source`` is what to read, ``shape`` how it stands there, ``at`` how it stands at the product;
    ``scale`` is what it is multiplied by; ``nodes`` are taken in, ``parts`` put beside.
    """

    word: str
    source: str
    shape: Shape
    dtype: str | None
    at: Shape = ()
    scale: float = 1.0
    nodes: set[str] = field(default_factory=set)
    parts: list[Part] = field(default_factory=list)

    def see_in(self, net: ArchGraph, own: Shape, view: Shape) -> bool:
        """Bring it from its product's axes before the last two into a view of them, if it can be.

        Reshapes before it, which nobody else reads, are taken in.
        """
        wanted = in_view(self.at, own, view)
        if wanted is None or wanted == self.shape:
            return wanted is not None
        old: frozenset[str] = frozenset()
        while not self.parts and _alone(net, self.source, Reshape):
            old |= {self.source}
            self.nodes.add(self.source)
            (self.source,) = net.reads(self.source)
            if shape_of(net, self.source) == wanted:
                self.shape = wanted
                return True
        part = Part(f"{self.word}s", Reshape(wanted), (self.source,), old)
        self.parts.append(part)
        self.source, self.shape = Ref(part.word), wanted
        return True


def _alone(net: ArchGraph, source: str, kind: type) -> bool:
    """Return whether a source is a node of a kind that nobody else reads."""
    return is_node(source) and isinstance(net.op(source), kind) and len(net.succ[source]) == 1


def operand(
    net: ArchGraph, source: str, word: str, *, turned: bool = False, like: str | None = None
) -> Operand | None:
    """Return what a product reads as an attention reads it; one that is ``turned`` turned back.

    ``like`` is the element type of the values, from which query and key may have been cast.
    """
    found = Operand(word, source, shape_of(net, source), net.tensor(source).dtype)
    if len(found.shape) < 2:
        return None
    _before(net, found, like)
    if turned:
        back = (*found.shape[:-2], found.shape[-1], found.shape[-2])
        _turn(net, found)
        _before(net, found, like)
    found.at = back if turned else shape_of(net, source)
    return found


def _before(net: ArchGraph, found: Operand, like: str | None) -> None:
    """Go back through numbers that it is multiplied by and casts, where nobody else reads them."""
    while not found.parts and is_node(found.source) and len(net.succ[found.source]) == 1:
        scaled = factor(net, found.source) if found.word != "value" else None
        if scaled is not None and shape_of(net, scaled[0]) == found.shape:
            found.nodes.add(found.source)
            found.source, found.scale = scaled[0], found.scale * scaled[1]
        elif isinstance(net.op(found.source), Cast) and like is not None:
            (inner,) = net.reads(found.source)
            if net.tensor(inner).dtype != like or found.dtype == like:
                return
            found.nodes.add(found.source)
            found.source, found.dtype = inner, like
        else:
            return


def _turn(net: ArchGraph, found: Operand) -> None:
    """Turn the last two axes back: out of the node that turned them, or by one of its own."""
    while _alone(net, found.source, Reshape):  # heads joined with the batch and parted again
        (inner,) = net.reads(found.source)
        if shape_of(net, inner)[-2:] != found.shape[-2:]:
            break
        found.nodes.add(found.source)
        found.source, found.shape = inner, shape_of(net, inner)
    shape, rank = found.shape, len(found.shape)
    back = (*shape[:-2], shape[-1], shape[-2])
    op = permuted(net, found.source)
    if op is not None and swapped(op.dims, rank):
        if len(net.succ[found.source]) == 1:
            found.nodes.add(found.source)
        found.source, found.shape = net.reads(found.source)[0], back
        return
    if op is not None and len(net.succ[found.source]) == 1:
        dims = (*op.dims[:-2], op.dims[-1], op.dims[-2])
        old = frozenset({found.source})
        found.nodes |= old
        part = Part(found.word, Permute(dims), (net.reads(found.source)[0],), old)
    else:
        order = (*range(rank - 2), rank - 1, rank - 2)
        part = Part(found.word, Permute(order), (found.source,))
    found.parts.append(part)
    found.source, found.shape = Ref(part.word), back


def warm(net: ArchGraph, query: Operand, scores: Scores, view: Shape) -> bool:
    """Multiply a query by what its scores are multiplied by; return whether that can be.

    (Q·Kᵀ)·t is (Q·t)·Kᵀ for one number t of each row.
    """
    for number, each in enumerate(scores.temperatures):
        shape = shape_of(net, each.source)
        shape = (*(1,) * (2 - len(shape)), *shape)
        wanted = in_view(shape, each.shape[:-2], view)
        if wanted is None:
            return False
        source = each.source
        if _without_ones(wanted) != _without_ones(shape):
            query.parts.append(Part(f"warm{number}", Reshape(wanted), (source,)))
            source = Ref(f"warm{number}")
        op, reads = net.op(each.node), net.reads(each.node)
        pair = tuple(source if read == each.source else query.source for read in reads)
        query.parts.append(Part(f"scaled{number}", op, pair, frozenset({each.node})))
        query.source = Ref(f"scaled{number}")
    return True


def repeated(net: ArchGraph, key: Operand, value: Operand, query: Operand) -> bool:
    """Take key and value before their heads are repeated alike; return whether they are."""
    if key.parts or value.parts:
        return False
    pair = [repeated_heads(net, each.source) for each in (key, value)]
    if pair[0] is None or pair[1] is None or pair[0][1] != pair[1][1]:
        return False
    if len({len(each.shape) for each in (key, value, query)}) > 1:
        return False
    for each, found in zip((key, value), pair, strict=True):
        assert found is not None
        source, _, nodes = found
        if all(len(net.succ[node]) == 1 for node in nodes):
            each.nodes |= nodes
        each.source, each.shape = source, shape_of(net, source)
    return True


@dataclass
class Masks:
    """The mask that an attention reads ("" for none), the parts that make it, what they store."""

    source: str = ""
    parts: list[Part] = field(default_factory=list)
    stored: Mapping[str, Stored] = field(default_factory=dict)


def masks(net: ArchGraph, scores: Scores, view: Shape) -> Masks | None:
    """Return all that is added to scores as one mask; None where it cannot be one.

    A condition alone is a mask as it is; others become numbers to add. The node that added one to
    the scores adds it to the mask before, if there is one.
    """
    found = Masks()
    for number, mask in enumerate(scores.masks):
        alone = len(scores.masks) == 1
        as_it_is = mask.kind == "seen" and alone
        source = mask.source if as_it_is else _added(net, mask, found, number)
        for place, node in enumerate(mask.factors):
            old = frozenset() if number else frozenset({node})
            source = _scaled(net, source, node, old, f"factor{number}{place}", found)
        seen = _in_view(net, source, mask, view, f"view{number}", found)
        if seen is None:
            return None
        if not found.source:
            found.source = seen
            continue
        old = frozenset({mask.node}) if mask.kind == "added" else frozenset()
        found.parts.append(Part(f"masks{number}", Add(), (found.source, seen), old))
        found.source = Ref(f"masks{number}")
    return found


def _added(net: ArchGraph, mask: Mask, found: Masks, number: int) -> str:
    """Return what a mask adds to the scores; a condition chooses between 0 and its value."""
    if mask.kind == "added":
        return mask.source
    tensor = net.tensor(Key(mask.value))
    zero = Key(f"{mask.node}.zero")
    found.stored = {**found.stored, zero: Stored((), tensor.dtype or "float32", "constant", (0.0,))}
    pair = (zero, mask.value) if mask.kind == "seen" else (mask.value, zero)
    part = Part(f"mask{number}", Pointwise("where"), (mask.source, *pair), frozenset({mask.node}))
    found.parts.append(part)
    return Ref(part.word)


def _scaled(
    net: ArchGraph, source: str, node: str, old: frozenset[str], word: str, found: Masks
) -> str:
    """Return a mask times the number by which its sum with the scores is multiplied."""
    reads = tuple(each if type(each) is Key else source for each in net.reads(node))
    found.parts.append(Part(word, net.op(node), reads, old))
    return Ref(word)


def _in_view(
    net: ArchGraph, source: str, mask: Mask, view: Shape, word: str, found: Masks
) -> str | None:
    """Return a mask that stretches to the scores in a view as it did where it was added."""
    shape = shape_of(net, mask.source)
    shape = (*(1,) * (2 - len(shape)), *shape)
    wanted = in_view(shape, mask.shape[:-2], view)
    if wanted is None or _without_ones(wanted) == _without_ones(shape):
        return None if wanted is None else source
    found.parts.append(Part(word, Reshape(wanted), (source,)))
    return Ref(word)


def _without_ones(shape: Shape) -> Shape:
    """Return a shape without extents of 1 in front, which make no difference when it stretches."""
    while shape and type(shape[0]) is int and shape[0] == 1:
        shape = shape[1:]
    return shape
