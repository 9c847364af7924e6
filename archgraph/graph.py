"""ArchGraph: a network as a networkx DAG that carries the cost of every node."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import networkx as nx

from archgraph.errors import CycleError, GraphError, ShapeError, UnknownNameError
from archgraph.metrics import STATIC_METRICS, Metric, Number
from archgraph.names import nearest
from archgraph.ops.base import BYTES_PER_ELEMENT, Op, Shape, elements
from archgraph.ops.source import Input

if TYPE_CHECKING:
    _Base = nx.DiGraph[str]
else:
    _Base = nx.DiGraph

__all__ = ["COMPUTED", "ArchGraph"]

COMPUTED = frozenset(("op", "shape", *STATIC_METRICS))
"""The node attributes that follow from the operator and its inputs."""

_NAME = re.compile(r"[^\s./:]+(\.[^\s./:]+)*")


class ArchGraph(_Base):
    """A network: nodes are operators, edges are tensors; both are annotated.

    A node's name is its dotted path (``layer1.0.conv1``). Its attributes:

    ``op``                the operator, a frozen dataclass of ``archgraph.ops``
    ``shape``             the output's shape without the batch axis
    ``params``, ``macs``, ``flops``, ``lecture``, ``activation_bytes``
                          the costs for one image; None where unknown
    ``device``            the device that runs it, an integer, or None
    ``label``             the name that the paper gives it, where that differs
    ``stage``, ``block``  ids of the groups it belongs to (``net.groups``), where it does
    ``role``              what it is there for: "reduction", "projection", "auxiliary"
    ``training_only``     True for what runs in training and not at inference

    and any metric that a user attaches. An edge's ``positions`` are the input positions that it
    feeds (adding a tensor to itself is one edge with two positions), its ``bytes`` the size of
    the tensor that it carries, for one image.

    Being a ``networkx.DiGraph``, it takes every networkx algorithm; networkx's writers that want
    scalars take ``net.plain()``.
    """

    def __repr__(self) -> str:
        """Return the name and the size: ``ArchGraph('resnet18', nodes=70, edges=77)``."""
        return (
            f"{type(self).__name__}({self.name!r}, nodes={self.number_of_nodes()}, "
            f"edges={self.number_of_edges()})"
        )

    # ---- building ------------------------------------------------------------------------

    def add(self, name: str, op: Op, inputs: Sequence[str] = (), **attributes: Any) -> str:
        """Add one operator that reads the outputs of ``inputs``, in this order; return its name.

        Raises GraphError for a name that is malformed or taken and for an input that does not
        exist, ShapeError for an operator that cannot take its inputs' shapes.
        """
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise GraphError(
                f"{name!r} cannot name a node: use words joined by dots, such as 'layer1.0.conv1'."
            )
        if name in self:
            raise GraphError(f"two nodes are named '{name}'; every node needs a name of its own.")
        if not isinstance(op, Op):
            raise GraphError(f"node '{name}' needs an operator of archgraph.ops, not {op!r}.")
        for attribute in attributes:
            if attribute in COMPUTED:
                raise GraphError(f"'{attribute}' of node '{name}' is computed; it cannot be given.")
        parent = name.rpartition(".")[0]
        while parent:
            if parent in self:
                raise GraphError(f"'{parent}' is an operator, so '{name}' cannot lie inside it.")
            parent = parent.rpartition(".")[0]
        nodes = self.nodes
        positions: dict[str, tuple[int, ...]] = {}
        for position, source in enumerate(inputs):
            if source not in nodes:
                raise GraphError(
                    f"node '{name}' reads '{source}', which does not exist{nearest(source, self)}."
                )
            positions[source] = (*positions.get(source, ()), position)
        shapes = tuple(nodes[source]["shape"] for source in inputs)
        shape = infer_shape(name, op, shapes)
        costs = op.costs(shapes, shape)
        self.add_node(name, op=op, shape=shape, **costs, **{"device": None, **attributes})
        for source, where in positions.items():
            size = BYTES_PER_ELEMENT * elements(nodes[source]["shape"])
            self.add_edge(source, name, positions=where, bytes=size)
        return name

    def set_outputs(self, *names: str) -> None:
        """Declare which nodes' values the network returns, the main one first."""
        for name in names:
            self._must_hold(name)
        self.graph["outputs"] = list(names)

    def define_group(self, key: str, kind: Literal["stage", "block"], label: str) -> str:
        """Name a group of nodes for pictures and tables; nodes join it by their attribute."""
        self.graph.setdefault("groups", {})[key] = {"kind": kind, "label": label}
        return key

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
        if metric in COMPUTED or metric in ("device", "label", "stage", "block", "role"):
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

    # ---- reading -------------------------------------------------------------------------

    def inputs_of(self, name: str) -> tuple[str, ...]:
        """Return the names of the nodes whose outputs ``name`` reads, by input position."""
        self._must_hold(name)
        placed = [
            (position, source)
            for source, edge in self.pred[name].items()
            for position in edge.get("positions", ())
        ]
        return tuple(source for _, source in sorted(placed))

    def op(self, name: str) -> Op:
        """Return the operator of a node."""
        self._must_hold(name)
        op: Op = self.nodes[name]["op"]
        return op

    @property
    def sources(self) -> list[str]:
        """The nodes where data enters, in the order in which they were added."""
        return [name for name, data in self.nodes.items() if isinstance(data.get("op"), Input)]

    @property
    def outputs(self) -> list[str]:
        """The nodes whose values the network returns, the main one first."""
        declared = self.graph.get("outputs")
        if declared is not None:
            return [name for name in declared if name in self]
        return [name for name in self if not self.succ[name]]

    @property
    def input_shape(self) -> Shape:
        """The shape of the first input, without the batch axis."""
        sources = self.sources
        if not sources:
            raise GraphError(f"the graph '{self.name}' has no Input node.")
        shape: Shape = self.nodes[sources[0]]["shape"]
        return shape

    @property
    def groups(self) -> dict[str, dict[str, str]]:
        """The named groups by id: ``{"kind": "stage" or "block", "label": …}``."""
        groups: dict[str, dict[str, str]] = self.graph.get("groups", {})
        return groups

    @property
    def metrics(self) -> dict[str, Metric]:
        """Every metric on the nodes: the static costs, then the attached ones."""
        attached = {
            name: Metric(name=name, description="attached by the user", **facts)
            for name, facts in self.graph.get("metrics", {}).items()
        }
        return STATIC_METRICS | attached

    def metric(self, name: str) -> Metric:
        """Return one metric, or raise UnknownNameError naming those there are."""
        metrics = self.metrics
        if name not in metrics:
            raise UnknownNameError(
                f"there is no metric '{name}'; '{self.name}' has {', '.join(metrics)}."
            )
        return metrics[name]

    def values(self, metric: str, *, training: bool = False) -> Iterator[tuple[str, Number | None]]:
        """Yield (node, number) for one metric; nodes that only train come with ``training``."""
        self.metric(metric)
        for name, data in self.nodes.items():
            if training or not data.get("training_only"):
                yield name, data.get(metric)

    def total(self, metric: str, *, training: bool = False) -> Number | None:
        """Return a metric's total for one image; None when it is unknown for any node.

        Counts what runs at inference. With ``training`` also what only training uses, such as
        GoogLeNet's auxiliary heads.
        """
        return self.metric(metric).combine(v for _, v in self.values(metric, training=training))

    def crossings(self) -> list[tuple[str, str, int]]:
        """Return (source, target, bytes for one image) of each edge between two devices."""
        found = []
        for source, target, edge in self.edges(data=True):
            here, there = self.nodes[source]["device"], self.nodes[target]["device"]
            if here is not None and there is not None and here != there:
                found.append((source, target, edge["bytes"]))
        return found

    # ---- checking ------------------------------------------------------------------------

    def check(self) -> None:
        """Raise GraphError unless the graph holds together, whoever changed it and how.

        Checked: every node has an operator, there is no cycle, the edges fill each operator's
        input positions exactly, the shapes follow from the inputs, no operator's name is also a
        module's, and the outputs exist.
        """
        for order in self.topological():
            data = self.nodes[order]
            inputs = self._checked_inputs(order)
            shapes = tuple(self.nodes[source]["shape"] for source in inputs)
            shape = infer_shape(order, data["op"], shapes)
            if shape != data.get("shape"):
                raise ShapeError(
                    f"node '{order}' says its output is {data.get('shape')}, "
                    f"but from its inputs it is {shape}."
                )
        self.check_names()
        for name in self.graph.get("outputs") or ():
            self._must_hold(name)

    def check_names(self) -> None:
        """Raise GraphError when an operator's name is also the name of a module."""
        modules = {name.rpartition(".")[0] for name in self}
        for module in sorted(modules):
            while module:
                if module in self:
                    raise GraphError(
                        f"'{module}' names both an operator and a module with operators inside."
                    )
                module = module.rpartition(".")[0]

    def topological(self) -> list[str]:
        """Return the nodes, each after all that it reads; raise CycleError naming a cycle."""
        waiting = {name: len(sources) for name, sources in self.pred.items()}
        ready = [name for name in self if not waiting[name]]
        for name in ready:  # grows while it is read
            for target in self.succ[name]:
                waiting[target] -= 1
                if not waiting[target]:
                    ready.append(target)
        if len(ready) < len(self):
            cycle = [edge[0] for edge in nx.find_cycle(self)]
            raise CycleError(f"the graph has a cycle: {' → '.join([*cycle, cycle[0]])}.")
        return ready

    def _checked_inputs(self, name: str) -> tuple[str, ...]:
        if not isinstance(self.nodes[name].get("op"), Op):
            raise GraphError(
                f"node '{name}' has no operator; add nodes with net.add(name, op, inputs)."
            )
        positions = [edge.get("positions", ()) for edge in self.pred[name].values()]
        filled = sorted(position for edge in positions for position in edge)
        if filled != list(range(len(filled))) or not all(positions):
            raise GraphError(
                f"the edges into '{name}' do not fill its input positions one by one; "
                "add nodes with net.add(name, op, inputs)."
            )
        return self.inputs_of(name)

    def _must_hold(self, name: str) -> None:
        if name not in self:
            raise UnknownNameError(
                f"'{self.name}' has no node named '{name}'{nearest(name, self)}."
            )

    # ---- other forms ---------------------------------------------------------------------

    def inference(self) -> ArchGraph:
        """Return the graph without the nodes that only training uses."""
        from archgraph.parts import inference

        return inference(self)

    def module(self, path: str) -> ArchGraph:
        """Return one module or group as a graph of its own: ``net.module("layer1.0")``."""
        from archgraph.parts import module

        return module(self, path)

    def with_input(self, shape: Sequence[int]) -> ArchGraph:
        """Return the same network for another input shape (channels, height, width)."""
        from archgraph.parts import with_input

        return with_input(self, tuple(shape))

    def plain(self) -> _Base:
        """Return a DiGraph with scalar attributes only, for GraphML and other writers."""
        from archgraph.plain import plain

        return plain(self)

    def save(self, path: str | Path) -> Path:
        """Write the graph to a ``.json`` file that ``archgraph.load`` reads back exactly."""
        from archgraph.files import write_text
        from archgraph.json_format import dumps

        return write_text(path, dumps(self))

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Return what a notebook shows: the picture where one can be drawn, and words."""
        from archgraph.exporting import inline

        return inline(self)


def infer_shape(name: str, op: Op, shapes: tuple[Shape, ...]) -> Shape:
    """Return the output's shape, or raise ShapeError naming the node and the shapes."""
    wanted = op.arity
    if len(shapes) != wanted if wanted is not None else not shapes:
        count = "one or more inputs" if wanted is None else f"{wanted} input{'s' * (wanted != 1)}"
        raise GraphError(f"node '{name}' ({op.kind}) takes {count}, but has {len(shapes)}.")
    try:
        return op.output_shape(*shapes)
    except ShapeError as error:
        raise ShapeError(f"node '{name}' ({op.kind}): {error}") from None


def _plain(metric: str, name: str, value: object) -> Number | None:
    """Return a number of whatever package as Python's own."""
    if value is None:
        return None
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise GraphError(f"the {metric} of '{name}' is {value!r}, but it must be a number or None.")
