"""A placement as tables: a row for each device, a row for each output that crosses; as data."""

from __future__ import annotations

import json
from typing import Any

from archgraph.answers.splitting.device_loads import DeviceLoad, Placement, metric_named
from archgraph.graph import ArchGraph
from archgraph.metrics import Metric, Number
from archgraph.options import is_typed
from archgraph.tables.column_units import metric_column
from archgraph.tables.cost_table import convention_text
from archgraph.tables.table import AtLeast, Cell, Column, Table
from archgraph.units import bytes_text, exact_bytes, spaced_shape

__all__ = ["crossings_table", "devices_table", "shown_placement", "split_json"]

SHOWN = 30
"""Rows of what crosses that a terminal shows; a file holds all."""


def devices_table(net: ArchGraph, found: Placement, *, exact: bool = False) -> Table:
    """Return what each device has to do; ``exact`` with every figure in bytes, for programs."""
    metrics = [metric_named(net, name) for name in found.devices[0].values]
    staged = _staged(found)
    columns = [Column("device", "Device", "number" if exact else "text")]
    if staged or exact:
        columns += [Column("first", "From"), Column("last", "To")]
    columns.append(Column("nodes", "Layers", "number"))
    for metric in metrics:
        columns.append(_column(metric, exact))
        if not exact:
            columns.append(Column(f"{metric.name}_share", "Share", "percent"))
    if exact:
        columns.append(Column("weights", "Weights", "number", "B"))
    columns.append(
        Column("receives", "Receives", "number", *(("B", 1) if exact else ("KiB", 1024)))
    )
    rows = []
    for load in found.devices:
        row: list[Cell] = [load.device if exact else f"device {load.device}"]
        if staged or exact:
            row += [load.nodes[0], load.nodes[-1]]
        row.append(len(load.nodes))
        for metric in metrics:
            row.append(_cell(load, metric))
            if not exact:
                share = found.share(metric.name, load.device)
                row.append("" if share is None else 100 * share)
        rows.append((*row, *([load.weights] if exact else []), load.receives))
    return Table(
        _title(net),
        tuple(columns),
        tuple(rows),
        totals=None if exact else _totals(found, metrics, staged),
        summary=() if exact else _summary(found, metrics),
        notes=() if exact else tuple(net.graph.get("notes", ())),
        subtitle=convention_text("macs") if "macs" in found.devices[0].values else "",
    )


def crossings_table(net: ArchGraph, found: Placement) -> Table:
    """Return what crosses between devices, the first of it where there is much."""
    columns = (
        Column("output", "What crosses"),
        Column("source", "From device", "number"),
        Column("target", "To device", "number"),
        Column("shape", "Shape", "shape"),
        Column("dtype", "Type"),
        Column("bytes", "Size", "number", "KiB", 1024),
        Column("readers", "Read there by"),
    )
    rows = []
    for each in found.crossings[:SHOWN]:
        readers = list(dict.fromkeys(_reader(net, name) for name in each.readers))
        rows.append(
            (
                each.output,
                each.source,
                each.target,
                each.tensor.image,
                each.tensor.dtype or "",
                each.bytes,
                readers[0] + (f" and {len(readers) - 1} more" if readers[1:] else ""),
            )
        )
    left = len(found.crossings) - len(rows)
    # Of what the command line writes and Python returns, each says where the rest is.
    rest = "--format json names" if is_typed() else "its to_dict() has"
    notes = (f"{left:,} more cross; {rest} all.",) if left else ()
    title = "What crosses between devices, for one image"
    return Table(title, columns, tuple(rows), notes=notes)


def _reader(net: ArchGraph, name: str) -> str:
    """Return who reads in the end what an operator only brings together or passes on."""
    while net.nodes[name].get("role") == "gather" or net.op(name).silent:
        if len(net.succ[name]) != 1:
            break
        (name,) = net.succ[name]
    return name


