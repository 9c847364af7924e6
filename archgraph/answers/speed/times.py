"""What was measured: medians of groups of nodes that share one time, and with what."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from archgraph.answers.speed.roofline import Roofline
from archgraph.graph import ArchGraph
from archgraph.tables import Showing

__all__ = ["METRIC", "SHARED", "Asked", "Group", "Measured", "grouped", "put_on"]

METRIC = "measured_ms"
"""The metric that holds the times."""
SHARED = "measured_with"
"""The attribute of a node whose time is in that of another: which one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How it was measured: on how many threads of which processor, how many images and runs."""

    batch: int
    runs: int
    warm_up: int
    threads: int
    processor: str


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes that a runtime runs as one: the one of most work is the first.

    ``milliseconds`` is the median over the runs, ``low`` and ``high`` their quartiles, ``least``
    the shortest; 0 where the runtime runs nothing for them.
    """

    names: tuple[str, ...]
    milliseconds: float
    low: float
    high: float
    least: float


@dataclass(frozen=True, slots=True, repr=False)
class Measured(Showing):
    """The times of a network: by groups, ``rest`` of what belongs to no node, ``whole`` of a run.

    All in milliseconds, for the whole batch; ``whole`` are the runs without a profiler. It shows
    itself as a table, beside what was ``estimated`` where that was asked for.
    """

    shown_by: ClassVar[str] = "archgraph.answers.speed.measured_table:shown_measured"

    runtime: str
    version: str
    asked: Asked
    groups: tuple[Group, ...]
    wholes: tuple[float, ...]
    net: ArchGraph = field(compare=False)
    estimated: Roofline | None = None

    @property
    def whole(self) -> float:
        """The median of a run without a profiler."""
        return statistics.median(self.wholes)

    @property
    def total(self) -> float:
        """The sum of the groups' medians."""
        return sum(group.milliseconds for group in self.groups)

    @property
    def where(self) -> str:
        """With what it was measured: ``onnxruntime 1.23.2, 1 thread``."""
        threads = self.asked.threads
        return f"{self.runtime} {self.version}, {threads} thread{'s' * (threads != 1)}"


def grouped(
    net: ArchGraph, rows: Iterable[tuple[Sequence[str], Sequence[Sequence[float]]]], asked: Asked
) -> tuple[Group, ...]:
    """Return groups of nodes and the medians of their runs; groups that share a node become one.

    ``rows`` are names with the times of each kernel: those of all runs, warm-up included, one
    after the other. Times without a name are in a group of no names. Nodes without a row are not
    run.
    """
    homes: dict[str, int] = {}
    members: dict[int, dict[str, None]] = {}
    kernels: dict[int, list[Sequence[float]]] = {}
    for number, (names, times) in enumerate(rows):
        members[number], kernels[number] = dict.fromkeys(names), list(times)
        for home in dict.fromkeys(homes[name] for name in names if name in homes):
            members[number] |= members.pop(home)
            kernels[number] += kernels.pop(home)
        homes |= dict.fromkeys(members[number], number)
    found = [_group(net, members[each], kernels[each], asked) for each in members]
    rest = [name for name in net if name not in homes and not net.nodes[name].get("training_only")]
    found += [Group((name,), 0.0, 0.0, 0.0, 0.0) for name in rest]
    order = {name: number for number, name in enumerate(net)}
    found = [group for group in found if group.names or group.milliseconds]
    return tuple(sorted(found, key=lambda g: min((order[n] for n in g.names), default=len(order))))


def _group(
    net: ArchGraph, names: Iterable[str], kernels: Sequence[Sequence[float]], asked: Asked
) -> Group:
    order = {name: number for number, name in enumerate(net)}

    def work(name: str) -> tuple[float, int]:
        return (net.nodes[name]["flops"] or 0, -order[name])

    listed = sorted(names, key=lambda name: order[name])
    head = max(listed, key=work, default="")
    runs = [0.0] * asked.runs
    for times in kernels:
        each = max(len(times) // (asked.runs + asked.warm_up), 1)  # a loop runs it several times
        kept = times[asked.warm_up * each :]
        for run in range(asked.runs):
            runs[run] += sum(kept[run * each : (run + 1) * each])
    low, middle, high = (
        statistics.quantiles(runs, method="inclusive") if len(runs) > 1 else runs * 3
    )
    ordered = [head, *(name for name in listed if name != head)] if head else []
    return Group(tuple(ordered), middle, low, high, min(runs))


def put_on(net: ArchGraph, found: Measured) -> None:
    """Put the times on a network: each group's at its first node, 0 at the others, who say so."""
    values: dict[str, float] = {}
    for name in net:
        net.nodes[name].pop(SHARED, None)
    for group in found.groups:
        for name in group.names:
            values[name] = 0.0
            if name != group.names[0]:
                net.nodes[name][SHARED] = group.names[0]
        if group.names:
            values[group.names[0]] = float(f"{group.milliseconds:.6g}")
    asked = found.asked
    batch = f", batch {asked.batch}" if asked.batch != 1 else ""
    net.attach(METRIC, values, title=f"Measured: {found.where}{batch}", unit="ms")
    net.graph["measured"] = {
        "runtime": found.runtime,
        "version": found.version,
        "processor": asked.processor,
        "threads": asked.threads,
        "batch": asked.batch,
        "runs": asked.runs,
        "whole_ms": float(f"{found.whole:.6g}"),
    }
