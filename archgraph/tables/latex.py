"""A table as LaTeX with booktabs, for a paper: it may break over pages where it is long."""

from __future__ import annotations

from archgraph.tables.table import Table, sentences

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
    head = _row([_escaped(column.head) for column in table.columns])
    body = [_row(table.texts(row, _escaped)) for row in table.rows]
    foot = [r"\midrule", _row(table.texts(table.totals, _escaped))] if table.totals else []
    caption = rf"\caption{{{_escaped(sentences(table.title, table.subtitle, *table.notes))}}}"
    summary = [f"% {_comment(word)}: {_comment(text)}" for word, text in table.summary]
    rules = [r"\toprule", head, r"\midrule"]
    if len(body) > LONG:
        needs, end = "% needs: booktabs, longtable, [T1]fontenc", [r"\end{longtable}"]
        begin = [rf"\begin{{longtable}}{{{align}}}", caption + r" \\", *rules, r"\endhead"]
    else:
        needs, end = "% needs: booktabs, [T1]fontenc", [r"\end{tabular}", r"\end{table}"]
        begin = [r"\begin{table}", r"\centering", caption, rf"\begin{{tabular}}{{{align}}}", *rules]
    lines = [needs, *begin, *body, *foot, r"\bottomrule", *end]
    return "\n".join([*lines, *summary]) + "\n"


def _row(texts: list[str]) -> str:
    return " & ".join(texts) + r" \\"


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(char, char) for char in " ".join(text.split()))


def _comment(text: str) -> str:
    return " ".join(text.split())
