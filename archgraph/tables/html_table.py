"""A table as accessible HTML: a caption, header cells that say what they head."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from archgraph.tables.table import Cell, Column, Table, cell_text

__all__ = ["html_table"]

LONG = 30
"""Letters beyond which a cell's text may break into lines."""

WHOLE = ";white-space:nowrap"
"""Of a shorter one: a notebook that is narrow would break "100.0 %" and "3 × 224 × 224"."""


def html_table(table: Table, links: Sequence[str] | None = None) -> str:
    """Return the table; ``links`` says by row where its first cell leads."""
    # The subtitle has a line of its own, as in a terminal.
    caption = "<br>".join(escape(words) for words in (table.title, table.subtitle) if words)
    # Where no style sheet says how far cells stand apart, the attribute does.
    lines = [
        '<div class="scroll"><table cellpadding="4" style="border-collapse:collapse">',
        *([f'<caption style="text-align:left">{caption}</caption>'] if caption else []),
        "<thead><tr>",
    ]
    for column in table.columns:
        unit = f" <small>{escape(column.unit)}</small>" if column.unit else ""
        lines.append(f'<th scope="col"{_aligned(column)}>{escape(column.title)}{unit}</th>')
    lines.append("</tr></thead>\n<tbody>")
    targets = links or [""] * len(table.rows)
    pairs = zip(table.rows, targets, strict=True)
    lines += [_row(row, table.columns, target) for row, target in pairs]
    lines.append("</tbody>")
    if table.totals:
        # A line above it, since notebooks show a last row as any other.
        total = _row(table.totals, table.columns)
        lines.append(f'<tfoot style="border-top:1px solid #888">{total}</tfoot>')
    lines.append("</table></div>")
    lines += [
        f'<p class="soft note">{escape(name)}: {escape(text)}</p>' for name, text in table.summary
    ]
    lines += [f'<p class="soft note">{escape(note)}</p>' for note in table.notes]
    return "\n".join(lines)


def _row(cells: tuple[Cell, ...], columns: tuple[Column, ...], target: str = "") -> str:
    found = []
    for place, (cell, column) in enumerate(zip(cells, columns, strict=True)):
        text = escape(cell_text(cell, column))
        if place:
            words = ' class="words"' if len(text) > LONG else _aligned(column, WHOLE)
            found.append(f"<td{words}>{text}</td>")
            continue
        inside = f'<a href="{escape(target)}">{text}</a>' if target else text
        found.append(f'<th scope="row" style="text-align:left">{inside}</th>')
    return f"<tr>{''.join(found)}</tr>"


def _aligned(column: Column, whole: str = "") -> str:
    # Notebooks align as they like where nothing is said.
    if column.right:
        return f' class="number" style="text-align:right{whole}"'
    return f' style="text-align:left{whole}"'
