"""Elements that are taken by their numbers."""

from __future__ import annotations

from archgraph.importers.torch.building import Building, Source, rule
from archgraph.importers.torch.trace import Call
from archgraph.ops import Gather, Index, IndexSelect

__all__: list[str] = []


@rule("index")
def _index(b: Building, call: Call) -> Source | None:
    """x[i, :, j]; a mask of bools takes as many as it likes, which no operator says."""
    places = [(axis, each) for axis, each in enumerate(call["indices"]) if each is not None]
    if not places or any(each.dtype in ("bool", "uint8") for _, each in places):
        return None
    axes = tuple(axis for axis, _ in places)
    return b.add(Index(axes), [b.source(call["self"]), *(b.source(each) for _, each in places)])


@rule("index_select")
def _index_select(b: Building, call: Call) -> Source:
    return b.add(IndexSelect(call["dim"]), [b.source(call["self"]), b.source(call["index"])])


@rule("gather")
def _gather(b: Building, call: Call) -> Source:
    return b.add(Gather(call["dim"]), [b.source(call["self"]), b.source(call["index"])])
