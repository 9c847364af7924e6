"""Numbers on the nodes of a graph: read by metric, added up, attached by the user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal

import networkx as nx

from archgraph.attributes import NODE
from archgraph.errors import GraphError, UnknownNameError
from archgraph.evaluation import polynomial_at
from archgraph.forms import shown
from archgraph.limits import NUMBER
from archgraph.metrics import (
    STATIC_METRICS,
    Metric,
    Number,
    is_metric,
    metric_named,
    metric_names,
    whole_metrics,
)
from archgraph.nearest import nearest

if TYPE_CHECKING:
    Base = nx.DiGraph[str]
else:
    Base = nx.DiGraph

__all__ = ["Base", "CostedGraph"]


class CostedGraph(Base):
    """A DiGraph whose nodes carry metrics."""

    if TYPE_CHECKING:
        __networkx_cache__: dict[Any, Any]  # cleared by networkx when nodes or edges change

    def attach(
        self,
        metric: str,
        values: Mapping[str, Number | None],
        *,
        title: str | None = None,
        unit: str = "",
        reduce: Literal["sum", "max"] = "sum",
        per_image: bool = False,
    ) -> Metric:
        """Put a number of your own on nodes, by name; nodes without one hold None (unknown).

        Raises UnknownNameError for a node that does not exist, GraphError for what is no number
        and for a metric that archgraph computes itself.
        """
        if metric in NODE:
            raise GraphError(f"'{metric}' is computed by archgraph; give your metric another name.")
        if reduce not in ("sum", "max"):
            raise GraphError(f"reduce is {reduce!r}, but a metric adds up by 'sum' or 'max'.")
        for name in values:
            self._must_hold(name)
        plain = {name: _plain(metric, name, value) for name, value in values.items()}
        for name in self:
            self.nodes[name][metric] = plain.get(name)
        made = Metric(metric, title or metric, unit, reduce, per_image, "attached by the user")
        self.graph.setdefault("metrics", {})[metric] = {
            "title": made.title,
            "unit": unit,
            "reduce": reduce,
            "per_image": per_image,
        }
        return made

    @property
    def metrics(self) -> dict[str, Metric]:
        """Every metric on the nodes: the static costs, then the attached ones."""
        attached = {
            name: Metric(name=name, description="attached by the user", **record)
            for name, record in self.graph.get("metrics", {}).items()
        }
        return STATIC_METRICS | attached

    @property
    def known_metrics(self) -> dict[str, Metric]:
        """Every metric that can be asked for: those on the nodes, then those of the whole graph.

        The latter are computed on first use; a package adds some with an entry point in the group
        ``archgraph.metrics`` whose value is a sequence of Metric.
        """
        return whole_metrics() | self.metrics

    def metric(self, name: str) -> Metric:
        """Return one metric, such as ``macs`` or ``time@A100``.

        Raises UnknownNameError naming those there are.
        """
        return metric_named(name, self.metrics)

    def has_metric(self, name: str) -> bool:
        """Return whether ``metric`` knows a name, or what stands before the ``@`` in it."""
        return name in self.metrics or is_metric(name)

    def metric_names(self) -> list[str]:
        """Return what can be asked for, families of metrics as ``time@DEVICE``."""
        return metric_names(self.metrics)

    def values(self, metric: str, *, training: bool = False) -> Iterator[tuple[str, Number | None]]:
        """Yield (node, number) for one metric; nodes that only train come with ``training``."""
        found = self.metric(metric)
        for name, data in self.nodes.items():
            if training or not data.get("training_only"):
                yield name, self.value(name, found)

    def total(self, metric: str, *, training: bool = False, batch: int = 1) -> Number | None:
        """Return a metric's total for ``batch`` images; None when it is unknown for any node.

        Counts what runs at inference. With ``training`` also what only training uses, such as
        GoogLeNet's auxiliary heads.
        """
        found = self.metric(metric)
        return found.combine(
            self.value(name, found, batch)
            for name, data in self.nodes.items()
            if training or not data.get("training_only")
        )

    def value(self, name: str, metric: Metric | str, batch: int = 1) -> Number | None:
        """Return a node's number for a batch of so many images; None where it is unknown.

        Raises UnknownNameError for a node or a metric that there is not, naming the nearest.
        """
        if isinstance(metric, str):
            metric = self.metric(metric)
        self._must_hold(name)
        if metric.whole:
            return self._whole(metric, batch).get(name)
        data = self.nodes[name]
        value: Number | None = data.get(metric.name)
        if value is None or batch == 1:
            return value
        growth = data.get("growth")
        if growth is not None and metric.name in growth:
            return polynomial_at(growth[metric.name], batch)
        return value * batch if metric.per_image else value

    def _whole(self, metric: Metric, batch: int) -> Mapping[str, Number | None]:
        """Return each node's number of a metric of the whole graph, computed on first use."""
        cache: dict[Any, Any] = self.__networkx_cache__
        key = ("metric", metric.name, batch if metric.by_batch is not None else 1)
        if key not in cache:
            if metric.by_batch is not None:
                cache[key] = metric.by_batch(self, batch)
            elif metric.compute is not None:
                cache[key] = metric.compute(self)
        found: Mapping[str, Number | None] = cache[key]
        return found

    def _must_hold(self, name: str) -> None:
        if name not in self:
            raise UnknownNameError(
                f"'{self.name}' has no node named '{name}'{nearest(name, self)}."
            )


def _plain(metric: str, name: str, value: object) -> Number | None:
    """Return a number of whatever package as Python's own."""
    if value is None:
        return None
    if isinstance(value, Real) and not isinstance(value, bool):
        number: Number = int(value) if isinstance(value, Integral) else float(value)
        if -NUMBER <= number <= NUMBER:
            return number
    raise GraphError(
        f"the {metric} of '{name}' is {shown(value)}, but it must be a number of at most "
        f"{NUMBER:g}, or None."
    )
