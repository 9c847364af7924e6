"""A table as plain data: columns that say what they hold, rows of values, nothing of its look."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from archgraph.errors import FormatError
from archgraph.metrics import Metric, Number
from archgraph.nearest import nearest
from archgraph.units import UNKNOWN, exact_text, spaced_shape

__all__ = [
    "AtLeast",
    "Cell",
    "Column",
    "Kind",
    "Table",
    "cell_text",
    "listed_words",
    "printable",
    "sentences",
    "sorted_rows",
    "total_cell",
]

Kind = Literal["text", "number", "difference", "shape", "percent", "year"]
"""What a column holds; a difference has a sign, a year no commas."""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A total of which some parts are unknown: what is known is a lower bound."""

    value: Number
    unknown: int


Cell = str | Number | tuple[int | None, ...] | AtLeast | None
"""One value. None is a number that cannot be known; an empty text is nothing to say."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``key`` names it for programs, ``title`` and ``unit`` for people.

    Its cells hold whole numbers of MACs or bytes; ``per`` is how many of them make one ``unit``.
    """

    key: str
    title: str
    kind: Kind = "text"
    unit: str = ""
    per: int = 1

    @property
    def head(self) -> str:
        """The title with the unit in brackets."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    @property
    def right(self) -> bool:
        """Whether the column's cells line up on their right: numbers do, text and shapes not."""
        return self.kind != "text"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, with titles above, and totals, a summary and notes below."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[Cell, ...] | None = None
    summary: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    subtitle: str = ""
    caption: str = ""
    """What stands above it in a paper, a sentence without its full stop; empty for the title."""
    called: Mapping[str, str] = field(default_factory=dict)
    """What a paper calls the names in the first column, such as AlexNet for alexnet."""

    def texts(
        self, row: Sequence[Cell], form: Callable[[str], str] = lambda text: text
    ) -> list[str]:
        """Return a row's cells as people read them, each put through ``form``."""
        return [
            form(cell_text(cell, column)) for cell, column in zip(row, self.columns, strict=True)
        ]


def sorted_rows(table: Table, key: str | None) -> Table:
    """Return the table with its rows in the order of a column.

    Numbers stand from the largest, unknown ones last; names and shapes as the alphabet has them.
    Raises FormatError for a column that it has not.
    """
    if key is None:
        return table
    keys = [column.key for column in table.columns]
    if key not in keys:
        raise FormatError(
            f"rows cannot stand by '{key}'{nearest(key, keys)}; the columns are {', '.join(keys)}."
        )
    place = keys.index(key)
    return replace(table, rows=tuple(sorted(table.rows, key=lambda row: _rank(row[place]))))


def _rank(cell: Cell) -> tuple[int, Number, str]:
    if isinstance(cell, AtLeast):
        cell = cell.value
    if cell is None or cell == "":
        return (2, 0, "")
    if isinstance(cell, (int, float)):
        return (0, -cell, "")
    return (1, 0, str(cell))


def total_cell(metric: Metric, values: Sequence[Number | None]) -> Cell:
    """Return the total of a metric's values; what it is at least where some are unknown."""
    total = metric.combine(values)
    return AtLeast(metric.known(values), values.count(None)) if total is None else total


def cell_text(cell: Cell, column: Column) -> str:
    """Return a cell as people read it in any format: exact, with separators, never bare None."""
    if isinstance(cell, str):
        return printable(cell)
    if cell is None:
        return UNKNOWN
    if isinstance(cell, tuple):
        return spaced_shape(cell)
    if isinstance(cell, AtLeast):
        return f"≥ {cell_text(cell.value, column)}"
    if column.kind == "year":
        return str(cell)
    if column.per != 1:
        return _part(cell, column.per)
    if column.kind == "difference":
        return f"{'+' if cell > 0 else '−' if cell < 0 else ''}{exact_text(abs(cell))}"
    if column.kind == "percent":
        return f"{cell:.1f} %"
    return exact_text(cell)


def _part(value: Number, per: int) -> str:
    """Return value / per with two digits behind the point; floats would make digits up.

    What would be 0.00 and is not has two digits that say how much: 0.0035.
    """
    if abs(200 * value) < per:
        return f"{value / per:.2g}" if value else "0"
    if not isinstance(value, int):
        return f"{value / per:,.2f}"
    hundredths, rest = divmod(abs(100 * value), per)
    hundredths += 2 * rest > per or (2 * rest == per and hundredths % 2)
    return f"{'-' * (value < 0)}{hundredths // 100:,}.{hundredths % 100:02d}"


def printable(text: str) -> str:
    """Return one line without control characters, which a terminal or a reader would obey."""
    if text.isprintable():
        return text
    return "".join(
        " " if char in "\n\r\t" else "�" if unicodedata.category(char) in ("Cc", "Cf") else char
        for char in text
    )


def sentences(*words: str) -> str:
    """Return words as one text, with one full stop between two of them and none at its end."""
    *first, last = [word.strip() for word in words if word.strip()] or [""]
    return " ".join([*(word if word[-1] in ".!?" else f"{word}." for word in first), last])


def listed_words(words: Sequence[str]) -> str:
    """Return words in a row: ``a``, ``a and b``, ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
