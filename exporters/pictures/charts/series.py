"""A network as bars: one for each layer with weights, or for each block or stage."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.metrics import Number
from archgraph.options import written
from archgraph.structure import in_flow

from ..dress.spoken import say
from ..look.colour import tone_name
from ..pages import Bar, Series
from ..view import LEVELS, ViewNode, build_view

__all__ = ["METRICS", "series"]

METRICS = ("activation_bytes", "params", "macs")


def series(nets: Sequence[ArchGraph], most: int) -> list[Series]:
    """Return the networks at the finest level at which all together have at most ``most`` bars.

    The level is one for all, so that a bar means the same everywhere. Where layers have no names
    of their own ("3×3", again and again), blocks are shown. Raises DrawError where not even the
    stages have room.
    """
    for level in reversed(LEVELS):
        found = [_at(net.inference(), level) for net in nets]
        bars = sum(len(each.bars) for each in found)
        if bars <= most and (level == LEVELS[0] or all(map(_named, found))):
            return found
    raise DrawError(
        f"the {len(nets)} networks have {bars} stages, but the chart has room for {most} bars; "
        f"compare fewer, or use {written('chart', 'accuracy')}."
    )


def _named(each: Series) -> bool:
    return len({bar.label for bar in each.bars}) == len(each.bars)


def _at(net: ArchGraph, level: str) -> Series:
    view = build_view(net, level, fold=False)
    heads: list[tuple[ViewNode, list[str]]] = []
    for key in in_flow(net, {key: node.members for key, node in view.nodes.items()}):
        node = view.nodes[key]
        weighty = any(net.nodes[name]["params"] != 0 for name in node.members)
        # What has no weights (pooling, activations) belongs to the layer before it.
        if not heads or (weighty and not _norm(net, node)):
            heads.append((node, list(node.members)))
        else:
            heads[-1][1].extend(node.members)
    bars = tuple(
        Bar(_label(net, node), tone_name(node), _values(net, members)) for node, members in heads
    )
    return Series(net, level, bars)


def _norm(net: ArchGraph, node: ViewNode) -> bool:
    return all(net.op(name).family == "norm" for name in node.members)


def _label(net: ArchGraph, node: ViewNode) -> str:
    if len(node.members) == 1:
        called = str(net.nodes[node.members[0]].get("label") or node.members[0])
        return say(called) if node.kind == "input" else called
    return node.label.head  # as the box in the picture


def _values(net: ArchGraph, members: list[str]) -> dict[str, Number | None]:
    return {
        name: net.metric(name).combine(net.nodes[member][name] for member in members)
        for name in METRICS
    }
