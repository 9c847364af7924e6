"""Tables that show themselves: as text in a terminal, as HTML in a notebook, in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from archgraph.errors import FormatError
from archgraph.files import write_text
from archgraph.optional import needing
from archgraph.tables.html_table import html_table
from archgraph.tables.latex import InPaper
from archgraph.tables.render import SUFFIXES, records, render
from archgraph.tables.table import Table
from archgraph.tables.terminal import terminal

Shown = tuple[Sequence[Table], Mapping[str, Any] | None]
"""Tables, and all that is known as plain values."""

__all__ = ["Showing", "ShownTable"]


def _is_whole(value: object) -> bool:
    """Return whether a value is unknown, or a whole number that 64 bits hold."""
    return value is None or (type(value) is int and -(2**63) <= value < 2**63)


class Showing:
    """An answer that shows itself as tables.

    It prints as the command line does, and a notebook shows it as a table of its own.
    ``to_pandas`` gives it as a DataFrame, ``to_dict`` as plain values with exact integers and None
    for what is unknown, ``save`` writes it by the suffix: .csv, .json, .md, .tex or .txt.
    """

    __slots__ = ()
    shown_by: ClassVar[str] = ""
    """Where its tables are made, ``module:function``, of an answer that others lay out.

    The function takes the answer and whether figures are to be exact, for programs, and returns
    tables and a record of plain values, None where the rows are all.
    """

    def _tables(self, exact: bool) -> Shown:
        module, _, name = self.shown_by.partition(":")
        found: Shown = getattr(import_module(module), name)(self, exact)
        return found

    def _words(self) -> str:
        return "\n".join(map(terminal, self._tables(False)[0]))

    def __repr__(self) -> str:
        return self._words().rstrip("\n")

    def _repr_html_(self) -> str:
        return "\n".join(map(html_table, self._tables(False)[0]))

    def to_pandas(self) -> Any:
        """Return its rows as a pandas.DataFrame, a column for each key; needs pandas.

        A whole number that is unknown is ``<NA>`` among whole numbers, which stay exact; pandas
        leaves it out of sums, so that a network's totals are to be asked of the network.
        """
        with needing("a DataFrame"):
            import pandas as pd
        table = self._tables(True)[0][0]
        rows = records(table)
        frame = pd.DataFrame(rows, columns=[each.key for each in table.columns])
        for column in table.columns:
            values = [row[column.key] for row in rows]
            if column.kind == "number" and None in values and all(map(_is_whole, values)):
                frame[column.key] = pd.array(values, dtype="Int64")
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Return all that it knows as plain values, as ``--format json`` prints it."""
        tables, record = self._tables(True)
        return dict(record) if record is not None else {"rows": records(tables[0])}

    def save(
        self,
        path: str | Path,
        *,
        caption: str | None = None,
        label: str | None = None,
        wide: bool = False,
    ) -> Path:
        """Write it in the format that the suffix says; return the path.

        ``caption``, ``label`` and ``wide`` are of .tex: the words above it instead of its own, the
        name by which a paper refers to it, and whether it is as wide as both columns of a page.
        Raises FormatError for another suffix and for what a format has not, FileError where it
        cannot be written.
        """
        path = Path(path)
        form = SUFFIXES.get(path.suffix.lstrip(".").lower())
        if form is None:
            known = ", ".join(f".{suffix}" for suffix in SUFFIXES)
            raise FormatError(f"there is no table format '{path.suffix}'; there are {known}.")
        paper = InPaper(caption, label, wide)
        if form == "json":
            paper.refuse()
            from archgraph.formats.plain_json import plain_json

            return write_text(path, plain_json(self.to_dict()))
        if form == "table":
            paper.refuse()
            return write_text(path, self._words())
        tables = self._tables(form == "csv")[0]
        made = [render(table, form, paper.numbered(n)) for n, table in enumerate(tables, 1)]
        return write_text(path, "\n".join(made))


class ShownTable(Showing):
    """What ``cost``, ``compare``, ``explain`` and ``memory`` answer: tables that show themselves.

    It prints as the command line does, and a notebook shows it as a table of its own.
    ``to_pandas`` gives it as a DataFrame, ``to_dict`` as plain values with exact integers and None
    for what is unknown, ``save`` writes it by the suffix: .csv, .json, .md, .tex or .txt.
    """

    def __init__(
        self, shown: Sequence[Table], exact: Sequence[Table], record: Mapping[str, Any] | None
    ) -> None:
        self._shown, self._exact, self._record = tuple(shown), tuple(exact), record

    def _tables(self, exact: bool) -> Shown:
        return (self._exact if exact else self._shown), self._record
