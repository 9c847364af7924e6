"""Memory as tables: a column for each device, a row for each thing that takes some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.known_devices import Device
from archgraph.memory.report import Inference, Training
from archgraph.tables.table import Cell, Column, Table
from archgraph.units import bytes_text, exact_text, listed_names, spaced_shape

__all__ = ["fits_line", "inference_table", "training_table"]

_LARGEST = 5


def inference_table(net: ArchGraph, found: Inference, *, exact: bool = False) -> Table:
    """Return what a network holds at inference; ``exact`` in bytes, for programs."""
    peaks = {device: line.peak for device, line in found.program.items()}
    totals = {device: found.weights[device] + peak for device, peak in peaks.items()}
    rows: list[tuple[str, Mapping[int | None, int]]] = [
        ("weights", found.weights),
        ("activations at the peak", peaks),
        ("together", totals),
        (
            "activations, in place where possible",
            {device: line.peak for device, line in found.in_place.items()},
        ),
    ]
    notes = []
    for device, line in found.program.items():
        where = "" if device is None else f"GPU {device}: "
        held = [
            f"{name}{f':{number}' if number else ''} ({bytes_text(size)})"
            for (name, number), size in sorted(line.held, key=lambda each: -each[1])
        ]
        notes.append(f"{where}the peak is at {line.at}, with {listed_names(held, _LARGEST)}")
    if len(peaks) == 1:
        for what, best in (("", found.best), (" in place", found.best_in_place)):
            proven = "proven best" if best.proven else "the best that was found, not proven"
            notes.append(f"in the best order{what} it is {bytes_text(best.peak)}, {proven}")
    unknown = max((line.unknown for line in found.program.values()), default=0)
    if unknown:
        notes.append(
            f"{unknown:,} outputs of unknown size count as nothing: these are least values"
        )
    return _table(net, found.batch, "inference", rows, tuple(notes), exact)


def training_table(net: ArchGraph, found: Training, *, exact: bool = False) -> Table:
    """Return what a training step holds; ``exact`` in bytes, for programs."""
    rows = [
        ("weights", found.weights),
        ("gradients", found.weights),
        (f"state of {found.optimizer}", found.state),
        ("activations kept for gradients", found.activations),
        ("together", found.totals),
    ]
    largest = sorted(found.kept.items(), key=lambda each: -each[1])[:_LARGEST]
    notes = ["largest activations: " + ", ".join(f"{n} ({bytes_text(b)})" for n, b in largest)]
    if found.unknown:
        names = listed_names(found.unknown, _LARGEST)
        notes.append(f"of {names} it is unknown what gradients need: these are least values")
    notes.append("what kernels need while they run, and gradients of activations, is not counted")
    return _table(net, found.batch, "training", rows, tuple(notes), exact)


def fits_line(device: Device, found: int, *, each: bool) -> str:
    """Return how large a batch may be."""
    size = bytes_text(device.memory)
    name = f"a device of {size}" if device.name[0].isdigit() else f"a {device.name} of {size}"
    where = name.replace("a ", "each ", 1) if each else name
    if not found:
        return f"not even one image fits {where}"
    return f"the largest batch for {where} is {found:,}"


def _table(
    net: ArchGraph,
    batch: int,
    what: str,
    rows: list[Any],
    notes: tuple[str, ...],
    exact: bool,
) -> Table:
    devices = list(rows[0][1])
    columns = [Column("what", "Memory")]
    several = len(devices) > 1
    for device in devices:
        title = f"GPU {device}" if several else "Bytes"
        key = f"device_{device}" if several else "bytes"
        columns.append(Column(key, title, "number"))
        if not exact:
            columns.append(Column(f"{key}_short", "", "number"))
    cells: list[tuple[Cell, ...]] = []
    for name, sizes in rows:
        row: list[Cell] = [name]
        for device in devices:
            row += (
                [sizes[device]] if exact else [exact_text(sizes[device]), bytes_text(sizes[device])]
            )
        cells.append(tuple(row))
    many = "fixed batch" if not net.batched else f"batch {batch:,}"
    title = f"{net.graph.get('title') or net.name} · input {spaced_shape(net.input_shape)} · {many}"
    return Table(title, tuple(columns), tuple(cells), notes=notes, subtitle=what)
