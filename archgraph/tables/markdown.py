"""A table as GitHub-flavoured Markdown that is also readable as plain text."""

from __future__ import annotations

import re

from archgraph.tables.table import Table

__all__ = ["markdown"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def markdown(table: Table) -> str:
    """Return the title, the table with a bold row of totals, the summary and the notes."""
    heads = [_escaped(column.head) for column in table.columns]
    rows = [table.texts(row, _escaped) for row in table.rows]
    if table.totals:
        rows.append([f"**{text}**" if text else "" for text in table.texts(table.totals, _escaped)])
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


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
