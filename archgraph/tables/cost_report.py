"""What a network costs, as plain data: node by node, in groups and in total."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archgraph.errors import FormatError
from archgraph.forms import shown
from archgraph.graph import ArchGraph
from archgraph.metrics import CONVENTIONS, Metric, Number
from archgraph.nearest import nearest
from archgraph.options import LARGEST
from archgraph.stored_tensors import declared, learned
from archgraph.tables.grouping import GROUPINGS, groups_of
from archgraph.tables.operator_text import operator_text
from archgraph.tensors import elements

__all__ = ["SHARE", "CostReport", "GroupCost", "NodeCost", "cost_report"]

SHARE = "share"
"""A column that is no metric: how many percent of the column before it a row has."""

Values = Mapping[str, Number | None]
"""One number per metric; None where it is unknown."""


@dataclass(frozen=True, slots=True)
class NodeCost:
    """One operator: where it stands and what it costs for the whole batch."""

    name: str
    label: str
    op: str
    detail: str
    output: tuple[int | None, ...] | None
    device: int | None
    inputs: tuple[str, ...]
    training_only: bool
    values: Values


@dataclass(frozen=True, slots=True)
class GroupCost:
    """Several operators together: a block, a stage, or what one device runs."""

    name: str
    label: str
    nodes: tuple[str, ...]
    output: tuple[int | None, ...] | None
    values: Values


@dataclass(frozen=True, slots=True)
class CostReport:
    """The costs of one network for one batch.

    ``totals`` are the sums (or maxima) over ``nodes``, None where a part is unknown; ``known``
    are those over the known parts, ``unknown`` counts the nodes that lack a value. ``groups`` is
    empty unless the report was grouped. ``fixed`` says that the network takes one batch only, that
    of its inputs, and ``batch`` nothing. ``columns`` are the metrics that were asked for, empty for
    the usual ones. ``weights`` are the bytes of the parameters and
    ``precision`` their element types, ``activations`` those of the outputs. ``doubtful`` counts the
    tensors of which the file does not say whether they were learned; they are taken as learned.
    ``unused`` are the keys of parameters that the network holds and never reads, and
    ``unused_params`` how many numbers those are; ``partial`` says why it was not read to its end,
    ``asked`` which numbers its module looked at when it was read.
    """

    name: str
    title: str
    input: tuple[int, ...] | None
    batch: int
    training: bool
    convention: str
    by: str
    columns: tuple[str, ...]
    metrics: Mapping[str, Metric]
    nodes: tuple[NodeCost, ...]
    groups: tuple[GroupCost, ...]
    fixed: bool
    weights: int
    precision: tuple[str, ...]
    doubtful: int
    activations: tuple[str, ...]
    totals: Values
    known: Mapping[str, Number]
    unknown: Mapping[str, int]
    unused: tuple[str, ...] = ()
    unused_params: int = 0
    partial: str = ""
    asked: tuple[str, ...] = ()


def cost_report(
    net: ArchGraph,
    *,
    convention: str = "macs",
    batch: int = 1,
    by: str = "layer",
    training: bool = False,
    columns: Sequence[str] = (),
) -> CostReport:
    """Return what ``net`` costs for ``batch`` images.

    ``convention`` is ``macs``, ``flops`` or ``lecture``: the count that tables show. ``by`` is
    ``layer`` (every operator), ``block``, ``stage`` or ``device``. With ``training`` also what
    only training uses is listed and counted. ``columns`` names the metrics of a table, any that
    ``net.known_metrics`` has, and ``share`` for the share of the one before. Raises FormatError for
    any other value, UnknownNameError for another metric.
    """
    if convention not in CONVENTIONS:
        raise FormatError(
            f"there is no convention '{convention}'{nearest(convention, CONVENTIONS)}; "
            f"there are {', '.join(CONVENTIONS)}."
        )
    if by not in GROUPINGS:
        raise FormatError(
            f"costs cannot be grouped by '{by}'{nearest(by, GROUPINGS)}; "
            f"there are {', '.join(GROUPINGS)}."
        )
    if not 1 <= batch <= LARGEST:
        raise FormatError(
            f"the batch is {shown(batch)}, but it must be at least 1 and at most {LARGEST:,}."
        )
    if batch != 1 and not net.batched:
        raise FormatError(
            f"'{net.name}' takes one batch only, that of its inputs, so there is none of {batch}."
        )
    metrics = net.metrics | _metrics(net, columns)
    parameters = learned(net, training=training)
    unused = tuple(net.graph.get("unused") or ())
    nodes = tuple(
        _node(net, name, metrics, batch)
        for name, data in net.nodes(data=True)
        if training or not data.get("training_only")
    )
    by_name = {node.name: node for node in nodes}
    values = {name: [node.values[name] for node in nodes] for name in metrics}
    groups = tuple(
        GroupCost(
            name=group.name,
            label=group.label,
            nodes=group.nodes,
            output=by_name[group.nodes[-1]].output,
            values=_combined(metrics, [by_name[name] for name in group.nodes]),
        )
        for group in groups_of(net, by, list(by_name))
    )
    return CostReport(
        name=net.name,
        title=str(net.graph.get("title") or net.name),
        input=net.input_shape,
        batch=batch,
        training=training,
        convention=convention,
        by=by,
        columns=tuple(columns),
        metrics=metrics,
        nodes=nodes,
        groups=groups,
        fixed=not net.batched,
        weights=parameters.bytes,
        precision=parameters.types,
        doubtful=parameters.doubtful,
        activations=tuple(
            sorted({str(each.dtype) for name in by_name for each in net.nodes[name]["outputs"]})
        ),
        totals=_combined(metrics, nodes),
        known={name: metric.known(values[name]) for name, metric in metrics.items()},
        unknown={name: each.count(None) for name, each in values.items()},
        unused=unused,
        unused_params=sum(elements(declared(net)[key]["shape"]) for key in unused),
        partial=str(net.graph.get("partial") or ""),
        asked=tuple(net.graph.get("asked") or ()),
    )


def _metrics(net: ArchGraph, columns: Sequence[str]) -> dict[str, Metric]:
    """Return the metrics that columns name."""
    for place, name in enumerate(columns):
        if name in columns[:place]:
            raise FormatError(f"the column '{name}' is named twice; name it once.")
    if columns and columns[0] == SHARE:
        raise FormatError("'share' is that of the column before it, so it cannot be the first.")
    found = {name: net.metric(name) for name in columns if name != SHARE}
    shared = columns[columns.index(SHARE) - 1] if SHARE in columns else None
    if shared and found[shared].reduce != "sum":
        raise FormatError(f"rows have no share of '{shared}', because it does not add up.")
    return found


def _node(net: ArchGraph, name: str, metrics: Mapping[str, Metric], batch: int) -> NodeCost:
    data = net.nodes[name]
    op = data["op"]
    return NodeCost(
        name=name,
        label=str(data.get("label") or ""),
        op=op.kind,
        detail=operator_text(op),
        output=data["shape"],
        device=data.get("device"),
        inputs=net.inputs_of(name),
        training_only=bool(data.get("training_only")),
        values={key: net.value(name, metric, batch) for key, metric in metrics.items()},
    )


def _combined(metrics: Mapping[str, Metric], nodes: Iterable[NodeCost]) -> Values:
    listed = list(nodes)
    return {
        name: metric.combine(node.values[name] for node in listed)
        for name, metric in metrics.items()
    }
