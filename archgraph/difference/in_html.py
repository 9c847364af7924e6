"""A difference as HTML for a notebook: the sentences and totals; what is under them folds open."""

from __future__ import annotations

from html import escape

from archgraph.difference.findings import Findings
from archgraph.difference.in_words import alike, called, said, totals_table
from archgraph.tables.html_table import html_table
from archgraph.tables.table import Table

__all__ = ["in_html"]


def in_html(difference: Findings, rows: Table) -> str:
    """Return what ``in_words`` says as HTML, with ``rows``, one for each difference, to unfold."""
    if difference.isomorphic:
        lines = [f"<p>{escape(line)}</p>" for line in alike(difference)]
    else:
        lines = [f"<p><strong>{escape(' → '.join(called(difference)))}</strong></p>"]
        for head, told in said(difference):
            items = "".join(f"<li>{escape(line)}</li>" for line in told)
            lines.append(f"<p>{escape(head)}</p>\n<ul>{items}</ul>")
        lines.append(html_table(totals_table(difference)))
    if rows.rows:
        lines += ["<details><summary>One by one</summary>", html_table(rows), "</details>"]
    return "\n".join(lines)
