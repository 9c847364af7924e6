"""A table as accessible HTML: a caption, header cells that say what they head."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from archgraph.tables.table import Cell, Column, Table, cell_text, sentences

__all__ = ["html_table"]

LONG = 30
"""Letters beyond which a cell's text may break into lines."""


def html_table(table: Table, links: Sequence[str] | None = None) -> str:
    """Return the table; ``links`` says by row where its first cell leads."""
    caption = sentences(table.title, table.subtitle)
    # Where no style sheet says how far cells stand apart, the attribute does.
    lines = [
        '<div class="scroll"><table cellpadding="4">',
        f"<caption>{escape(caption)}</caption>",
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
        lines.append(f"<tfoot>{_row(table.totals, table.columns)}</tfoot>")
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
            words = ' class="words"' if len(text) > LONG else _aligned(column)
            found.append(f"<td{words}>{text}</td>")
            continue
        inside = f'<a href="{escape(target)}">{text}</a>' if target else text
        found.append(f'<th scope="row" style="text-align:left">{inside}</th>')
    return f"<tr>{''.join(found)}</tr>"


def _aligned(column: Column) -> str:
    # Notebooks align as they like where nothing is said.
    return (
        ' class="number" style="text-align:right"' if column.right else ' style="text-align:left"'
    )
