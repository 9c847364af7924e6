"""cost, compare, explain and memory: what networks cost, as tables that show themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archgraph.answers.asked_options import CompareOptions, CostOptions, MemoryOptions
from archgraph.loading import READING, as_held, network_of, networks_of
from archgraph.options import refuse_unknown

if TYPE_CHECKING:
    from archgraph.tables import ShownTable

__all__ = ["compare", "cost", "explain", "memory"]


def cost(
    net: Any,
    *,
    convention: str = "macs",
    batch: int = 1,
    by: str = "layer",
    training: bool = False,
    columns: str | Sequence[str] = (),
    unit: str | None = None,
    sort: str | None = None,
    **reading: Any,
) -> ShownTable:
    """Return what a network costs, operator by operator and in total, as a table.

    ``net`` is an ArchGraph or whatever ``load`` takes, with ``input``, ``example`` and so on.
    ``convention`` is macs, flops or lecture: what to count; ``batch`` how many images; ``by`` is
    layer, block, stage or device: what is added up; with ``training`` what only training uses
    counts too. ``columns`` are metrics in the order in which they stand (``"params,macs,share"``),
    ``unit`` that of counts, of bytes or of both (``"M"``, ``"MiB"``, ``"M,MB"``), ``sort`` the
    column whose largest value stands first. Raises FormatError and UnknownNameError.
    """
    from archgraph.tables import ShownTable, cost_report, cost_table
    from archgraph.tables.cost_json import cost_record

    found = network_of(net, reading)
    refuse_unknown("cost", reading, [*CostOptions.names(), *READING])
    asked = CostOptions(
        convention=convention,
        batch=batch,
        by=by,
        training=training,
        columns=columns,  # type: ignore[arg-type]
        unit=unit,
        sort=sort,
    )
    report = cost_report(
        found,
        convention=asked.convention,
        batch=asked.batch,
        by=asked.by,
        training=asked.training,
        columns=asked.columns,
    )
    shown, exact = (
        cost_table(report, exact=each, unit=asked.unit, sort=asked.sort) for each in (False, True)
    )
    return ShownTable([shown], [exact], cost_record(report))


def compare(
    nets: Any,
    *,
    columns: str | Sequence[str] = (),
    unit: str | None = None,
    sort: str | None = None,
    **reading: Any,
) -> ShownTable:
    """Return networks side by side, a row each: size, cost, depth and published errors.

    ``nets`` is a list of what ``load`` takes. ``columns`` are metrics, ``input``, ``depth``,
    ``top1_error``, ``top5_error`` and ``setting``; ``unit`` and ``sort`` as in ``cost``.
    """
    from archgraph.tables import ShownTable
    from archgraph.tables.comparison import comparison

    found = networks_of(nets, reading)
    refuse_unknown("compare", reading, [*CompareOptions.names(), *READING])
    asked = CompareOptions(columns=columns, unit=unit, sort=sort)  # type: ignore[arg-type]
    shown, exact = (
        comparison(found, columns=asked.columns, unit=asked.unit, sort=asked.sort, exact=each)
        for each in (False, True)
    )
    return ShownTable([shown], [exact], None)


def explain(net: Any, node: str | None = None, **reading: Any) -> ShownTable:
    """Return why a node costs what it costs; without a node what the totals consist of.

    Formulas stand with their values, then what well-known counters say of it and why. Raises
    UnknownNameError for a node that there is not.
    """
    from archgraph.answers.explanation import (
        explain as explained,
    )
    from archgraph.answers.explanation import (
        explain_totals,
        explanation_record,
        node_tables,
        totals_tables,
    )
    from archgraph.tables import ShownTable

    found = network_of(net, reading)
    refuse_unknown("explain", reading, READING)
    if node is None:
        totals = explain_totals(found)
        tables, record = totals_tables(found, totals), explanation_record(totals)
    else:
        one = explained(found, node)
        tables, record = node_tables(found, one), explanation_record(one)
    return ShownTable(tables, tables, record)


def memory(
    net: Any,
    *,
    batch: int = 1,
    training: bool = False,
    optimizer: str | None = None,
    precision: str | None = None,
    checkpoint: str | None = None,
    fits: str | None = None,
    **reading: Any,
) -> ShownTable:
    """Return how much memory a network takes, at inference or in a training step.

    ``net`` is an ArchGraph or whatever ``load`` takes. ``optimizer`` is sgd, momentum, adam or
    adamw; ``precision`` mixed, bfloat16 or float16, as under torch.autocast; ``checkpoint`` block
    or stage, which is computed again for its gradients; all three are of training. ``fits`` is a
    device (``"A100"``) or a memory (``"3GB"``), of which the answer says the largest batch. Raises
    FormatError and UnknownNameError.

    A module of PyTorch is read as its code is written, with ``training`` as it trains, for what it
    writes out in parts holds other tensors than one call.
    """
    from archgraph.answers.footprint.memory_table import memory_table
    from archgraph.tables import ShownTable

    found = network_of(net, as_held(net, training=training) | reading)
    refuse_unknown("memory", reading, [*MemoryOptions.names(), *READING])
    asked = MemoryOptions(
        batch=batch,
        training=training,
        optimizer=optimizer,
        precision=precision,
        checkpoint=checkpoint,
        fits=fits,
    )
    shown, exact = (memory_table(found, **asked.given(), exact=each) for each in (False, True))
    return ShownTable([shown], [exact], None)
