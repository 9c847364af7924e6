"""Live memory over the run of a network: what is held at each step, and the peak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archgraph.answers.footprint.places import Places

__all__ = ["Run", "Timeline", "timeline"]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bytes that are held while each node runs, in an order of the nodes.

    ``peak`` is the most of them, at the node ``at``, and ``held`` are the outputs that lie there
    then, with their bytes. Sizes that are unknown count as nothing, and ``unknown`` says how many
    they are: the peak is a lower bound then. In a training step the nodes of the forward pass,
    ``forward`` of them, come first, then those of the backward pass; at inference it is None.
    """

    order: tuple[str, ...]
    live: tuple[int, ...]
    peak: int
    at: str
    held: tuple[tuple[tuple[str, int], int], ...]
    unknown: int
    forward: int | None = None


class Run:
    """A run of the nodes, step by step: what lies in memory, and how much."""

    def __init__(
        self, places: Places, *, in_place: bool = False, device: int | None = None
    ) -> None:
        self.places, self.in_place, self.device = places, in_place, device
        here = [place.lies_on(device) for place in places.places]
        self.waiting = [len(place.readers_on(device)) for place in places.places]
        self.sizes = [
            (place.bytes or 0) if lies else 0
            for place, lies in zip(places.places, here, strict=True)
        ]
        self.held: dict[int, None] = {}
        self.live = 0

    def step(self, name: str) -> int:
        """Run one node and return the bytes that are held while it runs."""
        for place in self.places.makes[name]:
            self.held[place] = None
            self.live += self.sizes[place]
        during = self.live
        over = self.places.over.get(name) if self.in_place else None
        if over is not None and self._dies(over):
            during -= self.sizes[over]
        for place in self.places.reads[name]:
            self.waiting[place] -= name in self.places.places[place].readers_on(self.device)
        for place in (*self.places.reads[name], *self.places.makes[name]):
            if not self.waiting[place] and not self.places.places[place].kept:
                self.live -= self.sizes[place] if place in self.held else 0
                self.held.pop(place, None)
        return during

    def _dies(self, place: int) -> bool:
        """Return whether the node that runs is the last to read what lies at a place."""
        return self.waiting[place] == 1 and not self.places.places[place].kept


def timeline(
    places: Places, order: Sequence[str], *, in_place: bool = False, device: int | None = None
) -> Timeline:
    """Return what is held at each step of an order in which every node follows what it reads.

    An output is freed after its last reader, those that the network returns never. With
    ``in_place`` what works element by element writes over what nobody else reads. ``device``
    counts what lies on that one alone.
    """
    run = Run(places, in_place=in_place, device=device)
    live, peak, at = [], -1, ""
    held: tuple[int, ...] = ()
    for name in order:
        before = (*run.held, *places.makes[name])
        during = run.step(name)
        live.append(during)
        if during > peak:
            peak, at, held = during, name, before
    return Timeline(
        tuple(order),
        tuple(live),
        max(peak, 0),
        at,
        tuple(
            (places.places[place].output, run.sizes[place]) for place in held if run.sizes[place]
        ),
        sum(place.bytes is None and place.lies_on(device) for place in places.places),
    )
