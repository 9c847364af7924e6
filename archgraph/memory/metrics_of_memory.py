"""Live memory as a metric: every table, colour and label shows it like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archgraph.memory.places import places_of
from archgraph.memory.timeline import timeline
from archgraph.metrics import Metric, Number

if TYPE_CHECKING:
    from archgraph.graph import ArchGraph

__all__ = ["METRICS"]


def _live(net: ArchGraph, batch: int) -> dict[str, Number | None]:
    """Return the bytes of activations that lie in memory while each node runs.

    A lower bound is no answer: where any size is unknown, so is what lies there.
    """
    places = places_of(net, batch=batch)
    found = timeline(places, [*places.reads])
    if found.unknown:
        return {}
    return dict(zip(found.order, found.live, strict=True))


METRICS = (
    Metric(
        "peak_memory",
        "Peak memory",
        "B",
        reduce="max",
        description="activations that lie in memory while it runs, in the order of the program",
        by_batch=_live,
    ),
)
"""What the entry point ``archgraph.metrics`` offers."""
