"""How a file fared in each runtime, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archgraph.tables.table import Cell, Column, Table

__all__ = ["check_table"]

COLUMNS = (
    Column("runtime", "Runtime"),
    Column("version", "Version"),
    Column("result", "Result"),
    Column("difference", "Difference", "number"),
    Column("milliseconds", "Time", "number", "ms/image"),
)
_VERDICTS = {"agrees": "agrees", "differs": "DIFFERS", "cannot": "cannot run it"}


def _compared_with(rows: Sequence[Any]) -> str:
    return str(rows[0].against) if rows else "PyTorch"


def check_table(name: str, rows: Sequence[Any]) -> Table:
    """Return the table of a check's rows (``archgraph.exporters.onnx.Row``)."""
    cells: list[tuple[Cell, ...]] = [
        (
            row.runtime,
            row.version,
            _VERDICTS[row.verdict],
            "" if row.difference is None else f"{row.difference:.1e}",
            "" if row.milliseconds is None else f"{row.milliseconds:,.1f}",
        )
        for row in rows
    ]
    reasons = [f"{row.runtime}: {row.reason}" for row in rows if row.reason]
    settings = [f"{row.runtime}: {row.note}" for row in rows if row.note]
    return Table(
        f"{name} in the runtimes that are installed",
        COLUMNS,
        tuple(cells),
        subtitle=f"Difference: the largest one to {_compared_with(rows)}, "
        "relative to its largest output",
        notes=(*reasons, *settings),
    )
