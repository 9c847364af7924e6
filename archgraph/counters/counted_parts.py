"""Part: one node as a counting tool meets it, at a batch of 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archgraph import ops
from archgraph.errors import ShapeError
from archgraph.graph import ArchGraph
from archgraph.ops import Op
from archgraph.tensors import at_batch, elements

__all__ = ["Part", "parts"]

Shape = tuple[int, ...]
PRODUCTS = ("matmul", "bmm", "baddbmm", "einsum")


@dataclass(frozen=True)
class Part:
    """One node: its operator and multiply-adds, the tensors around it, and who computes it.

    ``module`` is the class of the module that computes it, ``leaf`` whether that has no parts,
    ``gives`` the shape of what that module returns, ``calls`` the functions that were called
    (none where the network was not read from a module).
    """

    op: Op
    macs: int
    reads: tuple[Shape, ...]
    out: Shape
    module: str
    leaf: bool
    gives: Shape
    calls: tuple[str, ...]

    @property
    def elements(self) -> int:
        """How many numbers it gives."""
        return elements(self.out)

    @property
    def attention(self) -> bool:
        """Whether it is softmax(Q·Kᵀ)·V, in one call or written out."""
        return isinstance(self.op, ops.ScaledDotProductAttention)

    @property
    def fused(self) -> bool:
        """Whether it is attention by one function, so that its two products are no calls."""
        return self.attention and not any(call in PRODUCTS for call in self.calls)

    @property
    def scores(self) -> int:
        """How many scores attention has: heads · queries · keys."""
        query, key = self.reads[0], self.reads[1]
        return elements(query[:-1]) * key[-2]

    @property
    def product(self) -> bool:
        """Whether it multiplies what was computed, without weights of its own."""
        return self.macs > 0 and not self.op.parameters()

    def called(self, *functions: str) -> bool:
        """Whether one of these functions was called; True where no calls are known."""
        return not self.calls or any(call in functions for call in self.calls)

    def numbers(self, word: str = "") -> int:
        """How many learned numbers it has whose names hold a word, as weight or bias."""
        return sum(elements(s) for role, s in self.op.parameters().items() if word in role)


def parts(net: ArchGraph, *only: str) -> Iterator[Part]:
    """Yield the nodes that run at inference, or those that are named.

    Without marks of the modules that compute them each counts as the module called like it.
    Raises ShapeError where a shape is unknown.
    """
    ends = {}
    for name in net.topological():
        if net.nodes[name].get("leaf"):
            ends[net.nodes[name]["path"]] = name
    for name in only or net.topological():
        node = net.nodes[name]
        if node.get("training_only") and not only:
            continue
        op = node["op"]
        calls = tuple(each.partition(":")[2] for each in node.get("origin", ()))
        end = ends.get(node.get("path"), name) if node.get("leaf") else name
        yield Part(
            op=op,
            macs=node["macs"] or 0,
            reads=tuple(_shape(net, source) for source in net.reads(name)),
            out=_shape(net, name),
            module=node.get("module", _usual(op)),
            leaf=node.get("leaf", not op.multiplies or bool(op.parameters())),
            gives=_shape(net, end),
            calls=calls,
        )


def _shape(net: ArchGraph, source: str) -> Shape:
    shape = net.tensor(source).shape
    if shape is None:
        raise ShapeError(f"the shape of '{source}' is unknown, so no tool can be explained.")
    return at_batch(shape, 1)


def _usual(op: Op) -> str:
    """Return the class of torch's module for an operator; '' for what is a function."""
    return "" if isinstance(op, ops.ScaledDotProductAttention) else f"nn.{op.kind}"
