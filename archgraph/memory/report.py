"""How much memory a network takes, on each of its devices: at inference and in training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.known_devices import Device
from archgraph.memory.best_order import Best, best_order
from archgraph.memory.places import places_of
from archgraph.memory.timeline import Timeline, timeline
from archgraph.memory.training import OPTIMIZERS, kept_for_gradients
from archgraph.nearest import nearest
from archgraph.stored_tensors import learned_bytes

__all__ = [
    "Inference",
    "Training",
    "inference_memory",
    "largest_batch",
    "peak_at_inference",
    "training_memory",
]

ByDevice = Mapping[int | None, int]
"""Bytes by device; of a network that names none, by None."""


@dataclass(frozen=True, slots=True)
class Inference:
    """Bytes at inference: of weights by device, and over the run in several orders.

    ``program`` holds the run in the order of the program or file by device; ``in_place`` the same
    where what works element by element writes over what nobody else reads; ``best`` is the best
    order for all devices together.
    """

    batch: int
    weights: ByDevice
    program: Mapping[int | None, Timeline]
    in_place: Mapping[int | None, Timeline]
    best: Best
    best_in_place: Best


@dataclass(frozen=True, slots=True)
class Training:
    """Bytes of a training step between its forward and its backward pass, by device.

    ``kept`` are the activations that gradients need, by node; nodes of which that is unknown are
    in ``unknown``, and the figures are lower bounds then. What kernels need while they run, and
    gradients of activations, are not counted.
    """

    batch: int
    optimizer: str
    weights: ByDevice
    activations: ByDevice
    kept: Mapping[str, int]
    unknown: tuple[str, ...]

    @property
    def state(self) -> ByDevice:
        """What the optimizer remembers."""
        return {device: OPTIMIZERS[self.optimizer] * size for device, size in self.weights.items()}

    @property
    def totals(self) -> ByDevice:
        """Weights, their gradients, the optimizer's state, and the kept activations."""
        times = 2 + OPTIMIZERS[self.optimizer]
        return {
            device: times * size + self.activations[device] for device, size in self.weights.items()
        }


def inference_memory(net: ArchGraph, *, batch: int = 1) -> Inference:
    """Return what a network holds at inference, for a batch.

    Raises FormatError for a batch that the network does not take.
    """
    _check(net, batch)
    places = places_of(net, batch=batch)
    order = [*places.reads]
    before = {name: [each for each in net.pred[name] if each in places.reads] for name in order}
    devices = _devices(net)
    return Inference(
        batch,
        _weights(net, training=False),
        {each: timeline(places, order, device=each) for each in devices},
        {each: timeline(places, order, device=each, in_place=True) for each in devices},
        best_order(places, order, before),
        best_order(places, order, before, in_place=True),
    )


def peak_at_inference(net: ArchGraph, *, batch: int = 1) -> int | None:
    """Return the bytes that activations take at the peak, in the order of the program.

    None where a size is unknown.
    """
    places = places_of(net, batch=batch)
    found = timeline(places, [*places.reads])
    return None if found.unknown else found.peak


def training_memory(net: ArchGraph, *, batch: int = 1, optimizer: str = "sgd") -> Training:
    """Return what a training step holds for a batch, with an optimizer of ``OPTIMIZERS``.

    Gradients and the optimizer's state have the weights' element types, as in torch.optim. Raises
    FormatError for another optimizer, or a batch that the network does not take.
    """
    if optimizer not in OPTIMIZERS:
        raise FormatError(
            f"there is no optimizer '{optimizer}'{nearest(optimizer, OPTIMIZERS)}; "
            f"there are {', '.join(OPTIMIZERS)}."
        )
    _check(net, batch)
    kept = kept_for_gradients(net, batch=batch)
    devices = _devices(net)
    activations = dict.fromkeys(devices, 0)
    for device, size in kept.by_device.items():
        activations[device if device in devices else devices[0]] += size
    weights = _weights(net, training=True)
    return Training(batch, optimizer, weights, activations, kept.by_node, kept.unknown)


def largest_batch(net: ArchGraph, device: Device, *, optimizer: str | None = "sgd") -> int:
    """Return the largest batch of which each device holds its part; 0 where not even one fits.

    With an optimizer that is of a training step, without one of inference in program order. Raises
    FormatError for a device whose memory nobody gave.
    """
    if not device.memory:
        raise FormatError(f"the memory of {device.name} is not known; give one, such as 16GB.")

    def fits(batch: int) -> bool:
        if optimizer is not None:
            needed = training_memory(net, batch=batch, optimizer=optimizer).totals
        else:
            places = places_of(net, batch=batch)
            order = [*places.reads]
            needed = {
                each: size + timeline(places, order, device=each).peak
                for each, size in _weights(net, training=False).items()
            }
        return max(needed.values(), default=0) <= device.memory

    if not net.batched:
        return int(fits(1))
    low, high = 0, 1
    while fits(high):
        low, high = high, 2 * high
        if high > 2**24:  # it needs no memory that grows
            return low
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _check(net: ArchGraph, batch: int) -> None:
    if batch < 1:
        raise FormatError(f"the batch is {batch}, but it must be at least 1.")
    if batch != 1 and not net.batched:
        raise FormatError(
            f"'{net.name}' takes one batch only, that of its inputs, so there is none of {batch}."
        )


def _devices(net: ArchGraph) -> list[int | None]:
    """Return the devices that run a network, in order; None where it names none."""
    named = {data["device"] for _, data in net.nodes(data=True)} - {None}
    return [*sorted(named)] or [None]


def _weights(net: ArchGraph, *, training: bool) -> dict[int | None, int]:
    """Return the bytes of the parameters by the device of the node that reads them first."""
    found = dict.fromkeys(_devices(net), 0)
    for name, size in learned_bytes(net, training=training).items():
        device = net.nodes[name]["device"]
        found[device if device in found else next(iter(found))] += size
    return found
