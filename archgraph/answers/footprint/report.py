"""How much memory a network takes, on each of its devices: at inference and in training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archgraph.answers.footprint.best_order import Best, best_order
from archgraph.answers.footprint.kept import kept_in, training_step
from archgraph.answers.footprint.places import places_of
from archgraph.answers.footprint.timeline import Timeline, timeline
from archgraph.answers.footprint.training import OPTIMIZERS
from archgraph.answers.footprint.training_timeline import timelines_in
from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.known_devices import Device
from archgraph.nearest import nearest
from archgraph.ops import elements
from archgraph.stored_tensors import learned_bytes
from archgraph.tensors import Key

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
    order for all devices together. ``unsized`` are the nodes by device whose weights have an
    unknown size: what there is of a device with such, or with a Timeline that has unknown sizes,
    are lower bounds.
    """

    batch: int
    weights: ByDevice
    program: Mapping[int | None, Timeline]
    in_place: Mapping[int | None, Timeline]
    best: Best
    best_in_place: Best
    unsized: Mapping[int | None, Sequence[str]]

    @property
    def known(self) -> bool:
        """Whether all sizes are known."""
        return not any(map(self.unknown, self.program))

    def unknown(self, device: int | None) -> int:
        """Return how many sizes are unknown of what lies on a device."""
        return len(self.unsized[device]) + self.program[device].unknown


@dataclass(frozen=True, slots=True)
class Training:
    """Bytes of a training step, by device.

    ``kept`` are the activations that gradients need, by node; nodes of which that is unknown are
    in ``unknown``, and the figures are lower bounds then, as for the devices that hold weights of
    unknown size, those of the nodes in ``unsized``. ``copies`` are those of weights that mixed
    precision casts. ``peaks`` are the activations at the peak of the step: what is kept, and what
    the forward pass still reads or makes, or a block that is computed again. What kernels need
    while they run, and gradients of activations, are not counted. ``missing`` says how many sizes
    are unknown of what a peak is made of. ``whole`` is the peak where one device holds all.
    """

    batch: int
    optimizer: str
    weights: ByDevice
    activations: ByDevice
    kept: Mapping[str, int]
    copies: ByDevice
    peaks: ByDevice
    missing: ByDevice
    whole: int
    unknown: tuple[str, ...]
    unsized: Mapping[int | None, Sequence[str]]
    precision: str | None = None
    checkpoint: str | None = None

    @property
    def known(self) -> bool:
        """Whether all sizes are known."""
        parts = (self.unknown, *self.missing.values(), *self.unsized.values())
        return not any(parts)

    @property
    def state(self) -> ByDevice:
        """What the optimizer remembers."""
        return {device: OPTIMIZERS[self.optimizer] * size for device, size in self.weights.items()}

    @property
    def totals(self) -> ByDevice:
        """Weights, their gradients, the optimizer's state, copies, and activations at the peak."""
        times = 2 + OPTIMIZERS[self.optimizer]
        return {
            device: times * size + self.copies[device] + self.peaks[device]
            for device, size in self.weights.items()
        }

    @property
    def on_one(self) -> int:
        """The same where one device holds all."""
        times = 2 + OPTIMIZERS[self.optimizer]
        return times * sum(self.weights.values()) + sum(self.copies.values()) + self.whole


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
        _unsized(net, training=False),
    )


def peak_at_inference(net: ArchGraph, *, batch: int = 1) -> int | None:
    """Return the bytes that activations take at the peak, in the order of the program.

    None where a size is unknown.
    """
    places = places_of(net, batch=batch)
    found = timeline(places, [*places.reads])
    return None if found.unknown else found.peak


def training_memory(
    net: ArchGraph,
    *,
    batch: int = 1,
    optimizer: str = "sgd",
    precision: str | None = None,
    checkpoint: str | None = None,
) -> Training:
    """Return what a training step holds for a batch, with an optimizer of ``OPTIMIZERS``.

    Gradients and the optimizer's state have the weights' element types, as in torch.optim.
    ``precision`` is one of ``PRECISIONS``: of a half type what multiplies and adds runs in it, as
    under torch.autocast, and weights stay as they are. ``checkpoint`` ("block" or "stage") says
    what is computed again for its gradients, as by torch.utils.checkpoint. Raises FormatError for
    another optimizer, precision or checkpoint, or a batch that the network does not take.
    """
    if optimizer not in OPTIMIZERS:
        raise FormatError(
            f"there is no optimizer '{optimizer}'{nearest(optimizer, OPTIMIZERS)}; "
            f"there are {', '.join(OPTIMIZERS)}."
        )
    _check(net, batch)
    step = training_step(net, batch=batch, precision=precision, checkpoint=checkpoint)
    kept = kept_in(step)
    devices = _devices(net)
    lines = timelines_in(step, [*devices, None])
    return Training(
        batch,
        optimizer,
        _weights(net, training=True),
        _on(devices, kept.by_device),
        kept.by_node,
        _on(devices, kept.copies),
        {device: lines[device].peak for device in devices},
        {device: lines[device].unknown for device in devices},
        lines[None].peak,
        kept.unknown,
        _unsized(net, training=True),
        precision,
        checkpoint,
    )


def _on(devices: Sequence[int | None], sizes: Mapping[int | None, int]) -> dict[int | None, int]:
    """Return bytes by device; those of nodes that name none lie on the first."""
    found = dict.fromkeys(devices, 0)
    for device, size in sizes.items():
        found[device if device in found else devices[0]] += size
    return found


def largest_batch(
    net: ArchGraph,
    device: Device,
    *,
    optimizer: str | None = "sgd",
    precision: str | None = None,
    checkpoint: str | None = None,
    together: bool = False,
) -> int:
    """Return the largest batch of which each device holds its part; 0 where not even one fits.

    ``together``: one device holds all, whatever devices the network names.
    With an optimizer that is of a training step, without one of inference in program order. Where
    a size is unknown, none larger fits, and whether this one does is unknown. Raises FormatError
    for a device whose memory nobody gave.
    """
    if not device.memory:
        raise FormatError(f"the memory of {device.name} is not known; give one, such as 16GB.")

    def fits(batch: int) -> bool:
        if optimizer is not None:
            found = training_memory(
                net, batch=batch, optimizer=optimizer, precision=precision, checkpoint=checkpoint
            )
            needed = [found.on_one] if together else [*found.totals.values()]
        else:
            places = places_of(net, batch=batch)
            order, weights = [*places.reads], _weights(net, training=False)
            if together:
                needed = [sum(weights.values()) + timeline(places, order).peak]
            else:
                needed = [
                    size + timeline(places, order, device=each).peak
                    for each, size in weights.items()
                ]
        return max(needed, default=0) <= device.memory

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


def _unsized(net: ArchGraph, *, training: bool) -> dict[int | None, list[str]]:
    """Return the nodes by device that have learned something whose size is unknown."""
    found: dict[int | None, list[str]] = {device: [] for device in _devices(net)}
    for name, data in net.nodes(data=True):
        if data.get("training_only") and not training:
            continue
        op = net.op(name)
        count, told = op.parameter_count(), sum(map(elements, op.parameters().values()))
        reads = any(isinstance(each, Key) for each in net.reads(name))
        if count is None or (count > told and not reads):
            device = data["device"]
            found[device if device in found else next(iter(found))].append(name)
    return found
