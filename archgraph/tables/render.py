"""One table in any format, by the format's name."""

from __future__ import annotations

import json
from collections.abc import Callable

from archgraph.errors import FormatError
from archgraph.nearest import nearest
from archgraph.tables.csv_text import csv_text
from archgraph.tables.latex import InPaper, latex
from archgraph.tables.markdown import markdown
from archgraph.tables.table import AtLeast, Cell, Table
from archgraph.tables.terminal import terminal

__all__ = ["FORMATS", "records", "render"]

SUFFIXES = {"json": "json", "csv": "csv", "md": "markdown", "tex": "latex", "txt": "table"}
"""The format that a file name asks for."""

_WRITERS: dict[str, Callable[[Table], str]] = {
    "table": terminal,
    "json": lambda table: (
        json.dumps(records(table), indent=1, ensure_ascii=False, default=str) + "\n"
    ),
    "csv": csv_text,
    "markdown": markdown,
    "latex": latex,
}
FORMATS = tuple(_WRITERS)
"""The formats that every command with a table offers."""


def render(table: Table, format: str, form: InPaper | None = None) -> str:
    """Return the table as text; FormatError names the formats there are.

    ``form`` says how it stands in a paper; only LaTeX has that, and FormatError says so.
    """
    if format not in _WRITERS:
        raise FormatError(
            f"there is no table format '{format}'{nearest(format, FORMATS)}; "
            f"there are {', '.join(FORMATS)}."
        )
    if form is not None and format == "latex":
        return latex(table, form)
    if form is not None:
        form.refuse()
    return _WRITERS[format](table)


def records(table: Table) -> list[dict[str, object]]:
    """Return the rows as objects by column key, numbers as they are, unknown ones as None.

    What is known to be at least so much stands under "at_least", by column key.
    """
    found: list[dict[str, object]] = []
    for row in table.rows:
        cells = [(column.key, cell) for column, cell in zip(table.columns, row, strict=True)]
        least = {key: cell.value for key, cell in cells if isinstance(cell, AtLeast)}
        record = {key: _plain(cell) for key, cell in cells}
        found.append(record | {"at_least": least} if least else record)
    return found


def _plain(cell: Cell) -> object:
    if isinstance(cell, tuple):
        return list(cell)
    if isinstance(cell, AtLeast) or cell == "":
        return None
    return cell
