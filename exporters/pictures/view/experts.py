"""Mixtures of experts: grouped products, with the router that says which rows go to whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archgraph import ops
from archgraph.graph import ArchGraph
from archgraph.tensors import node_of

from .mlps import GATES
from .sublayer import FAR, Sublayer

__all__ = ["experts"]

_GROUPED = "GroupedMatMul"


def experts(net: ArchGraph, order: Sequence[str]) -> Iterator[Sublayer]:
    """Yield the experts of each mixture (Shazeer et al., 2017): MLPs, and who chooses them."""
    for name in order:
        if net.op(name).kind != _GROUPED:
            continue
        between = _back(net, node_of(net.reads(name)[0]), _GROUPED)
        if not between:
            continue
        router = _back(net, node_of(net.reads(name)[2]), "Linear")
        inside = [name, *between, *router]
        rows, matrices = (net.tensor(ref).shape for ref in net.reads(name)[:2])
        sorts = [op for op in map(net.op, router) if op.kind == "Sort" and op.words.number]
        acts = [op for op in map(net.op, between) if op.family == "activation"]
        gated = any(isinstance(net.op(each), ops.Mul) for each in between)
        kind = GATES.get(acts[0].kind, "gated MLP") if gated and acts else "MLP"
        said = [
            f"{matrices[0]} experts" if matrices else "experts",
            f"top {sorts[0].words.number}" if sorts else "",
            f"{kind} {rows[-1]}" if rows else kind,
        ]
        text = ", ".join(filter(None, said))
        yield Sublayer("linear", "expert mixture", text, text, name, frozenset(inside))


def _back(net: ArchGraph, start: str, kind: str) -> list[str]:
    """Return what lies between an operator and the nearest of a kind before it, that included."""
    queue, seen = [start], {start: None}
    while queue and len(seen) < FAR:
        name = queue.pop(0)
        if name not in net:  # a stored tensor
            continue
        op = net.op(name)
        if op.kind == kind:
            return [each for each in seen if each not in queue]
        if op.layer or op.family in ("norm", "input"):
            continue
        new = [each for each in net.inputs_of(name) if each not in seen]
        seen |= dict.fromkeys(new)
        queue += dict.fromkeys(new)
    return []
