"""Part: one node as a counting tool meets it, for one example."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from archgraph import ops
from archgraph.errors import ShapeError
from archgraph.graph import ArchGraph
from archgraph.ops import Op
from archgraph.provenance import whole_origin
from archgraph.tensors import at_batch, elements, is_known

__all__ = ["Mark", "Part", "held_part", "known_parts", "parts"]

Shape = tuple[int, ...]
PRODUCTS = ("matmul", "bmm", "baddbmm", "einsum")


_CALL = re.compile(r"\d+:(.+)")
"""The origin of a node that was read from a module: the number of a call, and its function."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Which module computes a node: its class, its path, and whether it has no parts.

    ``kernel`` says whether attention in that module runs as one kernel on the CPU, and
    ``kernel_without_grad`` whether it does where no gradients are followed; ``gives`` is the shape
    of what it returns, where it has no parts.
    """

    module: str
    path: str
    leaf: bool
    kernel: bool = True
    kernel_without_grad: bool = True
    gives: Shape | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One node: its operator and multiply-adds, the tensors around it, and who computes it.

    ``module`` is the class of the module that computes it, ``leaf`` whether that has no parts,
    ``gives`` the shape of what that module returns, ``calls`` the functions that were called
    (none where the network was not read from a module), ``kernel`` what Mark says of attention.
    A part may also stand for a run of a module of which no node has the parameters; ``held`` are
    these: of ``weight`` and ``bias``, and of others whose names hold these words.
    """

    op: Op
    macs: int
    reads: tuple[Shape, ...]
    out: Shape
    module: str
    leaf: bool
    gives: Shape
    calls: tuple[str, ...]
    kernel: bool = True
    kernel_without_grad: bool = True
    held: tuple[int, int] = (0, 0)

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

    @property
    def transposed(self) -> bool:
        """Whether it is a transposed convolution with weights of its own."""
        return self.op.kind.startswith("ConvTranspose") or bool(
            self.op.kind == "Convolution" and self.op.settings().get("transposed")
        )

    @property
    def kernel_shape(self) -> Shape:
        """The shape of a convolution's weights."""
        return tuple(self.op.parameters().get("weight") or self.reads[1])

    @property
    def grouped(self) -> bool:
        """Whether it is many products in one call, as of experts."""
        return any("grouped_mm" in call for call in self.calls)

    def called(self, *functions: str) -> bool:
        """Whether one of these functions was called; True where no calls are known."""
        return not self.calls or any(call in functions for call in self.calls)

    def numbers(self, word: str = "") -> int:
        """How many learned numbers it has whose names hold a word, as weight or bias."""
        return sum(elements(s) for role, s in self.op.parameters().items() if word in role)


def parts(net: ArchGraph, *only: str, marks: Mapping[str, Mark] | None = None) -> Iterator[Part]:
    """Yield the nodes that run at inference, or those that are named.

    ``marks`` say which module computes each; without them each counts as the module that is called
    like it. Raises ShapeError where a shape is unknown.
    """
    for name in only or _running(net):
        yield _part(net, name, (marks or {}).get(name))


def known_parts(
    net: ArchGraph, marks: Mapping[str, Mark] | None = None
) -> tuple[list[Part], list[str]]:
    """Return the parts whose shapes and multiply-adds are known, and the names of the others."""
    found, unknown = [], []
    for name in _running(net):
        try:
            part = _part(net, name, (marks or {}).get(name))
        except ShapeError:
            if not isinstance(net.op(name), ops.Input):  # which costs nothing at any size
                unknown.append(name)
            continue
        if net.nodes[name]["macs"] is None:
            unknown.append(name)
        else:
            found.append(part)
    return found, unknown


def held_part(module: str, gives: Shape, held: tuple[int, int]) -> Part:
    """Return a part that stands for a run of a module of which no node has the parameters."""
    return Part(ops.Identity(), 0, (gives,), gives, module, True, gives, ("",), held=held)


def _running(net: ArchGraph) -> list[str]:
    """Return the nodes that run at inference."""
    return [name for name in net.topological() if not net.nodes[name].get("training_only")]


def _part(net: ArchGraph, name: str, mark: Mark | None) -> Part:
    node = net.nodes[name]
    op = node["op"]
    origins = (_CALL.fullmatch(whole_origin(each)) for each in node.get("origin", ()))
    if mark is None:
        mark = Mark(_usual(op), "", not op.multiplies or bool(op.parameters()))
    return Part(
        op=op,
        macs=node["macs"] or 0,
        reads=tuple(_shape(net, source) for source in net.reads(name)),
        out=_shape(net, name),
        module=mark.module,
        leaf=mark.leaf,
        gives=_shape(net, name) if mark.gives is None else tuple(mark.gives),
        calls=tuple(each[1] for each in origins if each),
        kernel=mark.kernel,
        kernel_without_grad=mark.kernel_without_grad,
    )


def _shape(net: ArchGraph, source: str) -> Shape:
    tensor = net.tensor(source)
    if tensor.shape is None or not is_known(tensor):
        raise ShapeError(f"the shape of '{source}' is unknown, so no tool can be explained.")
    return at_batch(tensor.shape, 1)


def _usual(op: Op) -> str:
    """Return the class of torch's module for an operator; '' for what is a function."""
    return "" if isinstance(op, ops.ScaledDotProductAttention) else f"nn.{op.kind}"
