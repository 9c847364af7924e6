"""Mixed precision: the element types of a network's tensors under torch.autocast.

What multiplies and adds (convolutions, linear layers, matrix products, attention) runs in a half
type and gives it; what it reads in float32 is cast first. Everything else runs in the type that it
reads, the wider one where there are two (PyTorch's documentation of ``torch.amp``, "Autocast op
reference", the lists for the CPU). Weights stay in float32 and are cast once each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.nearest import nearest
from archgraph.ops import Op, elements
from archgraph.parts import in_order
from archgraph.stored_tensors import original
from archgraph.tensors import Key, Tensor, state_key, weighing

__all__ = ["PRECISIONS", "Autocast", "autocast", "half_of"]

PRECISIONS: Mapping[str, str | None] = {
    "float32": None,
    "mixed": "bfloat16",
    "bfloat16": "bfloat16",
    "float16": "float16",
}
"""What a user calls a precision, and the half type of autocast; ``mixed`` is its usual one."""

WIDE = ("LocalResponseNorm",)
"""What runs in float32 all the same: it averages windows of three axes, which autocast widens."""


@dataclass(frozen=True, slots=True)
class Autocast:
    """A network whose outputs have the types of autocast, and the nodes that run in ``half``."""

    net: ArchGraph
    half: str
    narrow: frozenset[str]

    def casts(self, name: str, source: str) -> bool:
        """Return whether a node casts what it reads, and so keeps a copy of its own."""
        return name in self.narrow and self.net.tensor(source, name).dtype == "float32"

    def copies(self, name: str) -> dict[str, int]:
        """Return the bytes of the cast copies of weights that a node's gradient needs, by key.

        A bias is cast too, but no gradient needs it.
        """
        if name not in self.narrow:
            return {}
        op, keys = self.net.op(name), self.net.nodes[name].get("tensors") or {}
        found = {
            keys.get(role) or state_key(name, role): elements(shape)
            for role, shape in op.parameters().items()
            if role != "bias"
        }
        for each in self.net.reads(name):
            if isinstance(each, Key) and self.net.tensor(each, name).dtype == "float32":
                found[each] = elements(self.net.tensor(each, name).shape or ())
        return {original(self.net, key): 2 * count for key, count in found.items()}


def half_of(precision: str | None) -> str | None:
    """Return the half type of a precision; None for float32. FormatError names those there are."""
    if precision is not None and precision not in PRECISIONS:
        raise FormatError(
            f"there is no precision '{precision}'{nearest(precision, PRECISIONS)}; "
            f"there are {', '.join(PRECISIONS)}."
        )
    return PRECISIONS[precision or "float32"]


def autocast(net: ArchGraph, half: str) -> Autocast:
    """Return a network as it runs under autocast."""
    found = net.copy()
    narrow = set()
    for name in in_order(net):
        op, outputs = net.op(name), net.nodes[name]["outputs"]
        if not any(each.dtype == "float32" for each in outputs):
            continue
        if _multiplies(op):
            narrow.add(name)
            kind: str | None = half
        elif op.kind in WIDE or not net.reads(name):
            kind = "float32"
        else:
            kind = op.element_types(
                weighing([found.tensor(each, name) for each in net.reads(name)]), "float32"
            )
        found.nodes[name]["outputs"] = tuple(
            Tensor(each.shape, kind) if each.dtype == "float32" else each for each in outputs
        )
    return Autocast(found, half, frozenset(narrow))


def _multiplies(op: Op) -> bool:
    return op.multiplies and op.known and op.keeps != "unknown"
