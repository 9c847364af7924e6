r"""A table as LaTeX with booktabs, for a paper: in a column, over both, or over pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from archgraph.errors import FormatError
from archgraph.options import is_typed, written
from archgraph.tables.table import Cell, Table, sentences
from archgraph.tables.tex_words import tex_words

__all__ = ["COLUMN", "LONG", "InPaper", "inches", "latex"]

LONG = 45
"""Rows beyond which one page is not enough."""

COLUMN = 3.3
"""How wide a column of a paper of two columns is, in inches."""

_LABEL = re.compile(r"[A-Za-z0-9:._/+-]+")
_LINE = 345.0
"""How wide the text of LaTeX's article is in one column, in TeX's points of 1/72.27 inch."""

_FITTED = r"""% a table, in the largest size that fits, and the notes below it
\providecommand\archgraphtable[2]{{\par\vspace{4pt}\setbox0\hbox{\small#1}%
  \ifdim\wd0>\linewidth\setbox0\hbox{\footnotesize\tabcolsep4pt#1}\fi
  \ifdim\wd0>\linewidth\setbox0\hbox{\scriptsize\tabcolsep2.5pt#1}\fi
  \ifdim\wd0>\linewidth
    \typeout{archgraph: a table is shrunk from \the\wd0 to \the\linewidth}%
    \setbox0\hbox{\resizebox{\linewidth}{!}{\box0}}\fi
  \leavevmode\dimen0\wd0\box0
  \ifdim\dimen0<.7\linewidth\dimen0.7\linewidth\fi
  \if\relax\detokenize{#2}\relax\else\par\smallskip
    \parbox{\dimen0}{\footnotesize\raggedright#2}\fi}}"""


@dataclass(frozen=True, slots=True)
class InPaper:
    """How a table stands in a paper: its caption, its label, and whether it is as wide as a page.

    Without a caption it has one of its own, without a label none. Raises FormatError for a label
    that LaTeX would not take.
    """

    caption: str | None = None
    label: str | None = None
    wide: bool = False

    def __post_init__(self) -> None:
        if self.label is not None and not _LABEL.fullmatch(self.label):
            raise FormatError(
                f"the label '{self.label}' is none for LaTeX; write letters, digits and :._/+-, "
                "such as tab:costs."
            )

    @property
    def asked(self) -> list[str]:
        """The names of what a user asked for."""
        values = (self.caption, self.label, self.wide or None)
        return [
            name
            for name, value in zip(("caption", "label", "wide"), values, strict=True)
            if value is not None
        ]

    def refuse(self) -> None:
        """Raise FormatError where something is asked for: what is written is no table in LaTeX."""
        for name in self.asked:
            how = "add --format latex or -o FILE.tex" if is_typed() else "save it as .tex"
            raise FormatError(f"{written(name)} is of a table in LaTeX: {how}.")

    def numbered(self, place: int) -> InPaper:
        """Return this for the table in a place: two may not have one label."""
        if place == 1 or self.label is None:
            return self
        return InPaper(self.caption, f"{self.label}-{place}", self.wide)


def latex(table: Table, form: InPaper | None = None) -> str:
    r"""Return a ``table``, or ``table*`` where it is to be wide; a ``longtable`` of many rows.

    It compiles with a stock LaTeX; its first lines say which packages it needs. One that is wider
    than its column is set in smaller letters. A ``longtable`` is for one column. Raises
    FormatError for a wide table of more rows than a page holds.
    """
    form = form or InPaper()
    if form.wide and len(table.rows) > LONG:
        raise FormatError(
            f"the table has {len(table.rows)} rows, and a wide one stands on one page, which holds "
            f"some {LONG}; count by block or by stage, or leave {written('wide')} out."
        )
    lines = _long(table, form) if len(table.rows) > LONG else _short(table, form)
    summary = [f"% {_comment(word)}: {_comment(text)}" for word, text in table.summary]
    return "\n".join([*lines, *summary]) + "\n"


def _short(table: Table, form: InPaper) -> list[str]:
    kind = "table*" if form.wide else "table"
    notes = _notes(table)
    return [
        _needs(table, "booktabs"),
        _FITTED,
        rf"\begin{{{kind}}}",
        r"\centering",
        *_caption(table, form),
        r"\archgraphtable{%",
        rf"\begin{{tabular}}{{{_align(table)}}}",
        r"\toprule",
        *_heads(table),
        r"\midrule",
        *_body(table),
        r"\bottomrule",
        r"\end{tabular}}{%" if notes else r"\end{tabular}}{}",
        *([f"{notes}}}"] if notes else []),
        rf"\end{{{kind}}}",
    ]


def _long(table: Table, form: InPaper) -> list[str]:
    """Return a table that breaks over pages, its caption and heads above, its notes below."""
    caption, *label = _caption(table, form)
    notes, count = _notes(table), len(table.columns)
    size, step = _size(table)
    again = rf"\multicolumn{{{count}}}{{@{{}}l@{{}}}}{{continued}} \\"
    heads = [r"\toprule", *_heads(table), r"\midrule"]
    return [
        _needs(table, "booktabs,longtable"),
        "% A long table breaks over pages, in one column only. For two columns count by block or",
        "% by stage, or put it behind \\onecolumn.",
        rf"\begingroup\{size}\setlength\tabcolsep{{{step}pt}}",
        rf"\begin{{longtable}}{{{_align(table)}}}",
        "".join([caption, *label, r"\\"]),
        *heads,
        r"\endfirsthead",
        again,
        *heads,
        r"\endhead",
        r"\bottomrule",
        r"\endfoot",
        *_body(table),
        r"\end{longtable}",
        *([rf"\noindent\footnotesize\raggedright {notes}\par"] if notes else []),
        r"\endgroup",
    ]


def _heads(table: Table) -> list[str]:
    """Return the titles and, where there are some, the units below them."""
    rows = [_row(_words(column.title) for column in table.columns)]
    if any(column.unit for column in table.columns):
        rows.append(_row(f"({_words(c.unit)})" if c.unit else "" for c in table.columns))
    return rows


def _body(table: Table) -> list[str]:
    rows = [_row(_cells(table, row)) for row in table.rows]
    return rows + ([r"\midrule", _row(_cells(table, table.totals))] if table.totals else [])


def _cells(table: Table, row: tuple[Cell, ...]) -> list[str]:
    first, *others = table.texts(row)
    return [_words(table.called.get(first, first)), *map(_words, others)]


def _align(table: Table) -> str:
    return "@{}" + "".join("r" if column.right else "l" for column in table.columns) + "@{}"


def _caption(table: Table, form: InPaper) -> list[str]:
    words = form.caption if form.caption is not None else table.caption
    if not words:
        words = table.title.replace(" · ", ", ")
        words = words[:1].upper() + words[1:]
    lines = [rf"\caption{{{_words(sentences(words, ''))}}}"]
    return [*lines, rf"\label{{{form.label}}}"] if form.label else lines


def _notes(table: Table) -> str:
    """Return what stands below a table: what it counts, and its notes, each a sentence."""
    said = [] if table.subtitle in table.caption else [table.subtitle]
    for note in table.notes:
        name, colon, rest = note.partition(":")
        said.append(f"{table.called[name]}{colon}{rest}" if name in table.called else note)
    words = sentences(*(f"{text[:1].upper()}{text[1:]}" for text in said if text.strip()))
    told = _words(words + "." * bool(words and words[-1] not in ".!?"))
    # A long path of modules goes on in the next line.
    return _NUMBERED.sub(r"\g<0>\\allowbreak{}", told)


def _needs(table: Table, packages: str) -> str:
    words = [table.title, table.subtitle, *table.notes, table.caption]
    words += [text for row in table.rows for text in table.texts(row)]
    beyond = any(
        char in "«»„‚" or (char.isalpha() and "À" <= char <= "ž") for text in words for char in text
    )
    fonts = r"\usepackage[T1]{fontenc}" if beyond else ""
    return rf"% needs \usepackage{{{packages}}}{fonts}"


def inches(table: Table) -> float:
    """Return about how wide a table is in its smallest letters, of 7 pt."""
    return (_letters_across(table) * 0.5 * 7 + len(table.columns) * 5.0) / 72.27


def _size(table: Table) -> tuple[str, float]:
    """Return the size in which a long table fits a line, and the room beside its columns."""
    wide = _letters_across(table)
    for size, points, step in (("small", 9, 6.0), ("footnotesize", 8, 4.0)):
        if wide * 0.5 * points + len(table.columns) * 2 * step < _LINE:
            return size, step
    return "scriptsize", 2.5


def _letters_across(table: Table) -> int:
    """Return how many letters the longest cells of all columns have."""
    lines = [[column.title for column in table.columns], *(map(table.texts, table.rows))]
    return sum(max(len(line[place]) for line in lines) for place in range(len(table.columns)))


def _row(texts: Iterable[str]) -> str:
    return " & ".join(texts) + r" \\"


def _words(text: str) -> str:
    words = tex_words(" ".join(text.split()), letters=_letters)
    return _IN_SHAPE.sub(r"\\,×\\,", words).translate(_MATHEMATICS)


_NUMBERED = re.compile(r"(?<=[A-Za-z_.])\d+\.(?=[A-Za-z])")
"""A number in a name such as ``encoder.layers.0.mlp``."""
_IN_SHAPE = re.compile(r"(?<=[\dN?]) × (?=[\dN?])")
_MATHEMATICS = {
    ord(char): f"${sign}$"
    for char, sign in zip(
        "×÷±·²³¹°µ",
        (r"\times", r"\div", r"\pm", r"\cdot", "^2", "^3", "^1", r"^\circ", r"\mu"),
        strict=True,
    )
}
"""Signs that Computer Modern has in mathematics, and in text as bitmaps at most."""


def _letters(letters: str, _: bool) -> str:
    """Return letters of another script: what pdfTeX cannot print is a question mark there."""
    return rf"\ifdefined\Umathchar {letters}\else {'?' * len(letters)}\fi{{}}"


def _comment(text: str) -> str:
    return " ".join(text.split())
