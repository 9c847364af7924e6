"""A table as CSV for programs: keys as header, exact numbers, no row that adds up others."""

from __future__ import annotations

import csv
import io

from archgraph.tables.table import AtLeast, Cell, Table, printable
from archgraph.tensors import extent_text
from archgraph.units import UNKNOWN

__all__ = ["csv_text"]

_FORMULA = ("=", "+", "-", "@")


def csv_text(table: Table) -> str:
    """Return RFC 4180 text with LF line ends; shapes are written ``64x56x56``."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([column.key for column in table.columns])
    writer.writerows([_value(cell) for cell in row] for row in table.rows)
    return buffer.getvalue()


def _value(cell: Cell) -> str:
    if cell is None:
        return UNKNOWN
    if isinstance(cell, tuple):
        return "x".join(map(extent_text, cell))
    if isinstance(cell, AtLeast):
        return f">={cell.value}"
    if not isinstance(cell, str):
        return str(cell)
    text = printable(cell)
    # A spreadsheet would run such a text as a formula.
    return f"'{text}" if text.startswith(_FORMULA) else text
