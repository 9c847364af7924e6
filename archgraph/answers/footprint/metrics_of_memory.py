"""Live and kept memory as metrics: every table, colour and label shows them like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archgraph.answers.footprint.kept import kept_for_gradients
from archgraph.answers.footprint.places import places_of
from archgraph.answers.footprint.timeline import timeline
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


def _kept(net: ArchGraph, batch: int) -> dict[str, Number | None]:
    """Return the bytes of the forward pass that gradients need, at the node that makes them.

    What two gradients need counts once, at the node that makes it. None where that is unknown.
    """
    found = kept_for_gradients(net, batch=batch)
    unknown = {*found.unknown}
    return {name: None if name in unknown else found.by_node.get(name, 0) for name in net}


METRICS = (
    Metric(
        "peak_memory",
        "Peak memory",
        "B",
        reduce="max",
        description="activations that lie in memory while it runs, in the order of the program",
        by_batch=_live,
    ),
    Metric(
        "training_memory",
        "Kept for training",
        "B",
        description="activations that gradients need, kept from the forward to the backward pass",
        by_batch=_kept,
    ),
)
"""What the entry point ``archgraph.metrics`` offers."""
