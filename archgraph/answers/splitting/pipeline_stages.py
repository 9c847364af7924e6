"""A network cut into contiguous stages of its order, one for each device."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import Any

from archgraph.answers.splitting.device_loads import MEMORY, metric_named
from archgraph.answers.splitting.linear_partition import Cuts, Read, best_cuts
from archgraph.answers.splitting.stage_memory import memory_cuts, memory_of_stages
from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.metrics import Metric, Number
from archgraph.ops import Input
from archgraph.parts import in_order
from archgraph.structure import cut
from archgraph.tensors import bytes_of
from archgraph.units import listed_names

__all__ = ["in_stages", "stage_order"]


def in_stages(
    net: ArchGraph, devices: int, by: str, *, slack: int = 0, between: str = "layer"
) -> tuple[dict[str, int], str]:
    """Return the device of each operator but the inputs, and what is proven of it, in words.

    Each device runs a contiguous part of ``stage_order``. The largest total of the metric ``by``
    is the smallest that contiguous parts of this order can have, or at most ``slack`` percent
    more; of the cuts within that the traffic is least. Cuts lie between operators, or between the
    blocks or stages that pictures and tables show. Other orders of the same graph may allow better
    ones. Raises FormatError for a metric that does not add up, and where fewer operators than
    devices have some of it.
    """
    order = stage_order(net)
    units = _units(net, order, between)
    starts = [0, *accumulate(map(len, units))]
    reads = _reads(net, units)
    metric = metric_named(net, by)
    if metric is MEMORY:
        if len(units) < devices:
            raise _too_few(net, devices, metric, len(units), between, 0)
        cost, unknown = memory_of_stages(net, units)
        cuts = Cuts(memory_cuts(cost, reads, devices, slack=slack), 0, False)
    else:
        weights, unknown = _weights(net, order, metric)
        sums = [0, *accumulate(weights)]
        together = [sums[b] - sums[a] for a, b in pairwise(starts)]
        some = sum(weight > 0 for weight in together)
        if some < devices:
            raise _too_few(net, devices, metric, some, between, len(unknown))
        cuts = best_cuts(together, reads, devices, slack=slack)
    stage = dict.fromkeys(order, 0)
    for number, start in enumerate(cuts.starts):
        stage |= dict.fromkeys(order[starts[start] :], number)
    within = f" within {slack} % of the smallest maximum" if slack else " with this maximum"
    where = " of this order" if between == "layer" else f" between its {between}s"
    said = (
        f"{devices} contiguous stages of the network's order, balanced by {metric.title}: "
        f"{'' if slack else f'no other cuts{where} have a smaller maximum; '}"
        + (
            "each cut lies where the least crosses it"
            if metric is MEMORY
            else f"of the cuts{within}{'' if cuts.all_tried else ' that were tried'} these have "
            "the least traffic"
        )
    )
    if unknown:
        said += (
            f"; {metric.title} of {_counted(len(unknown), 'layer')} is unknown and counts as "
            f"nothing here ({listed_names(unknown, 3)})"
        )
    return stage, f"{said}."


def _too_few(
    net: ArchGraph, devices: int, metric: Metric, some: int, between: str, unknown: int
) -> FormatError:
    return FormatError(
        f"'{net.name}' cannot be balanced over {devices} devices by {metric.title}: "
        f"{_counted(some, between)} {'has' if some == 1 else 'have'} some"
        + (f", and of {_counted(unknown, 'layer')} it is unknown" if unknown else "")
        + "; use fewer devices or another metric."
    )


def _counted(count: int, between: str) -> str:
    word = "operator" if between == "layer" else between
    return f"one {word}" if count == 1 else f"{f'{count:,}' if count else 'no'} {word}s"


def stage_order(net: ArchGraph) -> list[str]:
    """Return all operators but the inputs, each after what it reads.

    They stand in the order of the program or file; what depends on no input, such as a table of
    positions, stands right before its first reader.
    """
    order = in_order(net)
    fed: set[str] = set()
    for name in order:
        if isinstance(net.op(name), Input) or not fed.isdisjoint(net.pred[name]):
            fed.add(name)
    found: dict[str, None] = {}
    for name in (*(each for each in order if each in fed), *order):
        waiting = [name]
        while waiting:
            last = waiting[-1]
            missing = [each for each in net.pred[last] if each not in found and each not in fed]
            if missing and last not in found:
                waiting += reversed(missing)
                continue
            found.setdefault(waiting.pop())
    return [name for name in found if not isinstance(net.op(name), Input)]


def _weights(net: ArchGraph, order: list[str], metric: Metric) -> tuple[list[int], list[str]]:
    """Return the metric of each operator in whole numbers of a common unit; those unknown as 0.

    Numbers of a computer are whole multiples of a power of two, so nothing is rounded.
    """
    if metric.reduce != "sum":
        raise FormatError(
            f"'{metric.name}' does not add up over operators, so nothing can be balanced by it; "
            "choose one that does, such as macs or params, or memory."
        )
    values: list[Number | None] = [
        0 if net.nodes[name].get("training_only") else net.value(name, metric) for name in order
    ]
    for name, value in zip(order, values, strict=True):
        if value is not None and value < 0:
            raise FormatError(
                f"'{metric.name}' of '{name}' is {value:,}, but only what is at least 0 can be "
                "balanced."
            )
    parts = [(value or 0).as_integer_ratio() for value in values]
    unit = max((below for _, below in parts), default=1)
    unknown = [name for name, value in zip(order, values, strict=True) if value is None]
    return [above * (unit // below) for above, below in parts], unknown


def _units(net: ArchGraph, order: list[str], between: str) -> list[list[str]]:
    """Return what is not cut, in the order: operators, or what lies between two blocks or stages.

    Where blocks stand beside one another their operators may be mixed; those are one unit.
    """
    if between == "layer":
        return [[name] for name in order]
    owner = {name: key for key, names in cut(net, between).items() for name in names}
    last = {owner[name]: place for place, name in enumerate(order)}
    units: list[list[str]] = []
    stop = -1
    for place, name in enumerate(order):
        if place > stop:
            units.append([])
        units[-1].append(name)
        stop = max(stop, last[owner[name]])
    return units


def _reads(net: ArchGraph, units: list[list[str]]) -> list[list[Read]]:
    """Return what each unit reads from the others, each output once."""
    place = {name: number for number, unit in enumerate(units) for name in unit}
    number_of: dict[tuple[str, int], int] = {}
    found: list[list[Read]] = []
    for here, unit in enumerate(units):
        each: dict[int, Read] = {}
        for name in unit:
            trains = net.nodes[name].get("training_only")
            edges: Mapping[str, Any] = {} if trains else net.pred[name]
            for source, edge in edges.items():
                if place.get(source, here) == here:
                    continue
                for output, _ in edge["uses"]:
                    number = number_of.setdefault((source, output), len(number_of))
                    size = bytes_of(net.nodes[source]["outputs"][output]) or 0
                    each[number] = Read(number, place[source], size)
        found.append([*each.values()])
    return found
