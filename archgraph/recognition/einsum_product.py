"""Einsum beside a softmax as the matrix product that it is, its axes put in order before."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import Dropout, Einsum, MatMul, Permute, Softmax
from archgraph.recognition.matching.match import MAIN, Match, Part, Ref
from archgraph.recognition.matching.steps_back import is_node, only_reader

__all__ = ["einsum_product"]

_FURTHEST = 8
"""More nodes in a row than lie between a product of an attention and its softmax."""


def einsum_product(net: ArchGraph, name: str) -> Match | None:
    """A sum over one letter of two tensors that have one letter each for themselves."""
    op = net.op(name)
    if not isinstance(op, Einsum) or not (_before_softmax(net, name) or _behind(net, name)):
        return None
    orders = _orders(op.equation)
    if orders is None:
        return None
    before, reads = [], []
    for word, order, source in zip(("left", "right"), orders[:2], net.reads(name), strict=True):
        if order == sorted(order):
            reads.append(source)
        else:
            before.append(Part(word, Permute(tuple(order)), (source,)))
            reads.append(Ref(word))
    straight = orders[2] == sorted(orders[2])
    after = () if straight else (Part("ordered", Permute(tuple(orders[2])), (MAIN,)),)
    return Match(name, frozenset(), MatMul(), tuple(reads), before=tuple(before), after=after)


def _orders(equation: str) -> tuple[list[int], list[int], list[int]] | None:
    """Return the orders of the axes of both factors, and of the product, of a batch of products."""
    inputs, arrow, result = equation.replace(" ", "").partition("->")
    left, comma, right = inputs.partition(",")
    if not arrow or not comma or "," in right or "." in equation:
        return None
    if any(len(set(each)) < len(each) for each in (left, right, result)):
        return None
    batch = [letter for letter in result if letter in left and letter in right]
    summed = [letter for letter in left if letter in right and letter not in result]
    rows = [letter for letter in left if letter not in right]
    columns = [letter for letter in right if letter not in left]
    if not len(summed) == len(rows) == len(columns) == 1:
        return None
    if sorted(result) != sorted([*batch, *rows, *columns]):
        return None
    product = [*batch, *rows, *columns]
    return (
        [left.index(letter) for letter in (*batch, *rows, *summed)],
        [right.index(letter) for letter in (*batch, *summed, *columns)],
        [product.index(letter) for letter in result],
    )


def _before_softmax(net: ArchGraph, name: str) -> bool:
    """Return whether a softmax lies ahead, one node after the other."""
    reader: str | None = name
    for _ in range(_FURTHEST):
        reader = None if reader is None else only_reader(net, reader)
        if reader is not None and isinstance(net.op(reader), Softmax):
            return True
    return False


def _behind(net: ArchGraph, name: str) -> bool:
    """Return whether a softmax is what it reads, dropout and casts aside."""
    for source in net.reads(name):
        for _ in range(_FURTHEST):
            if not is_node(source):
                break
            op = net.op(source)
            if isinstance(op, Softmax):
                return True
            if not isinstance(op, Dropout) and op.kind not in ("Cast", "Identity"):
                break
            (source,) = net.reads(source)
    return False
