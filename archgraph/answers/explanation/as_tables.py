"""Explanations as tables, for a terminal, a paper or a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from archgraph.answers.explanation.node import Explanation, Said
from archgraph.answers.explanation.totals import Totals
from archgraph.formats.plain_json import plain_json
from archgraph.graph import ArchGraph
from archgraph.metrics import Metric
from archgraph.tables.table import AtLeast, Cell, Column, Table
from archgraph.tensors import shape_text
from archgraph.units import exact_text, spaced_shape

__all__ = ["explanation_json", "explanation_record", "node_tables", "totals_tables"]


def node_tables(net: ArchGraph, found: Explanation) -> list[Table]:
    """Return the formulas of a node's sizes and costs, and what well-known counters say."""
    rows: list[tuple[Cell, ...]] = [
        ("reads", "" if source == found.name else source, spaced_shape(shape), "")
        for source, shape in found.reads
    ]
    rows.append(("gives", "", spaced_shape(found.gives), ""))
    rows += [(each.name, each.text, each.value, "") for each in found.extents]
    for each in found.costs:
        metric = net.metric(each.name)
        rows.append((metric.title, each.text, each.value, _unit(metric)))
    columns = (
        Column("what", "What"),
        Column("formula", "Formula"),
        Column("value", "Value", "number"),
        Column("unit", "Unit"),
    )
    title = f"{found.name} · {found.words} · one image"
    return [
        Table(title, columns, tuple(rows), notes=found.rules, subtitle=net.name),
        *_said_table(found.said, {each.name: each.value for each in found.costs}.get("macs")),
    ]


def totals_tables(net: ArchGraph, found: Totals) -> list[Table]:
    """Return what the totals consist of, kind by kind, and what well-known counters say."""
    metrics = [net.metrics[key] for key in found.values]
    columns = (
        Column("kind", "Operator"),
        Column("nodes", "Nodes", "number"),
        *(Column(metric.name, metric.title, "number", _unit(metric)) for metric in metrics),
        Column("share", "of all MACs", "percent"),
    )
    whole = found.values["macs"]

    def share(macs: object) -> Cell:
        return 100 * macs / whole if isinstance(macs, int) and whole else ""

    rows = tuple(
        (kind.name, kind.nodes, *kind.values.values(), share(kind.values["macs"]))
        for kind in found.kinds
    )
    totals = tuple(
        AtLeast(metric.known(kind.values[metric.name] for kind in found.kinds), 1)
        if value is None
        else value
        for metric, value in zip(metrics, found.values.values(), strict=True)
    )
    count = sum(kind.nodes for kind in found.kinds)
    notes = tuple(f"{metric.title}: {metric.description}" for metric in metrics)
    title = f"{net.graph.get('title') or net.name} · input {spaced_shape(net.input_shape)}"
    return [
        Table(title, columns, rows, ("Total", count, *totals, ""), notes=notes),
        *_said_table(found.said, whole),
    ]


def _said_table(said: Sequence[Said], macs: object) -> list[Table]:
    """Return what each counter says and why, where any of them says anything."""
    if not any(each.value or each.because for each in said):
        return []
    rows: list[tuple[Cell, ...]] = [("archgraph", macs if isinstance(macs, int) else None, "")]
    for each in said:
        rows.append((each.counter, each.value, "" if each.because else "the same"))
        rows += [
            ("", f"{'+' if made > 0 else '−'}{exact_text(abs(made))}", words)
            for words, made in each.because
        ]
    columns = (
        Column("counter", "Who counts"),
        Column("macs", "as MACs", "number"),
        Column("why", "Why"),
    )
    note = "By their rules, for a module of PyTorch's own classes; 'archgraph counters' asks them"
    return [Table("What well-known counters say", columns, tuple(rows), notes=(note,))]


def explanation_record(found: Explanation | Totals) -> dict[str, Any]:
    """Return an explanation as plain values, its shapes as text."""
    whole = asdict(found)
    if isinstance(found, Explanation):
        whole["reads"] = [[source, shape_text(shape)] for source, shape in found.reads]
        whole["gives"] = shape_text(found.gives)
    return whole


def explanation_json(found: Explanation | Totals) -> str:
    """Return an explanation as JSON."""
    return plain_json(explanation_record(found), indent=2) + "\n"


def _unit(metric: Metric) -> str:
    return metric.unit if metric.unit in ("B", "px", "s") else ""
