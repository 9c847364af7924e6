"""Costs as named columns: each with a unit and a way to add up.

Static costs, measured ones and a user's own numbers are the same kind of thing, so that every
table, colour scale and export takes any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from archgraph.errors import UnknownNameError
from archgraph.nearest import nearest
from archgraph.plugins import loaded, offers

__all__ = [
    "CONVENTIONS",
    "STATIC_METRICS",
    "Metric",
    "MetricFamily",
    "Number",
    "Ratio",
    "is_metric",
    "metric_families",
    "metric_named",
    "metric_names",
    "whole_metrics",
]

Number = int | float

AT = "@"
"""What stands between the name of a family of metrics and its parameter: ``time@A100``."""


class Ratio(float):
    """A number that is one amount over another, so that several make the ratio of their sums.

    FLOPs per byte of a block are its FLOPs over its bytes, not the sum of its operators' figures.
    Over nothing it is 0 where it is nothing itself, else infinite.
    """

    over: Number
    under: Number

    def __new__(cls, over: Number, under: Number) -> Ratio:
        """Return ``over / under``, and remember both."""
        found = super().__new__(cls, over / under if under else float("inf") if over else 0.0)
        found.over, found.under = over, under
        return found

    def __reduce__(self) -> tuple[type[Ratio], tuple[Number, Number]]:
        return type(self), (self.over, self.under)


@dataclass(frozen=True, slots=True)
class Metric:
    """One column of numbers on the nodes of a graph.

    ``reduce`` says how the numbers of several nodes make one: their sum, the largest, or of Ratios
    that of their sums; ``per_image`` whether the number grows with the batch. A metric of the whole
    graph has ``compute``, which takes an ArchGraph and gives each node's number by name, None where
    it is unknown; it is called on first use. One whose numbers depend on the batch in another way
    has ``by_batch`` instead, which takes the ArchGraph and the batch.
    """

    name: str
    title: str
    unit: str = ""
    reduce: Literal["sum", "max", "ratio"] = "sum"
    per_image: bool = False
    description: str = ""
    compute: Callable[[Any], Mapping[str, Number | None]] | None = None
    by_batch: Callable[[Any, int], Mapping[str, Number | None]] | None = None

    @property
    def whole(self) -> bool:
        """Whether it is computed from the whole graph, and no node holds it."""
        return self.compute is not None or self.by_batch is not None

    def combine(self, values: Iterable[Number | None]) -> Number | None:
        """Return the values' sum, maximum or ratio; None as soon as one of them is unknown."""
        found: list[Number] = []
        for value in values:
            if value is None:
                return None
            found.append(value)
        return self._reduced(found)

    def known(self, values: Iterable[Number | None]) -> Number:
        """Return the same of the values that are known: of a sum or maximum a lower bound."""
        return self._reduced([value for value in values if value is not None])

    def _reduced(self, found: list[Number]) -> Number:
        if self.reduce == "ratio":
            ratios = [each for each in found if isinstance(each, Ratio)]
            return Ratio(sum(r.over for r in ratios), sum(r.under for r in ratios))
        return (sum(found) if self.reduce == "sum" else max(found)) if found else 0


@dataclass(frozen=True, slots=True)
class MetricFamily:
    """Metrics that differ by what stands behind ``@`` in their name: ``time@A100``.

    ``takes`` says in one word what that is, for lists of names: ``time@DEVICE``. ``make`` gives
    the metric of a parameter, or raises an ArchGraphError that says which there are. A package
    offers families among its metrics.
    """

    name: str
    takes: str
    make: Callable[[str], Metric]
    description: str = ""

    @property
    def pattern(self) -> str:
        """Its name as lists of metrics show it."""
        return f"{self.name}{AT}{self.takes}"


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
def _offered() -> tuple[Metric | MetricFamily, ...]:
    """Return what packages offer, ours first."""
    return tuple(
        each
        for name in offers("metrics")
        for each in loaded("metrics", name, f"the metrics of '{name}'")
    )


@cache
def whole_metrics() -> dict[str, Metric]:
    """Return the metrics of whole graphs by name, ours first."""
    found: dict[str, Metric] = {}
    for each in _offered():
        if isinstance(each, Metric):
            found.setdefault(each.name, each)
    return found


@cache
def metric_families() -> dict[str, MetricFamily]:
    """Return the families of metrics by name, ours first."""
    found: dict[str, MetricFamily] = {}
    for each in _offered():
        if isinstance(each, MetricFamily):
            found.setdefault(each.name, each)
    return found


def is_metric(name: str) -> bool:
    """Return whether a name is that of a metric that is not a network's own.

    Of ``time@A100`` that is so wherever there is a family ``time``.
    """
    family, sign, _ = name.partition(AT)
    if sign:
        return family in metric_families()
    return name in STATIC_METRICS or name in whole_metrics()


def metric_names(own: Mapping[str, Metric] = STATIC_METRICS) -> list[str]:
    """Return the names of all metrics, families as ``time@DEVICE``; ``own`` are a network's."""
    families = (each.pattern for each in metric_families().values())
    return [*dict.fromkeys((*whole_metrics(), *own, *families))]


def metric_named(name: str, own: Mapping[str, Metric] = STATIC_METRICS) -> Metric:
    """Return the metric of a name: one of ``own``, one of a package, or one of a family.

    ``own`` are those that a network carries. Raises UnknownNameError naming those there are, and
    what a family raises for a parameter that it does not know.
    """
    if name in own:
        return own[name]
    if name in whole_metrics():
        return whole_metrics()[name]
    family, sign, parameter = name.partition(AT)
    if sign and family in metric_families():
        return metric_families()[family].make(parameter)
    known = metric_names(own)
    raise UnknownNameError(
        f"there is no metric '{name}'{nearest(name, known)}; there are {', '.join(known)}."
    )
