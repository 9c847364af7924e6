"""The results of a sweep as a table: a row for each configuration."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.answers.sweeping.counting import Row
from archgraph.metrics import STATIC_METRICS, whole_metrics
from archgraph.tables.table import Cell, Column, Table

__all__ = ["results_table"]


def results_table(rows: Sequence[Row], *, exact: bool = False) -> Table:
    """Return the results; for people, columns in which nothing stands are left out."""
    known = {**STATIC_METRICS, **whole_metrics()}
    columns = []
    for name in rows[0] if rows else ("net",):
        if name in known:
            unit = known[name].unit if known[name].unit == "B" else ""
            columns.append(Column(name, known[name].title, "number", unit))
        elif exact or name not in ("input", "error") or any(row[name] for row in rows):
            columns.append(Column(name, name, "number" if name == "batch" else "text"))

    def cell(row: Row, key: str) -> Cell:
        value = row[key]
        if key in known:  # unknown, unless the whole line was refused
            return value if row["error"] is None or exact else ""
        if value is None:
            return None if exact else ""
        return value if key == "batch" else str(value)

    cells = tuple(tuple(cell(row, column.key) for column in columns) for row in rows)
    return Table("", tuple(columns), cells)
