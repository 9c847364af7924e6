"""Memory as tables: a column for each device, a row for each thing that takes some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archgraph.answers.footprint.report import Inference, Training, largest_batch
from archgraph.graph import ArchGraph
from archgraph.known_devices import Device
from archgraph.tables.table import AtLeast, Cell, Column, Table
from archgraph.units import bytes_text, listed_names, spaced_shape

__all__ = ["Fits", "inference_table", "training_table", "with_fits"]

_LARGEST = 5

_Row = tuple[str, Mapping[int | None, int], Mapping[int | None, int]]
"""What a row is of, its bytes by device, and how many sizes are unknown by device."""


def inference_table(net: ArchGraph, found: Inference, *, exact: bool = False) -> Table:
    """Return what a network holds at inference; ``exact`` in bytes, for programs."""
    unsized = {device: len(names) for device, names in found.unsized.items()}
    unknown = {device: line.unknown for device, line in found.program.items()}
    both = {device: found.unknown(device) for device in unknown}
    peaks = {device: line.peak for device, line in found.program.items()}
    totals = {device: found.weights[device] + peak for device, peak in peaks.items()}
    in_place = {device: line.peak for device, line in found.in_place.items()}
    rows: list[_Row] = [
        ("weights", found.weights, unsized),
        ("activations at the peak", peaks, unknown),
        ("together", totals, both),
        ("activations, in place where possible", in_place, unknown),
    ]
    notes = []
    for device, line in found.program.items():
        where = "" if device is None else f"GPU {device}: "
        held = [
            f"{name}{f':{number}' if number else ''} ({bytes_text(size)})"
            for (name, number), size in sorted(line.held, key=lambda each: -each[1])
        ]
        lies = f", with {listed_names(held, _LARGEST)}" if held else ""
        if line.order:
            notes.append(f"{where}the peak is at {line.at}{lies}")
    if len(peaks) == 1:
        for what, best in (("", found.best), (" in place", found.best_in_place)):
            proven = "proven best" if best.proven else "the best that was found, not proven"
            if any(unknown.values()):
                proven = "of what is known"
            notes.append(f"in the best order{what} it is {bytes_text(best.peak)}, {proven}")
    most = max(unknown.values(), default=0)
    if most:
        notes.append(
            f"{most:,} outputs have an unknown size and count as nothing: the figures are least "
            "values, and the peak may be elsewhere"
        )
    return _table(net, found.batch, "inference", rows, (*notes, *_unsized(found.unsized)), exact)


def training_table(net: ArchGraph, found: Training, *, exact: bool = False) -> Table:
    """Return what a training step holds; ``exact`` in bytes, for programs."""
    unsized = {device: len(names) for device, names in found.unsized.items()}
    unknown = dict.fromkeys(unsized, len(found.unknown))
    both = {device: number + found.missing[device] for device, number in unsized.items()}
    rows: list[_Row] = [
        ("weights", found.weights, unsized),
        ("gradients", found.weights, unsized),
        (f"state of {found.optimizer}", found.state, unsized if any(found.state.values()) else {}),
        *_where_some("weights cast for mixed precision", found.copies),
        ("activations kept for gradients", found.activations, unknown),
        ("activations at the peak", found.peaks, found.missing),
        ("together", found.totals, both),
    ]
    largest = sorted(found.kept.items(), key=lambda each: -each[1])[:_LARGEST]
    notes = []
    if largest:
        told = ", ".join(f"{name} ({bytes_text(size)})" for name, size in largest)
        notes.append(f"largest activations: {told}")
    if found.unknown:
        names = listed_names(found.unknown, _LARGEST)
        notes.append(f"of {names} it is unknown what gradients need: these are least values")
    notes += _unsized(found.unsized)
    notes.append(
        "together counts the activations at the peak: what gradients need, and what the forward "
        "pass still reads" + (", or a block again" if found.checkpoint is not None else "")
    )
    notes.append("what kernels need while they run, and gradients of activations, is not counted")
    what = ["training"]
    what += [f"{found.precision} precision"] * (found.precision is not None)
    what += [f"each {found.checkpoint} computed again"] * (found.checkpoint is not None)
    return _table(net, found.batch, ", ".join(what), rows, tuple(notes), exact)


def _where_some(what: str, sizes: Mapping[int | None, int]) -> list[_Row]:
    return [(what, sizes, {})] if any(sizes.values()) else []


def _unsized(found: Mapping[int | None, Sequence[str]]) -> list[str]:
    names = [name for each in found.values() for name in each]
    if not names:
        return []
    return [f"of {listed_names(names, _LARGEST)} it is unknown how many weights there are"]


@dataclass(frozen=True, slots=True)
class Fits:
    """The largest batch for ``count`` devices, each with its part, and for one with all of it.

    0 says that not even one image fits. Where sizes are not ``known``, no larger one fits, and
    whether this one does is unknown.
    """

    device: Device
    count: int
    each: int
    whole: int
    known: bool

    @classmethod
    def of(cls, net: ArchGraph, device: Device, count: int, known: bool, **how: Any) -> Fits:
        """Return what fits; ``how`` are the options of ``largest_batch``."""
        each = largest_batch(net, device, **how)
        whole = largest_batch(net, device, together=True, **how) if count > 1 else each
        return cls(device, count, each, whole, known)

    @property
    def words(self) -> str:
        """How large a batch may be."""
        size = bytes_text(self.device.memory)
        name = "device" if self.device.name[0].isdigit() else self.device.name
        one = f"{_article(name)} {name} of {size}"
        if self.count == 1 and not self.each:
            return f"not even one image fits {one}"
        if self.count == 1:
            return f"the largest batch for {one} is {self._said(self.each)}"
        several = f"{self.count} devices" if name == "device" else f"{self.count} × {name}"
        return (
            f"the largest batch for {several} of {size}, each with its part, is "
            f"{self._said(self.each)}; for one with all of it, {self._said(self.whole)}"
        )

    def _said(self, batch: int) -> str:
        return f"{batch:,}" if self.known or not batch else f"unknown, at most {batch:,}"


def with_fits(table: Table, fits: Fits, *, exact: bool) -> Table:
    """Return a table that says which batch is the largest; for programs in a column of its own."""
    if not exact:
        return replace(table, notes=(fits.words, *table.notes))
    empty = ("",) * (len(table.columns) - 1)
    found = [("largest batch", fits.each)]
    if fits.count > 1:
        found.append(("largest batch, all on one device", fits.whole))
    rows: list[tuple[Cell, ...]] = [(*row, "") for row in table.rows]
    rows += [(what, *empty, n if fits.known or not n else None) for what, n in found]
    return replace(
        table, columns=(*table.columns, Column("batch", "Batch", "number")), rows=tuple(rows)
    )


def _article(name: str) -> str:
    """Return the article of a name; capitals are spelled out: an H100, an RTX 4090, a GTX 580."""
    spelled = not name[1:2].islower()
    return "an" if name[0].upper() in ("AEFHILMNORSX" if spelled else "AEIO") else "a"


def _table(
    net: ArchGraph,
    batch: int,
    what: str,
    rows: list[_Row],
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
    for name, sizes, unknown in rows:
        row: list[Cell] = [name]
        for device in devices:
            size, missing = sizes[device], unknown.get(device, 0)
            row.append(AtLeast(size, missing) if missing else size)
            if not exact:
                row.append(f"{'≥ ' if missing else ''}{bytes_text(size)}")
        cells.append(tuple(row))
    many = "fixed batch" if not net.batched else f"batch {batch:,}"
    title = f"{net.graph.get('title') or net.name} · input {spaced_shape(net.input_shape)} · {many}"
    caption = f"Memory of {title.replace(' · ', ', ')}: {what}"
    return Table(title, tuple(columns), tuple(cells), notes=notes, subtitle=what, caption=caption)
