"""A cost report laid out as a table: its columns, its totals, the summary below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from archgraph.metrics import CONVENTIONS, STATIC_METRICS, Metric, Number
from archgraph.tables.column_units import metric_column, units_named
from archgraph.tables.cost_report import SHARE, CostReport, GroupCost, Values
from archgraph.tables.table import (
    Cell,
    Column,
    Table,
    listed_words,
    sorted_rows,
    total_cell,
)
from archgraph.units import bytes_text, count_text, exact_text, figure, spaced_shape

__all__ = ["convention_text", "cost_table"]

_COUNTS = {"macs": "MACs", "flops": "FLOPs", "lecture": "Flop (lecture)"}

_SHOWN = 4
"""How many keys of unused parameters a note names."""


def convention_text(convention: str) -> str:
    """Return what a figure's convention counts: ``MACs: multiply-adds of …``."""
    return f"{_COUNTS[convention]}: {CONVENTIONS[convention]}"


def cost_table(
    report: CostReport, *, exact: bool = False, unit: str | None = None, sort: str | None = None
) -> Table:
    """Return the report as a table.

    With ``exact`` it is for programs: every metric in a column, sizes in bytes, no shares.
    Without, it is for people: the arithmetic of the report's convention only, with its shares.
    Either has the report's columns where it names some. ``unit`` is that of counts, of bytes or of
    both (``M``, ``MiB``, ``M,MB``), ``sort`` a column by which the rows stand, largest first.
    Raises FormatError for a unit or a column that there is not.
    """
    usual = report.metrics.keys() - (() if exact else CONVENTIONS.keys() - {report.convention})
    shown = report.columns or [name for name in report.metrics if name in usual]
    metrics = [report.metrics[name] for name in shown if name != SHARE]
    shares = _shared(report) if report.columns else "" if exact else report.convention
    units = units_named(unit)
    columns = [
        *_leading(report, exact),
        *(
            metric_column(each, _COUNTS.get(each.name, each.title), units, "B" if exact else "KiB")
            for each in metrics
        ),
    ]
    kib = exact and report.convention == "lecture" and not report.columns
    if kib:
        columns.append(Column("activation_kib", "Activations", "number", "KiB"))
    rows: list[tuple[Cell, ...]] = []
    for lead, values in _lines(report, exact):
        cells: list[Cell] = [*lead, *(values[metric.name] for metric in metrics)]
        if kib:
            cells.append(_kib(values["activation_bytes"]))
        rows.append(tuple(cells))
    totals: tuple[Cell, ...] = (
        "Total",
        *[""] * (len(columns) - len(metrics) - 1),
        *(total_cell(m, [node.values[m.name] for node in report.nodes]) for m in metrics),
    )
    counted = (
        [key for key in report.columns if key in CONVENTIONS]
        if report.columns
        else [report.convention]
    )
    table = Table(
        title=_title(report),
        columns=tuple(columns),
        rows=tuple(rows),
        totals=None if exact else totals,
        summary=() if exact else _summary(report),
        notes=() if exact else _notes(report),
        subtitle="; ".join(map(convention_text, counted)),
        caption=_caption(report, [_COUNTS.get(each.name, each.title) for each in metrics]),
    )
    if shares and report.totals[shares] is not None:
        table = _with_shares(table, shares, report.totals[shares])
    return sorted_rows(table, sort)


def _shared(report: CostReport) -> str:
    """Return the column whose shares are asked for."""
    if SHARE not in report.columns:
        return ""
    return report.columns[report.columns.index(SHARE) - 1]


def _title(report: CostReport) -> str:
    name = report.title if report.title == report.name else f"{report.title} ({report.name})"
    mode = " · training" if report.training else ""
    batch = "fixed batch" if report.fixed else f"batch {report.batch}"
    return f"{name} · input {spaced_shape(report.input)} · {batch}{mode}"


_EACH = {"layer": "layer by layer", "block": "block by block", "stage": "stage by stage"}
_NAMED = 3
"""How many columns a caption names; of more it says that they are costs."""


def _caption(report: CostReport, titles: Sequence[str]) -> str:
    """Return what a paper says above it: *Parameters and MACs of ResNet-50, stage by stage …*."""
    words = [title if title[1:2].isupper() else title[:1].lower() + title[1:] for title in titles]
    what = listed_words(words) if 0 < len(words) <= _NAMED else "costs"
    text = f"{what} of {report.title}, {_EACH.get(report.by, f'on each {report.by}')}"
    if report.input is not None:
        shape = spaced_shape(report.input)
        one = report.batch == 1
        text += f", for one input of {shape}" if one else f", for {report.batch} inputs of {shape}"
        text += " at a time" * report.fixed
    text += ", with what only training uses" * report.training
    return text[:1].upper() + text[1:]


def _leading(report: CostReport, exact: bool) -> list[Column]:
    """Return the columns that say what a row is."""
    if report.groups:
        first = [Column("name", report.by.capitalize())]
        if exact:
            first.append(Column("label", "Label"))
        output = [] if report.by == "device" else [Column("output", "Output", "shape")]
        return [*first, Column("nodes", "Layers", "number"), *output]
    labelled = exact or any(node.label for node in report.nodes)
    placed = exact or any(node.device is not None for node in report.nodes)
    return [
        Column("name", "Layer"),
        *([Column("label", "In the paper")] if labelled else []),
        Column("op", "Operator"),
        *([Column("device", "Device", "number")] if placed else []),
        Column("output", "Output", "shape"),
    ]


