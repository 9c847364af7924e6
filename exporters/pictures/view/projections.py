"""Projections: the one layer on a shortcut that changes its shape (He et al., 2015, option B)."""

from __future__ import annotations

from collections.abc import Sequence, Set

from archgraph.graph import ArchGraph

from .sublayer import FAR, passes

__all__ = ["projections"]


def projections(net: ArchGraph, order: Sequence[str], fixed: Set[str]) -> set[str]:
    """Return the projections that a network says it has, and those that its wiring shows.

    These stand between a tensor and a sum whose other side makes two layers or more of the same
    tensor, and of nothing else.
    """
    found = {name for name in order if net.nodes[name].get("role") == "projection"}
    for name in order:
        ends = list(dict.fromkeys(net.inputs_of(name))) if net.op(name).sums else []
        if len(ends) != 2 or not found.isdisjoint(ends):
            continue
        for end, other in (ends, ends[::-1]):
            layer = _back(net, end)
            if not net.op(layer).layer or len(net.pred[layer]) != 1:
                continue
            start = _back(net, next(iter(net.pred[layer])), pools=True)
            if _layers_between(net, start, other, layer, fixed) >= 2:
                pools = _down_to(net, next(iter(net.pred[layer])), start)
                alone = [each for each in pools if len(net.succ[each]) == 1]
                found |= {layer, *_down_to(net, end, layer), *alone}
                break
    return found


def _back(net: ArchGraph, name: str, *, pools: bool = False) -> str:
    """Return what a tensor is before norms and moves, and before pooling where that is asked."""
    for _ in range(FAR):
        op = net.op(name)
        if len(net.pred[name]) != 1 or not (passes(op) or (pools and op.family == "pool")):
            break
        (name,) = net.pred[name]
    return name


def _down_to(net: ArchGraph, name: str, first: str) -> list[str]:
    """Return the operators from one back to another, the last left out."""
    found = []
    while name != first:
        found.append(name)
        (name,) = net.pred[name]
    return found


def _layers_between(net: ArchGraph, start: str, end: str, beside: str, fixed: Set[str]) -> int:
    """Return how many layers make ``end`` of ``start`` and nothing else; 0 where it is otherwise.

    What comes through the layer ``beside`` is behind it, and its shortcut an identity.
    """
    queue, seen, layers = [end], {end}, 0
    while queue:
        name = queue.pop()
        if name == start or name in fixed:
            continue
        op = net.op(name)
        if (
            name == beside
            or len(seen) > FAR
            or op.family in ("input", "resampling")
            or not net.pred[name]
        ):
            return 0
        layers += bool(op.layer)
        new = [each for each in net.pred[name] if each not in seen]
        seen.update(new)
        queue += new
    return layers
