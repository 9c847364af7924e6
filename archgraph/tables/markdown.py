"""A table as GitHub-flavoured Markdown that is also readable as plain text."""

from __future__ import annotations

import re

from archgraph.tables.table import Cell, Column, Table, cell_text

__all__ = ["markdown"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def markdown(table: Table) -> str:
    """Return the title, the table with a bold row of totals, the summary and the notes."""
    heads = [
        _escaped(f"{column.title} ({column.unit})" if column.unit else column.title)
        for column in table.columns
    ]
    rows = [_texts(row, table.columns) for row in table.rows]
    if table.totals:
        cells = _texts(table.totals, table.columns)
        rows.append([f"**{text}**" if text else "" for text in cells])
    widths = [max(3, *(len(line[i]) for line in [heads, *rows])) for i in range(len(heads))]
    marks = [
        "-" * (width - 1) + ":" if column.right else "-" * width
        for column, width in zip(table.columns, widths, strict=True)
    ]
    found = [f"**{_escaped(table.title)}**", ""] if table.title else []
    if table.subtitle:
        found += [_escaped(table.subtitle), ""]
    for line in [heads, marks, *rows]:
        padded = [
            text.rjust(width) if column.right else text.ljust(width)
            for text, width, column in zip(line, widths, table.columns, strict=True)
        ]
        found.append(f"| {' | '.join(padded)} |")
    if table.summary:
        found += ["", *(f"- {_escaped(word)}: {_escaped(text)}" for word, text in table.summary)]
    for note in table.notes:
        found += ["", _escaped(note)]
    return "\n".join(found) + "\n"


def _texts(cells: tuple[Cell, ...], columns: tuple[Column, ...]) -> list[str]:
    return [_escaped(cell_text(cell, col)) for cell, col in zip(cells, columns, strict=True)]


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