def _lines(report: CostReport, exact: bool) -> Iterator[tuple[list[Cell], Values]]:
    """Yield each row's leading cells and its costs."""
    keys = [column.key for column in _leading(report, exact)]
    for each in report.groups or report.nodes:
        cells: dict[str, Cell] = {"name": each.name, "label": each.label, "output": each.output}
        if isinstance(each, GroupCost):
            cells |= {"name": each.name if exact else each.label, "nodes": len(each.nodes)}
        else:
            cells["op"] = each.op if exact else each.detail
            cells["device"] = "" if each.device is None else each.device
        yield [cells[key] for key in keys], each.values


def _kib(size: Number | None) -> Cell:
    if size is None:
        return None
    kib = size / 1024
    return int(kib) if kib.is_integer() else kib


def _with_shares(table: Table, key: str, whole: Number | None) -> Table:
    """Add how many percent of a column each row has, behind that column."""
    place = [column.key for column in table.columns].index(key) + 1
    if not whole:
        return table

    def share(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        part = cells[place - 1]
        percent: Cell = 100 * part / whole if isinstance(part, (int, float)) and part else ""
        return (*cells[:place], percent, *cells[place:])

    column = Column("share", "Share", "percent")
    return replace(
        table,
        columns=(*table.columns[:place], column, *table.columns[place:]),
        rows=tuple(share(row) for row in table.rows),
        totals=share(table.totals) if table.totals else None,
    )


def _summary(report: CostReport) -> tuple[tuple[str, str], ...]:
    shown = [name for name in report.columns if name != SHARE] or report.metrics
    return tuple(
        (_COUNTS.get(name, report.metrics[name].title), _line(report, report.metrics[name]))
        for name in shown
    )


def _line(report: CostReport, metric: Metric) -> str:
    """Return a total in full, and in brackets as people say it and what it counts."""
    value, unknown = report.known[metric.name], report.unknown[metric.name]
    text, said = exact_text(value), [count_text(value), metric.description]
    if metric.name == "params":
        said[1] = f"{bytes_text(report.weights)}{_as(report.precision)}"
    elif metric.name == "activation_bytes":
        text, said = (
            bytes_text(value),
            [f"every output kept{',' * (len(report.activations) == 1)}{_as(report.activations)}"],
        )
    elif metric.name not in STATIC_METRICS:
        text, said = figure(value, metric), []
    if unknown:
        return f"≥ {text}  ({unknown} node{'s' * (unknown != 1)} unknown)"
    return f"{text} ({'; '.join(said)})" if said else text


def _as(types: Sequence[str]) -> str:
    """Return `` as 32-bit floats`` for numbers of one type, nothing for none or several."""
    if len(types) != 1:
        return ""
    return " as 32-bit floats" if types[0] == "float32" else f" as {types[0]}"


def _notes(report: CostReport) -> tuple[str, ...]:
    found = []
    heads = sum(node.training_only for node in report.nodes)
    if heads:
        found.append(f"{heads} of these layers run in training only.")
    if report.partial:
        found.append(f"Not read to its end: {report.partial}.")
    if report.asked:
        found.append(_asked(report.asked))
    if report.unused:
        found.append(_unused(report.unused, report.unused_params))
    if report.doubtful:
        several = "s" * (report.doubtful != 1)
        constants = "constants" if several else "a constant"
        found.append(
            f"{report.doubtful} tensor{several} may be {constants}: the file does not say whether "
            f"{'they were' if several else 'it was'} learned."
        )
    for (source, target), (edges, size) in sorted(_traffic(report).items()):
        found.append(
            f"From device {source} to device {target}: {bytes_text(size)} on {edges} "
            f"edge{'s' * (edges != 1)}."
        )
    return tuple(found)


def _asked(asked: Sequence[str]) -> str:
    """Return which numbers the module looked at: ``… for these numbers only: all(mask).``."""
    more = f" and {len(asked) - _SHOWN} more" if len(asked) > _SHOWN else ""
    return (
        "The module asked for numbers while it was read, so this is what it does where the answers "
        f"are those of the example: {', '.join(asked[:_SHOWN])}{more}."
    )


def _unused(keys: Sequence[str], count: int) -> str:
    """Return what is held and never read: ``512 parameters in 1 tensor are not used …``."""
    tensors = f"{len(keys)} tensor{'s' * (len(keys) != 1)}"
    shown = ", ".join(keys[:_SHOWN])
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return f"{count:,} parameters in {tensors} are not used by the forward pass: {shown}{more}."


def _traffic(report: CostReport) -> dict[tuple[int, int], tuple[int, Number]]:
    """Return how many edges lead from one device to another, and the bytes that cross there.

    What several operators read on one device crosses once.
    """
    nodes = {node.name: node for node in report.nodes}
    sent: set[tuple[str, int]] = set()
    found: dict[tuple[int, int], tuple[int, Number]] = {}
    for node in report.nodes:
        for source in dict.fromkeys(node.inputs):
            before = nodes.get(source)
            if before is None or before.device is None or node.device is None:
                continue
            size = before.values["activation_bytes"]
            if before.device != node.device and size is not None:
                edges, total = found.get((before.device, node.device), (0, 0))
                fresh = 0 if (source, node.device) in sent else size
                found[before.device, node.device] = (edges + 1, total + fresh)
                sent.add((source, node.device))
    return found
