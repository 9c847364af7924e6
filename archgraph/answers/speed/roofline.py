"""The roofline of a network on a device: how long each operator takes at least, and why.

An operator is done when its arithmetic is, at the peak rate, and its data have been moved, at the
bandwidth: time = max(FLOPs / peak, bytes / bandwidth) (Williams, Waterman and Patterson, "Roofline:
An Insightful Visual Performance Model for Multicore Architectures", Communications of the ACM
52(4), 2009).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from archgraph.answers.asked_options import RooflineOptions
from archgraph.answers.speed.rates import Rates, rates_of
from archgraph.answers.speed.traffic import FLOATS, Traffic, narrowed, number_type
from archgraph.graph import ArchGraph
from archgraph.known_devices import Device
from archgraph.loading import READING, network_of
from archgraph.metrics import Ratio
from archgraph.options import refuse_unknown
from archgraph.tables import Showing

__all__ = ["NodeTime", "Roofline", "roofline", "together"]

Bound = Literal["compute", "memory", "nothing", "unknown"]


@dataclass(frozen=True, slots=True)
class NodeTime:
    """What one operator does on a device, for the whole batch.

    ``flops`` are its floating-point operations, of whole numbers those of its multiply-adds;
    ``bytes`` what it reads and writes, ``peak`` the FLOP/s for its type of numbers (0 where it
    computes nothing). ``seconds`` is the least time; None wherever a part is unknown. ``bound``
    says which side takes longer; "nothing" is what moves and computes nothing, such as a view.
    """

    name: str
    flops: int | None
    bytes: int | None
    peak: float | None
    seconds: float | None
    bound: Bound

    @property
    def intensity(self) -> Ratio | None:
        """FLOPs for each byte that is moved."""
        if self.flops is None or self.bytes is None:
            return None
        return Ratio(self.flops, self.bytes)

    @property
    def computing(self) -> float | None:
        """Seconds that its arithmetic takes at the peak rate."""
        if self.flops is None or self.peak is None:
            return None
        return self.flops / self.peak if self.flops else 0.0

    @property
    def share(self) -> Ratio | None:
        """The share of the peak rate that it can attain: 1 where its arithmetic bounds it."""
        if self.computing is None or self.seconds is None:
            return None
        return Ratio(self.computing, self.seconds)


@dataclass(frozen=True, slots=True, repr=False)
class Roofline(Showing):
    """A network on a device for a batch: each operator's least time, in the order of the program.

    ``kind`` is the type of numbers that was asked for, "" for those of the network; ``types`` are
    those of float arithmetic in it. It shows itself as a table, with a row for what ``by`` says.
    """

    shown_by: ClassVar[str] = "archgraph.answers.speed.roofline_table:shown_roofline"

    name: str
    device: Device
    batch: int
    kind: str
    nodes: Mapping[str, NodeTime]
    types: tuple[str, ...]
    net: ArchGraph = field(compare=False)
    by: str = "layer"

    @property
    def seconds(self) -> float:
        """The time of one operator after the other: a lower bound where some are unknown."""
        return sum(each.seconds or 0.0 for each in self.nodes.values())

    @property
    def unknown(self) -> tuple[str, ...]:
        """The operators whose time is unknown."""
        return tuple(name for name, each in self.nodes.items() if each.seconds is None)

    @property
    def where(self) -> str:
        """The device and the type of numbers: ``A100, float16``."""
        types = self.kind or " and ".join(self.types)
        return f"{self.device.name}, {types}" if types else self.device.name


def roofline(
    net: Any,
    device: str | Rates | Device | None = None,
    *,
    batch: int = 1,
    numbers: str = "",
    by: str = "layer",
    **reading: Any,
) -> Roofline:
    """Return the least time of each operator of a network on a device.

    ``net`` is an ArchGraph or whatever ``load`` takes, with ``input``, ``example`` and so on.
    ``device`` is a name (``A100``), a name with the type that floats are to have
    (``A100 float16``; or as ``numbers``), a description (``10TFLOPS+400GB/s``) or ``here``, this
    machine as measured. Each operator runs by itself and moves its tensors to and from memory
    once; no time is counted for starting it. What is unknown stays unknown: an operator of unknown
    cost, a type of numbers for which the device has no rate. Arithmetic on whole numbers is no
    FLOP, so that its bytes alone count; their multiply-adds need a rate for their type. What is
    returned shows itself as a table with a row for each layer, or by block or stage; and
    ``roofline_chart`` draws it.

    Raises UnknownNameError and FormatError for a device that there is not or that lacks rates, for
    none, and for a batch that the network does not take.
    """
    rates = rates_of(device, numbers)
    found = network_of(net, reading)
    refuse_unknown("roofline", reading, [*RooflineOptions.names(), "numbers", *READING])
    asked = RooflineOptions(batch=batch, by=by)
    batch, by = asked.batch, asked.by
    traffic = Traffic(found, batch, rates.kind)
    nodes: dict[str, NodeTime] = {}
    types: dict[str | None, None] = {}
    for name in traffic.places.reads:
        count, dtype, floats = _work(found, name, batch, rates.kind)
        if floats and count:
            types[dtype] = None
        nodes[name] = _timed(name, count, traffic.of([name]), dtype, rates.device)
    return Roofline(
        found.name,
        rates.device,
        batch,
        rates.kind,
        nodes,
        tuple(sorted(filter(None, types))),
        found,
        by,
    )


def together(
    net: ArchGraph, groups: Iterable[Sequence[str]], found: Roofline
) -> list[float | None]:
    """Return the least seconds of nodes that run as one, group by group; None where unknown.

    Their arithmetic adds up; what passes between them is not moved.
    """
    traffic = Traffic(net, found.batch, found.kind)
    times: list[float | None] = []
    for names in groups:
        size = traffic.of(names)
        each = [found.nodes[name].computing for name in names if name in found.nodes]
        known = [seconds for seconds in each if seconds is not None]
        if size is None or len(known) < len(each):
            times.append(None)
        else:
            times.append(max(sum(known), size / found.device.bandwidth))
    return times


def _work(net: ArchGraph, name: str, batch: int, kind: str) -> tuple[int | None, str | None, bool]:
    """Return an operator's FLOPs, the type of numbers they are of, and whether these are floats."""
    number = number_type(net, name)
    floats = number is not None and number.startswith((*FLOATS, "complex"))
    count = net.value(name, net.metric("flops"), batch)
    if not floats and count is not None:
        multiplied = net.value(name, net.metric("macs"), batch)
        count = None if multiplied is None else 2 * multiplied
    dtype = kind if kind == "tf32" and floats else narrowed(number, kind)
    return None if count is None else int(count), dtype, floats


def _timed(
    name: str, flops: int | None, size: int | None, dtype: str | None, device: Device
) -> NodeTime:
    peak: float | None = 0.0 if flops == 0 else device.flops.get(dtype or "")
    if flops is None or size is None or peak is None:
        return NodeTime(name, flops, size, peak, None, "unknown")
    computing = flops / peak if flops else 0.0
    moving = size / device.bandwidth
    bound: Bound = "nothing"
    if computing or moving:
        bound = "compute" if computing >= moving else "memory"
    return NodeTime(name, flops, size, peak, max(computing, moving), bound)
