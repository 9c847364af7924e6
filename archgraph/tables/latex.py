"""A table as LaTeX with booktabs, for a paper: it may break over pages where it is long."""

from __future__ import annotations

from archgraph.tables.table import Cell, Column, Table, cell_text, sentences

__all__ = ["latex"]

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "×": r"$\times$",
    "≥": r"$\geq$",
    "·": r"$\cdot$",
    "–": "--",
    "—": "---",
    "→": r"$\rightarrow$",
    "…": r"\ldots{}",
    "⊕": r"$\oplus$",
}
LONG = 45
"""Rows beyond which one page is not enough."""


def latex(table: Table) -> str:
    r"""Return a ``table`` (or, when long, a ``longtable``) that compiles with a stock LaTeX.

    The preamble needs ``\usepackage{booktabs}``, ``\usepackage[T1]{fontenc}`` and, for long
    tables, ``\usepackage{longtable}``.
    """
    align = "".join("r" if column.right else "l" for column in table.columns)
    head = _row([_head(column) for column in table.columns])
    body = [_row(_texts(row, table.columns)) for row in table.rows]
    foot = [r"\midrule", _row(_texts(table.totals, table.columns))] if table.totals else []
    caption = rf"\caption{{{_escaped(sentences(table.title, table.subtitle, *table.notes))}}}"
    summary = [f"% {_comment(word)}: {_comment(text)}" for word, text in table.summary]
    if len(body) > LONG:
        lines = [
            "% needs: booktabs, longtable, [T1]fontenc",
            rf"\begin{{longtable}}{{{align}}}",
            caption + r" \\",
            r"\toprule",
            head,
            r"\midrule",
            r"\endhead",
            *body,
            *foot,
            r"\bottomrule",
            r"\end{longtable}",
        ]
    else:
        lines = [
            "% needs: booktabs, [T1]fontenc",
            r"\begin{table}",
            r"\centering",
            caption,
            rf"\begin{{tabular}}{{{align}}}",
            r"\toprule",
            head,
            r"\midrule",
            *body,
            *foot,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
        ]
    return "\n".join([*lines, *summary]) + "\n"


def _head(column: Column) -> str:
    return _escaped(f"{column.title} ({column.unit})" if column.unit else column.title)


def _texts(cells: tuple[Cell, ...], columns: tuple[Column, ...]) -> list[str]:
    return [_escaped(cell_text(cell, col)) for cell, col in zip(cells, columns, strict=True)]


def _row(texts: list[str]) -> str:
    return " & ".join(texts) + r" \\"


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(char, char) for char in " ".join(text.split()))


def _comment(text: str) -> str:
    return " ".join(text.split())
