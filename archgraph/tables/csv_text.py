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
    for row in table.rows:
        cells = zip(row, table.columns, strict=True)
        writer.writerow([_value(cell, column.per) for cell, column in cells])
    return buffer.getvalue()


def _value(cell: Cell, per: int = 1) -> str:
    if cell is None:
        return UNKNOWN
    if isinstance(cell, tuple):
        return "x".join(map(extent_text, cell))
    if isinstance(cell, AtLeast):
        return f">={_value(cell.value, per)}"
    if not isinstance(cell, str):
        return str(cell if per == 1 else cell // per if cell % per == 0 else cell / per)
    text = printable(cell)
    # A spreadsheet would run such a text as a formula.
    return f"'{text}" if text.startswith(_FORMULA) else text
