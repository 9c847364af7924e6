"""Several networks side by side: size, cost, depth and their published errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archgraph.analysis import depth
from archgraph.graph import ArchGraph
from archgraph.metrics import CONVENTIONS
from archgraph.tables.table import Cell, Column, Table, total_cell

__all__ = ["comparison", "single_error"]

COLUMNS = (
    Column("name", "Network"),
    Column("input", "Input", "shape"),
    Column("params", "Parameters", "number"),
    Column("macs", "MACs", "number"),
    Column("flops", "FLOPs", "number"),
    Column("activation_bytes", "Activations", "kib", "KiB"),
    Column("depth", "Depth", "number", "layers"),
    Column("top1_error", "Top-1 error", "number", "%"),
    Column("top5_error", "Top-5 error", "number", "%"),
)
_COUNTED = ("params", "macs", "flops", "activation_bytes")


def comparison(nets: Sequence[ArchGraph], *, settings_column: bool = False) -> Table:
    """Return one row per network, for one image and without what only training uses.

    Errors are those of a single network as its paper prints them, with their setting; an
    ensemble's are left out, because no single network reached them. Their settings stand in the
    notes, for a terminal is narrow, or in a column.
    """
    rows: list[tuple[Cell, ...]] = []
    settings = []
    for net in nets:
        totals = [total_cell(net.metric(key), [v for _, v in net.values(key)]) for key in _COUNTED]
        error = single_error(net)
        errors: list[Cell] = [error.get(key, "") for key in ("top1_error", "top5_error")]
        setting = f"{error['data']}, {error['setting']}" if error else ""
        row = (net.name, net.input_shape, *totals, depth(net), *errors)
        rows.append((*row, setting) if settings_column else row)
        if setting:
            settings.append(f"{net.name}: {setting}.")
    notes = (
        f"MACs: {CONVENTIONS['macs']}. FLOPs: {CONVENTIONS['flops']}.",
        "Depth: layers with weights on the longest path. Errors: single networks, as published.",
    )
    return Table(
        title="One image, inference",
        columns=(*COLUMNS, Column("setting", "Setting")) if settings_column else COLUMNS,
        rows=tuple(rows),
        notes=notes if settings_column else (*notes, *settings),
    )


def single_error(net: ArchGraph) -> dict[str, Any]:
    """Return the published error of the network alone, with its setting; empty if there is none."""
    for result in net.graph.get("published", ()):
        if not result.get("ensemble"):
            return dict(result)
    return {}
