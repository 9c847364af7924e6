"""A network cut into contiguous stages of its order, one for each device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.metrics import Metric, Number
from archgraph.ops import Input
from archgraph.parts import in_order
from archgraph.splitting.linear_partition import Read, best_cuts
from archgraph.tensors import bytes_of
from archgraph.units import listed_names

__all__ = ["in_stages", "stage_order"]


def in_stages(
    net: ArchGraph, devices: int, by: str, *, slack: int = 0
) -> tuple[dict[str, int], str]:
    """Return the device of each operator but the inputs, and what is proven of it, in words.

    Each device runs a contiguous part of ``stage_order``. The largest total of the metric ``by``
    is the smallest that contiguous parts of this order can have, or at most ``slack`` percent
    more; of the cuts within that the traffic is least. Other orders of the same graph may allow
    better ones. Raises
    FormatError for a metric that does not add up, and where fewer operators than devices have
    some of it.
    """
    metric = net.metric(by)
    order = stage_order(net)
    weights, unknown = _weights(net, order, metric)
    some = sum(weight > 0 for weight in weights)
    if some < devices:
        raise FormatError(
            f"'{net.name}' cannot be balanced over {devices} devices by {metric.title}: of "
            f"{_operators(some)} it is known to be above 0"
            + (f", and it is unknown of {_operators(len(unknown))}" if unknown else "")
            + "; use fewer devices or another metric."
        )
    cuts = best_cuts(weights, _reads(net, order), devices, slack=slack)
    stage = dict.fromkeys(order, 0)
    for number, start in enumerate(cuts.starts):
        stage |= dict.fromkeys(order[start:], number)
    within = f" within {slack} % of the smallest maximum" if slack else " with this maximum"
    said = (
        f"{devices} contiguous stages of the network's order, balanced by {metric.title}: "
        f"{'' if slack else 'no other cuts of this order have a smaller maximum; '}"
        f"of the cuts{within}{'' if cuts.all_tried else ' that were tried'} these have the least "
        "traffic"
    )
    if unknown:
        said += (
            f"; {metric.title} of {_operators(len(unknown))} is unknown and counts as nothing "
            f"here ({listed_names(unknown, 3)})"
        )
    return stage, f"{said}."


def _operators(count: int) -> str:
    return "one operator" if count == 1 else f"{count or 'no':,} operators" if count else "none"


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
            "choose one that does, such as macs or params."
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


def _reads(net: ArchGraph, order: list[str]) -> list[list[Read]]:
    """Return what each operator of an order reads from the others, each output once."""
    place = {name: number for number, name in enumerate(order)}
    number_of: dict[tuple[str, int], int] = {}
    found: list[list[Read]] = []
    for name in order:
        each: dict[int, Read] = {}
        edges: Mapping[str, Any] = {} if net.nodes[name].get("training_only") else net.pred[name]
        for source, edge in edges.items():
            for output, _ in edge["uses"] if source in place else ():
                number = number_of.setdefault((source, output), len(number_of))
                size = bytes_of(net.nodes[source]["outputs"][output]) or 0
                each[number] = Read(number, place[source], size)
        found.append([*each.values()])
    return found