def shown_placement(found: Placement, exact: bool) -> tuple[list[Table], dict[str, Any]]:
    """Return how a placement shows itself."""
    net = ArchGraph(name=found.name) if found.net is None else found.net
    if not found.devices:
        return [Table(_title(net), (Column("device", "Device"),), ())], {"name": net.name}
    tables = [devices_table(net, found, exact=exact)]
    if found.crossings:
        tables.append(crossings_table(net, found))
    return tables, split_record(net, found)


def split_json(net: ArchGraph, found: Placement) -> str:
    """Return a placement as JSON text: exact integers, null for what is unknown."""
    record = split_record(net, found)
    return json.dumps(record, indent=1, ensure_ascii=False, default=str) + "\n"


def split_record(net: ArchGraph, found: Placement) -> dict[str, Any]:
    """Return a placement as plain values."""
    metrics = list(found.devices[0].values)
    return {
        "name": net.name,
        "devices": [
            {
                "device": each.device,
                "nodes": list(each.nodes),
                **each.values,
                "weights_bytes": each.weights,
                "receives_bytes": each.receives,
                "sends_bytes": each.sends,
            }
            for each in found.devices
        ],
        "balance": {name: found.balance(name) for name in metrics},
        "traffic_bytes": found.traffic_bytes,
        "traffic_by_type": found.traffic_by_type,
        "crossings": [
            {
                "output": each.output,
                "source": each.source,
                "target": each.target,
                "shape": None
                if each.tensor.shape is None
                else list(map(_plain, each.tensor.shape)),
                "dtype": each.tensor.dtype,
                "bytes": each.bytes,
                "readers": list(each.readers),
            }
            for each in found.crossings
        ],
        "notes": list(net.graph.get("notes", ())),
    }


def _plain(extent: Any) -> Any:
    return extent if type(extent) is int or extent is None else str(extent)


def _title(net: ArchGraph) -> str:
    title = net.graph.get("title") or net.name
    name = title if title.startswith(net.name) else f"{title} ({net.name})"
    shape = f" · input {spaced_shape(net.input_shape)}" if net.sources else ""
    return f"{name}{shape}"


def _staged(found: Placement) -> bool:
    """Return whether data only goes on from device to device: each has a first and a last."""
    return all(each.source < each.target for each in found.crossings) and len(found.devices) > 1


def _column(metric: Metric, exact: bool) -> Column:
    return metric_column(metric, metric.title, ("", ""), "B" if exact else "KiB")


def _cell(load: DeviceLoad, metric: Metric) -> Cell:
    value = load.values[metric.name]
    return AtLeast(load.known[metric.name], 1) if value is None else value


def _totals(found: Placement, metrics: list[Metric], staged: bool) -> tuple[Cell, ...]:
    row: list[Cell] = [
        "Total",
        *[""] * (2 * staged),
        sum(len(each.nodes) for each in found.devices),
    ]
    for metric in metrics:
        values = [each.values[metric.name] for each in found.devices]
        total = metric.combine(values)
        known = metric.known([each.known[metric.name] for each in found.devices])
        row += [AtLeast(known, 1) if total is None else total, 100.0 if total else ""]
    traffic: Number | None = found.traffic_bytes
    least = sum(found.traffic_by_type.values())
    return (*row, AtLeast(least, 1) if traffic is None else traffic)


def _summary(found: Placement, metrics: list[Metric]) -> tuple[tuple[str, str], ...]:
    said = []
    for metric in metrics:
        balance = found.balance(metric.name)
        said.append(f"{metric.title} {'unknown' if balance is None else f'{balance:.2f}'}")
    least = sum(found.traffic_by_type.values())
    traffic = "" if found.traffic_bytes is not None else "≥ "
    count = len(found.crossings)
    kinds = ", ".join(found.traffic_by_type) if found.crossings else ""
    return (
        ("Largest ÷ mean", ", ".join(said)),
        (
            "Traffic",
            f"{traffic}{exact_bytes(least)} for one image ({bytes_text(least)}, {count} tensor"
            f"{'s' * (count != 1)}{f' of {kinds}' if kinds else ''})",
        ),
    )
