"""What the tools said of a network, as data, and how it prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from archgraph.errors import UnknownNameError
from archgraph.formats.plain_json import plain_json
from archgraph.nearest import nearest
from archgraph.tables import Showing
from archgraph.tables.render import render
from archgraph.tables.table import AtLeast, Cell, Column, Table
from archgraph.units import listed_names, spaced_shape

__all__ = ["Count", "Counters"]

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Count:
    """What one tool, of a version of a package, said: its number in its unit, and as MACs.

    ``because`` are the rules by which it differs from archgraph, with what each adds or takes;
    ``remainder`` is what no rule explains. Where the tool ``failed``, that says how in one line,
    and the numbers are None.
    """

    tool: str
    package: str
    version: str
    unit: str
    reports: int | None = None
    macs: int | None = None
    because: dict[str, int] = field(default_factory=dict)
    remainder: int | None = None
    failed: str = ""


@dataclass(frozen=True, repr=False)
class Counters(Showing):
    """What ``counters`` found; it prints as a table.

    ``macs`` are archgraph's multiply-adds for one example, at least so many where some operators
    are ``unknown``; ``counts`` what each tool said, also by name: ``found["fvcore"]``; ``missing``
    are packages that are not installed.
    """

    name: str
    title: str
    input: tuple[Any, ...]
    macs: int
    counts: tuple[Count, ...]
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Count]:
        return iter(self.counts)

    def __getitem__(self, tool: str) -> Count:
        for each in self.counts:
            if each.tool == tool:
                return each
        names = [each.tool for each in self.counts]
        raise UnknownNameError(
            f"'{tool}' was not asked{nearest(tool, names)}; asked were {', '.join(names)}."
        )

    def render(self, format: str = "table") -> str:
        """Return it as text: ``table``, ``json``, ``csv``, ``markdown`` or ``latex``.

        Raises FormatError for any other format.
        """
        if format == "json":
            return plain_json(asdict(self), indent=2) + "\n"
        return render(self.table(), format)

    def table(self) -> Table:
        """Return a row for each tool, and below it one for each rule by which it differs."""
        columns = (
            Column("tool", "Tool"),
            Column("reports", "Reports", "number"),
            Column("unit", ""),
            Column("macs", "as MACs", "number"),
            Column("difference", "− archgraph", "difference"),
            Column("why", "Why"),
        )
        ours: Cell = AtLeast(self.macs, len(self.unknown)) if self.unknown else self.macs
        rows: list[tuple[Cell, ...]] = [("archgraph", ours, "MACs", ours, "", "")]
        for each in self.counts:
            rows += self._rows(each)
        versions = dict.fromkeys(f"{each.package} {each.version}" for each in self.counts)
        notes = [f"Asked: {', '.join(versions)}"]
        if self.unknown:
            names = listed_names([str(name) for name in self.unknown], _SHOWN)
            notes.append(
                f"of {names} shapes or costs are unknown: what tools count there is unexplained"
            )
        if self.missing:
            notes.append(
                f"not installed: {', '.join(self.missing)}; "
                'pip install "archgraph[counters]" brings them'
            )
        title = f"{self.title} ({self.name})" if self.title != self.name else self.name
        return Table(
            f"{title} · input {spaced_shape(self.input)} · one example",
            columns,
            tuple(rows),
            notes=tuple(notes),
        )

    def _rows(self, each: Count) -> list[tuple[Cell, ...]]:
        if each.macs is None:
            return [(each.tool, "", "", "", "", f"fails: {each.failed}")]
        made = each.macs - self.macs
        said: tuple[Cell, ...] = (each.tool, each.reports, each.unit, each.macs, made)
        if not each.because and not each.remainder:
            return [(*said, "the same")]
        why = list(each.because.items())
        if each.remainder:
            why.append(("unexplained", each.remainder))
        if len(why) == 1:
            return [(*said, why[0][0])]
        return [(*said, ""), *(("", "", "", "", number, words) for words, number in why)]

    def _tables(self, exact: bool) -> tuple[list[Table], dict[str, Any]]:
        del exact  # figures are exact
        return [self.table()], asdict(self)
