"""How much training keeps from its forward to its backward pass, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archgraph.answers.footprint.autocast import autocast, half_of
from archgraph.answers.footprint.checkpoints import Recomputed, blocks_of, recomputed
from archgraph.answers.footprint.places import Places, places_of
from archgraph.answers.footprint.training import Needs, device_of, needed_for_gradients
from archgraph.graph import ArchGraph

__all__ = ["Kept", "Step", "kept_for_gradients", "kept_in", "training_step"]


@dataclass(frozen=True, slots=True)
class Step:
    """A training step: the network in its element types, what lies where, what gradients need.

    ``again`` says what is computed again, where something is.
    """

    net: ArchGraph
    places: Places
    needs: Needs
    again: Recomputed | None


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes of what gradients need, by node and by device, and the nodes of which it is unknown.

    ``copies`` are, by device, those of weights that autocast casts. Of blocks that are computed
    again only what is kept from the forward to the backward pass counts.
    """

    by_node: dict[str, int]
    by_device: dict[int | None, int]
    copies: dict[int | None, int]
    unknown: tuple[str, ...]


def training_step(
    net: ArchGraph, *, batch: int = 1, precision: str | None = None, checkpoint: str | None = None
) -> Step:
    """Return a training step; FormatError for a precision or checkpoint that there is not."""
    half = half_of(precision)
    blocks = None if checkpoint is None else blocks_of(net, checkpoint)
    cast = None if half is None else autocast(net, half)
    net = net if cast is None else cast.net
    places = places_of(net, batch=batch, training=True)
    needs = needed_for_gradients(net, places, batch=batch, cast=cast)
    again = None if blocks is None else recomputed(blocks, places, needs)
    return Step(net, places, needs, again)


def kept_for_gradients(
    net: ArchGraph, *, batch: int = 1, precision: str | None = None, checkpoint: str | None = None
) -> Kept:
    """Return what the gradients of a network need of its forward pass, for a batch.

    What two gradients need counts once, at the node that makes it, and once on each device that
    needs it; what a gradient needs besides (masks, means, places of maxima) at the node itself.
    """
    return kept_in(training_step(net, batch=batch, precision=precision, checkpoint=checkpoint))


def kept_in(step: Step) -> Kept:
    """Return the same of a training step."""
    again = step.again
    kept = step.needs.users if again is None else again.kept
    alone = [name for name in step.needs.besides if again is None or name not in again.block]
    found = _Sums(step)
    found.places(kept)
    found.besides(alone)
    copies: dict[int | None, int] = {}
    for name, size in step.needs.copies.items():
        device = device_of(step.net, name, None)
        copies[device] = copies.get(device, 0) + size
    return Kept(found.by_node, found.by_device, copies, step.needs.unknown)


class _Sums:
    """Bytes by node and by device, added up."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.by_node: dict[str, int] = {}
        self.by_device: dict[int | None, int] = {}

    def places(self, numbers: Iterable[int]) -> None:
        """Add what lies at some places, on each device that needs it."""
        for number in numbers:
            place = self.step.places.places[number]
            if place.bytes is None:
                continue
            name = place.output[0]
            self.by_node[name] = self.by_node.get(name, 0) + place.bytes
            for device in self.devices(number):
                self.by_device[device] = self.by_device.get(device, 0) + place.bytes

    def devices(self, number: int) -> list[int | None]:
        """Return the devices that hold a place for gradients."""
        users = self.step.needs.users.get(number, {})
        again, place = self.step.again, self.step.places.places[number]
        found = dict.fromkeys(users.values())
        if again is not None and again.kept.get(number):
            readers = (name for name in place.readers if name in again.block)
            found |= dict.fromkeys(device_of(self.step.net, each, place.device) for each in readers)
        return [*found]

    def besides(self, names: Iterable[str]) -> None:
        """Add what some nodes keep for themselves."""
        for name in names:
            size = self.step.needs.besides[name]
            device = device_of(self.step.net, name, None)
            self.by_node[name] = self.by_node.get(name, 0) + size
            self.by_device[device] = self.by_device.get(device, 0) + size
