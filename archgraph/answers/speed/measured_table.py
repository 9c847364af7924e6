"""Measured times as a table, beside what the roofline of a device estimates."""

from __future__ import annotations

from archgraph.answers.speed.roofline import Roofline, together
from archgraph.answers.speed.roofline_table import device_line
from archgraph.answers.speed.times import Group, Measured
from archgraph.graph import ArchGraph
from archgraph.tables.operator_text import operator_text
from archgraph.tables.table import Cell, Column, Table
from archgraph.units import count_text, seconds_text, spaced_shape

__all__ = ["measured_table", "shown_measured"]


def shown_measured(found: Measured, exact: bool) -> tuple[list[Table], None]:
    """Return how measured times show themselves, beside an estimate where one was asked for."""
    return [measured_table(found.net, found, found.estimated, exact=exact)], None


def measured_table(
    net: ArchGraph, found: Measured, estimated: Roofline | None = None, *, exact: bool = False
) -> Table:
    """Return a row for each node, or group of nodes that the runtime runs as one.

    With an estimate also the least time of each, for groups as groups, and how many times as long
    was measured. ``exact`` is for programs, with quartiles and all names; for people, what takes no
    time has no row.
    """
    shown = [group for group in found.groups if exact or group.milliseconds]
    least = together(net, [group.names for group in shown], estimated) if estimated else []
    columns = [
        Column("name", "Layer"),
        Column("op", "Operator"),
        Column("with", "Together with"),
        *([Column("flops", "FLOPs", "number")] if exact else [Column("rate", "FLOP/s", "number")]),
        Column("time_ms", "Measured", "number", "ms"),
    ]
    if exact:
        columns += [
            Column("low_ms", "First quartile", "number", "ms"),
            Column("high_ms", "Third quartile", "number", "ms"),
            Column("least_ms", "Shortest", "number", "ms"),
        ]
    else:
        columns.append(Column("share", "Share", "percent"))
    if estimated is not None:
        columns += [
            Column("estimated_ms", "Estimated", "number", "ms"),
            Column("ratio", "Ratio", "number"),
        ]
    rows: list[tuple[Cell, ...]] = []
    for number, group in enumerate(shown):
        row = _cells(net, found, group, exact)
        if estimated is not None:
            seconds = least[number]
            row.append(None if seconds is None else _short(1e3 * seconds, exact))
            ratio = group.milliseconds / (1e3 * seconds) if seconds else None
            row.append("" if ratio is None else _short(ratio, exact, 3))
        rows.append(tuple(row))
    asked = found.asked
    many = f"batch {asked.batch:,}" if net.batched else "fixed batch"
    title = str(net.graph.get("title") or net.name)
    return Table(
        f"{title} · input {spaced_shape(net.input_shape)} · {many} · measured: {found.where}",
        tuple(columns),
        tuple(rows),
        summary=() if exact else _summary(net, found, estimated),
        notes=() if exact else _notes(found, estimated),
        subtitle=f"{asked.processor}, median of {asked.runs:,} runs",
    )


def _cells(net: ArchGraph, found: Measured, group: Group, exact: bool) -> list[Cell]:
    if not group.names:
        row: list[Cell] = ["", "no node of the network", "", "" if not exact else None]
    else:
        flops = [net.value(name, net.metric("flops"), found.asked.batch) for name in group.names]
        total = None if None in flops else sum(each for each in flops if each is not None)
        rate: Cell = ""
        if total and group.milliseconds:
            rate = count_text(total / group.milliseconds * 1e3)
        row = [
            group.names[0],
            operator_text(net.op(group.names[0])),
            " ".join(group.names[1:]) if exact else _others(group),
            total if exact else rate,
        ]
    row.append(_short(group.milliseconds, exact))
    if exact:
        return [*row, group.low, group.high, group.least]
    return [*row, 100 * group.milliseconds / found.total if found.total else ""]


def _others(group: Group) -> str:
    """Return which nodes share a time, without the path that they share with the first."""
    home = group.names[0].rpartition(".")[0]
    others = [name.removeprefix(f"{home}.") if home else name for name in group.names[1:]]
    return (
        ", ".join(others) if len(others) < 4 else f"{', '.join(others[:2])} and {len(others) - 2}"
    )


def _short(value: float, exact: bool, digits: int = 4) -> float:
    return value if exact else float(f"{value:.{digits}g}")


def _summary(
    net: ArchGraph, found: Measured, estimated: Roofline | None
) -> tuple[tuple[str, str], ...]:
    rate = ""
    if net.batched and found.whole:
        each = count_text(1e3 * found.asked.batch / found.whole)
        rate = f" ({each} images a second)".replace("  ", " ")
    lines = [
        ("A run", f"{seconds_text(found.whole / 1e3)}{rate}, without the profiler"),
        ("All layers", f"{seconds_text(found.total / 1e3)}, with it"),
    ]
    shared = sum(len(group.names) > 1 for group in found.groups)
    if shared:
        count = sum(len(group.names) for group in found.groups if len(group.names) > 1)
        lines.append(("Run as one", f"{count:,} layers in {shared:,} groups"))
    if estimated is not None:
        times = together(net, [group.names for group in found.groups], estimated)
        known = sum(each for each in times if each is not None)
        least = "≥ " if None in times else ""
        where = f" on {estimated.where}, the same groups"
        lines.append(("Estimated", f"{least}{seconds_text(known)}{where}"))
    return tuple(lines)


def _notes(found: Measured, estimated: Roofline | None) -> tuple[str, ...]:
    notes = []
    if any(len(group.names) > 1 for group in found.groups):
        notes.append(
            "Layers that the runtime runs as one share one time; it stands at the one of most work."
        )
    if estimated is not None:
        notes.append(f"Estimated: {device_line(estimated)}.")
    return tuple(notes)
