"""What each device of a network has to do and hold, and what crosses between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from archgraph.answers.footprint.places import places_of
from archgraph.answers.footprint.timeline import timeline
from archgraph.errors import GraphError
from archgraph.graph import ArchGraph
from archgraph.loading import READING, network_of
from archgraph.metrics import Metric, Number
from archgraph.options import is_typed, listed, refuse_unknown
from archgraph.stored_tensors import keys_read, learned_bytes
from archgraph.tables import Showing
from archgraph.tensors import Tensor, bytes_of, ref_to

__all__ = [
    "MEMORY",
    "METRICS",
    "Crossing",
    "DeviceLoad",
    "Placement",
    "crossing_tensors",
    "metric_named",
    "placement",
]


@dataclass(frozen=True, slots=True)
class Crossing:
    """One output that one device sends to another, once, whoever reads it there.

    ``output`` names it as ``net.add`` does (``split:1``); ``readers`` are the operators that read
    it on the device ``target``; ``bytes`` are those for the batch, None where they are unknown.
    """

    output: str
    source: int
    target: int
    tensor: Tensor
    bytes: int | None
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeviceLoad:
    """What one device runs: its operators in the order of the graph, and what they cost together.

    ``values`` are totals by metric for one image, None where one is unknown, and ``known`` the
    totals of what is known. ``weights`` are the bytes of all parameters that it reads: those that
    several devices read count on each. ``receives`` and ``sends`` are bytes for one image, None
    where one is unknown.
    """

    device: int
    nodes: tuple[str, ...]
    values: Mapping[str, Number | None]
    known: Mapping[str, Number]
    weights: int
    receives: int | None
    sends: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Placement(Showing):
    """How the work of a network lies on its devices, and what crosses between them.

    It shows itself as two tables, of the devices and of what crosses.
    """

    shown_by: ClassVar[str] = "archgraph.answers.splitting.split_tables:shown_placement"

    name: str
    devices: tuple[DeviceLoad, ...]
    crossings: tuple[Crossing, ...]
    net: ArchGraph | None = field(default=None, compare=False)

    @property
    def traffic_bytes(self) -> int | None:
        """All bytes that cross between devices for one image; None where some are unknown."""
        return _sum(each.bytes for each in self.crossings)

    @property
    def traffic_by_type(self) -> dict[str, int]:
        """The bytes that are known to cross, by element type."""
        found: dict[str, int] = {}
        for each in self.crossings:
            kind = each.tensor.dtype or "unknown"
            found[kind] = found.get(kind, 0) + (each.bytes or 0)
        return dict(sorted(found.items()))

    def share(self, metric: str, device: int) -> float | None:
        """Return which part of a metric one device has, from 0 to 1; None where it is unknown."""
        values = {each.device: each.values[metric] for each in self.devices}
        total = _sum(values.values())
        return None if not total else (values[device] or 0) / total

    def balance(self, metric: str) -> float | None:
        """Return the largest part of a metric divided by the mean: 1 where all have the same.

        So many times as long as with equal parts does the slowest device take. None where
        something is unknown, or all of it is 0.
        """
        values = [each.values[metric] for each in self.devices]
        total, known = _sum(values), [each for each in values if each is not None]
        return None if not total else max(known) * len(known) / total


def _sum(values: Iterable[Number | None]) -> int | None:
    found = [*values]
    known = [each for each in found if each is not None]
    return None if len(known) < len(found) else sum(known)  # type: ignore[return-value]


def placement(
    net: Any,
    *,
    metrics: str | Iterable[str] = ("macs", "params", "activation_bytes"),
    **reading: Any,
) -> Placement:
    """Return what each device that a network names has to do, and what crosses between them.

    ``net`` is an ArchGraph or whatever ``load`` takes whose operators have a ``device``: one that
    ``split`` gives, or ``alexnet_two_gpu`` of the gallery. Operators without a device, such as its
    inputs, count for none. ``metrics`` are names of metrics that add up over operators, or
    "memory": the weights of a device and the peak of its activations at inference, as
    ``archgraph memory`` tells them. What only training uses is left out. Raises GraphError for a
    network that names no device, and UnknownNameError for a metric that there is not.
    """
    net = network_of(net, reading)
    refuse_unknown("placement", reading, ["metrics", *READING])
    asked = [metric_named(net, name) for name in listed(metrics)]
    nodes: dict[int, list[str]] = {}
    for name, data in net.nodes(data=True):
        if data["device"] is not None and not data.get("training_only"):
            nodes.setdefault(data["device"], []).append(name)
    if not nodes:
        how = "--devices 2" if is_typed() else f"archgraph.split({net.name!r}, 2)"
        raise GraphError(
            f"'{net.name}' names no devices; split it over some first, such as with {how}."
        )
    crossings = crossing_tensors(net)
    stored = {key: each.bytes for key, each in net.tensors.items() if each.kind == "parameter"}
    added = {each.name: each for each in asked if each is not MEMORY}
    held, certain = _held(net, nodes) if MEMORY in asked else ({}, True)
    loads = []
    for device in sorted(nodes):
        here = nodes[device]
        least = {MEMORY.name: held[device]} if held else {}
        own: dict[str, Number | None] = {**least} if certain else dict.fromkeys(least)
        values = {key: [net.value(name, metric) for name in here] for key, metric in added.items()}
        keys = {
            key
            for name in here
            for key in keys_read(net, name, net.op(name), net.nodes[name].get("tensors") or {})
        }
        loads.append(
            DeviceLoad(
                device,
                tuple(here),
                {name: metric.combine(values[name]) for name, metric in added.items()} | own,
                {name: metric.known(values[name]) for name, metric in added.items()} | least,
                sum(stored.get(key, 0) for key in sorted(keys)),
                _sum(each.bytes for each in crossings if each.target == device),
                _sum(each.bytes for each in crossings if each.source == device),
            )
        )
    return Placement(net.name, tuple(loads), crossings, net)


def metric_named(net: ArchGraph, name: str) -> Metric:
    """Return a metric of a network, or what a device holds, which no single operator has."""
    return MEMORY if name == MEMORY.name and name not in net.known_metrics else net.metric(name)


def _held(net: ArchGraph, devices: Iterable[int]) -> tuple[dict[int, int], bool]:
    """Return the bytes that each device holds at inference, and whether all sizes are known.

    They are those of ``archgraph memory``, without the search for the best order.
    """
    places = places_of(net)
    lines = {each: timeline(places, [*places.reads], device=each) for each in devices}
    held = {device: line.peak for device, line in lines.items()}
    first = min(held)
    for name, size in learned_bytes(net).items():
        held[net.nodes[name]["device"] if net.nodes[name]["device"] in held else first] += size
    return held, not any(line.unknown for line in lines.values())


def crossing_tensors(net: ArchGraph, batch: int = 1) -> tuple[Crossing, ...]:
    """Return every output that is read on another device than its own, once for each of these.

    Their bytes are those of a batch of so many images. Operators without a device send nothing and
    receive nothing; what only training uses is left out.
    """
    found = []
    for name, data in net.nodes(data=True):
        home = data["device"]
        if home is None or data.get("training_only"):
            continue
        readers: dict[tuple[int, int], list[str]] = {}
        for reader, edge in net.succ[name].items():
            there = net.nodes[reader]["device"]
            if there in (None, home) or net.nodes[reader].get("training_only"):
                continue
            for number in dict.fromkeys(output for output, _ in edge["uses"]):
                readers.setdefault((number, there), []).append(reader)
        for (number, there), who in sorted(readers.items()):
            tensor = data["outputs"][number]
            size = bytes_of(tensor.at(batch))
            found.append(Crossing(ref_to(name, number), home, there, tensor, size, tuple(who)))
    return tuple(found)


def _received(net: ArchGraph, batch: int) -> dict[str, Number | None]:
    """Return the bytes that each operator brings to its device from others, for such a batch.

    Several that read the same output on one device bring it there once: the first of them.
    """
    found: dict[str, Number | None] = dict.fromkeys(net, 0)
    for each in crossing_tensors(net, batch):
        before, first = found[each.readers[0]], each.readers[0]
        found[first] = None if before is None or each.bytes is None else before + each.bytes
    return found


MEMORY = Metric(
    "memory",
    "Memory",
    "B",
    description="weights, and the peak of the activations at inference",
)
"""What each device holds, in bytes."""

METRICS = (
    Metric(
        "traffic_bytes",
        "Traffic",
        "B",
        description="bytes that an operator brings from other devices",
        by_batch=_received,
    ),
)
"""What the entry point ``archgraph.metrics`` offers."""
