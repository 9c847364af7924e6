"""Costs as named columns: each with a unit and a way to add up.

Static costs, measured ones and a user's own numbers are the same kind of thing, so that every
table, colour scale and export takes any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from archgraph.plugins import loaded, offers

__all__ = ["CONVENTIONS", "STATIC_METRICS", "Metric", "Number", "whole_metrics"]

Number = int | float


@dataclass(frozen=True, slots=True)
class Metric:
    """One column of numbers on the nodes of a graph.

    ``reduce`` says how the numbers of several nodes make one; ``per_image`` whether the number
    grows with the batch. A metric of the whole graph has ``compute``, which takes an ArchGraph and
    gives each node's number by name, None where it is unknown; it is called on first use.
    """

    name: str
    title: str
    unit: str = ""
    reduce: Literal["sum", "max"] = "sum"
    per_image: bool = False
    description: str = ""
    compute: Callable[[Any], Mapping[str, Number | None]] | None = None

    def combine(self, values: Iterable[Number | None]) -> Number | None:
        """Return the values' sum or maximum; None as soon as one of them is unknown."""
        found: list[Number] = []
        for value in values:
            if value is None:
                return None
            found.append(value)
        return (sum(found) if self.reduce == "sum" else max(found)) if found else 0

    def known(self, values: Iterable[Number | None]) -> Number:
        """Return the sum or maximum of the values that are known: a lower bound of the whole."""
        found = [value for value in values if value is not None]
        return (sum(found) if self.reduce == "sum" else max(found)) if found else 0


STATIC_METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("params", "Parameters", description="learned weights, biases, norm scale and shift"),
        Metric(
            "macs",
            "MACs",
            "MACs",
            per_image=True,
            description="multiply-adds of convolutions, linear layers and matrix products",
        ),
        Metric(
            "flops",
            "FLOPs",
            "FLOPs",
            per_image=True,
            description="2 × MACs + bias additions + element-wise work",
        ),
        Metric(
            "lecture",
            'Lecture "flop"',
            "flop",
            per_image=True,
            description="multiply-adds without bias; K·K per output of a pooling",
        ),
        Metric(
            "activation_bytes",
            "Activations",
            "B",
            per_image=True,
            description="size of the outputs, by their element types",
        ),
    )
}
"""The costs that every graph carries, in the order in which tables show them."""

CONVENTIONS: dict[str, str] = {
    name: STATIC_METRICS[name].description for name in ("macs", "flops", "lecture")
}
"""The ways to count arithmetic; every figure that is shown names the one it follows."""


@cache
def whole_metrics() -> dict[str, Metric]:
    """Return the metrics of whole graphs by name, ours first."""
    found: dict[str, Metric] = {}
    for name in offers("metrics"):
        for each in loaded("metrics", name, f"the metrics of '{name}'"):
            found.setdefault(each.name, each)
    return found
