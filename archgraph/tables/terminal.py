"""A table for a terminal: aligned columns under rules, units in the header, totals below."""

from __future__ import annotations

import unicodedata

from archgraph.tables.table import Table, printable

__all__ = ["terminal"]

GAP = "  "
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def terminal(table: Table, *, colour: bool = False) -> str:
    """Return the table as lines of text; with ``colour`` bold and dim by ANSI codes."""
    body = [table.texts(row) for row in table.rows]
    foot = [table.texts(table.totals)] if table.totals else []
    titles = [column.title for column in table.columns]
    units = [column.unit for column in table.columns]
    heads = [titles, units] if any(units) else [titles]
    lines = [*heads, *body, *foot]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(titles))]
    rule = "─" * (sum(widths) + len(GAP) * (len(widths) - 1))

    def joined(cells: list[str], style: str = "") -> str:
        padded = [
            _padded(text, width, column.right)
            for text, width, column in zip(cells, widths, table.columns, strict=True)
        ]
        if colour and not style:
            padded = [
                f"{_DIM}{pad}{_PLAIN}" if text in ("0", "0.00") else pad
                for text, pad in zip(cells, padded, strict=True)
            ]
        text = GAP.join(padded).rstrip()
        return f"{style}{text}{_PLAIN}" if colour and style else text

    found = [_styled(table.title, _BOLD, colour), _styled(table.subtitle, _DIM, colour), ""]
    found = [line for line in found if line] + [""] if any(found) else []
    found += [joined(heads[0], _BOLD), *(joined(head, _DIM) for head in heads[1:]), rule]
    found += [joined(row) for row in body]
    if foot:
        found += [rule, *(joined(row, _BOLD) for row in foot)]
    if table.summary:
        room = max(_width(word) for word, _ in table.summary)
        found += ["", *(f"{_padded(word, room, False)}{GAP}{text}" for word, text in table.summary)]
    if table.notes:
        found += ["", *map(printable, table.notes)]
    return "\n".join(found) + "\n"


def _styled(text: str, style: str, colour: bool) -> str:
    text = printable(text)
    return f"{style}{text}{_PLAIN}" if colour and text else text


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes: wide scripts take two per sign."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _padded(text: str, width: int, right: bool) -> str:
    room = " " * (width - _width(text))
    return room + text if right else text + room
