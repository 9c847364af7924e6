"""Arithmetic worked out: what a node computes as a polynomial of what it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isclose
from typing import NamedTuple

from archgraph.graph import ArchGraph
from archgraph.ops import Add, Mul, Pointwise
from archgraph.recognition.matching.draft import Draft
from archgraph.stored_tensors import declared
from archgraph.tensors import Key

__all__ = ["Formula", "formula", "number", "same"]

Terms = dict[tuple[str, ...], float]
"""Factor by product: {(): 1, ("x", "x"): 3} is 1 + 3x²; the factors of a product are sorted."""

_DEEPEST = 6
"""More operations in a row than the formulas here have."""
_MOST_TERMS, _HIGHEST = 6, 4
_CLOSE = 1e-5
"""How far numbers of a formula may be off: they are written in 32 bits, often shortened."""


class Formula(NamedTuple):
    """A polynomial, and the nodes that compute it."""

    terms: Terms
    nodes: frozenset[str]

    @property
    def variables(self) -> set[str]:
        """All that it is a polynomial of."""
        return {each for product in self.terms for each in product}


def formula(net: ArchGraph, name: str) -> Formula | None:
    """Return what a node computes by sums and products; None where it is no such operation.

    Inner results are worked out as far as nobody else reads them, so the order and the grouping in
    which a formula was written make no difference.
    """
    if not isinstance(net, Draft):
        return _of_node(net, name, _DEEPEST)
    if name not in net.formulas:
        net.formulas[name] = _of_node(net, name, _DEEPEST)
    found: Formula | None = net.formulas[name]
    return found


def same(found: Formula | None, terms: Mapping[tuple[str, ...], float]) -> bool:
    """Return whether a formula is this polynomial, up to the rounding of its numbers."""
    if found is None:
        return False
    wanted = {tuple(sorted(product)): factor for product, factor in terms.items()}
    return found.terms.keys() == wanted.keys() and all(
        isclose(found.terms[product], factor, rel_tol=_CLOSE) for product, factor in wanted.items()
    )


def number(net: ArchGraph, source: str) -> float | None:
    """Return the one number of a stored constant; None for anything else."""
    if type(source) is not Key:
        return None
    record = declared(net).get(source, {})
    value: Sequence[float] = record.get("value") or ()
    return float(value[0]) if record.get("kind") == "constant" and len(value) == 1 else None


def _of(net: ArchGraph, source: str, depth: int) -> Formula | None:
    if type(source) is Key:
        value = number(net, source)
        return None if value is None else Formula({(): value}, frozenset())
    if depth > 0 and ":" not in source and _used_once(net, source):
        found = _of_node(net, source, depth)
        if found is not None:
            return found
    return Formula({(source,): 1.0}, frozenset())


def _of_node(net: ArchGraph, name: str, depth: int) -> Formula | None:
    op = net.op(name)
    if not isinstance(op, (Add, Mul, Pointwise)):
        return None
    word = op.function if isinstance(op, Pointwise) else type(op).__name__
    if word not in ("Add", "Mul", "sub", "neg", "div", "pow"):
        return None
    parts = []
    for source in net.reads(name):
        part = _of(net, source, depth - 1)
        if part is None:
            return None
        parts.append(part)
    terms = _worked_out(word, [part.terms for part in parts])
    if terms is None or len(terms) > _MOST_TERMS or max(map(len, terms), default=0) > _HIGHEST:
        return None
    return Formula(terms, frozenset({name}.union(*(part.nodes for part in parts))))


def _worked_out(word: str, parts: list[Terms]) -> Terms | None:
    first, *others = parts
    if word == "neg":
        return _times(first, {(): -1.0})
    if word in ("div", "pow"):
        number = others[0].get(()) if others[0].keys() == {()} else None
        if word == "div":
            return None if not number else _times(first, {(): 1 / number})
        if number not in (2, 3):
            return None
        word, others = "Mul", [first] * (int(number) - 1)
    for other in others:
        if word == "Mul":
            first = _times(first, other)
        else:
            first = _plus(first, other if word == "Add" else _times(other, {(): -1.0}))
        if len(first) > _MOST_TERMS:
            return None
    return first


def _plus(one: Terms, other: Terms) -> Terms:
    return {key: one.get(key, 0.0) + other.get(key, 0.0) for key in (*one, *other)}


def _times(one: Terms, other: Terms) -> Terms:
    found: Terms = {}
    for left, a in one.items():
        for right, b in other.items():
            key = tuple(sorted((*left, *right)))
            found[key] = found.get(key, 0.0) + a * b
    return found


def _used_once(net: ArchGraph, name: str) -> bool:
    """Return whether one node reads a node, at one position."""
    readers = net.succ[name]
    return len(readers) == 1 and all(len(edge["uses"]) == 1 for edge in readers.values())
