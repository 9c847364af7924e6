"""Lectures as data: what one claims of networks, what their graphs say, which ones it compares.

A package offers its own with an entry point in the group ``archgraph.lectures`` whose value is a
Lecture; a site shows those of whose networks it has pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.plugins import loaded, offers
from archgraph.tables.table import Cell, Column, Table, cell_text

__all__ = [
    "Answer",
    "Arithmetic",
    "Claim",
    "Comparison",
    "Figure",
    "Lecture",
    "Row",
    "answer_table",
    "lectures",
]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure that a claim is about: what the lecture says, and what is so.

    ``claimed`` is empty where the lecture gives no figure. ``source`` names the paper that
    ``found`` is from; without one it is computed from a graph. ``unit`` belongs to both figures.
    """

    what: str
    found: Cell
    claimed: Cell = ""
    unit: str = ""
    source: str = ""

    @property
    def agrees(self) -> bool | None:
        """Whether both figures are the same; None where the lecture gives none."""
        return None if self.claimed == "" else self.claimed == self.found


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How figures of one operator come about, as ``archgraph cost --explain`` writes them.

    ``only`` names the extents (``H'``) and metrics (``params``) of which the claim speaks.
    """

    net: ArchGraph
    node: str
    only: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture that shows it: networks as ``draw`` or, for a chart, as ``chart`` takes them."""

    nets: tuple[ArchGraph, ...]
    caption: str
    options: Mapping[str, Any] = field(default_factory=dict)
    chart: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What graphs, and papers, say of a claim.

    ``instead`` holds the right facts, a sentence or two each, where the lecture is loose.
    """

    rows: tuple[Row, ...] = ()
    tables: tuple[Table, ...] = ()
    arithmetic: tuple[Arithmetic, ...] = ()
    figures: tuple[Figure, ...] = ()
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim in the lecture's own words, and ``answer``, which computes what graphs say of it.

    ``networks`` are the names of the networks that it is about, as the gallery knows them.
    """

    title: str
    words: str
    networks: tuple[str, ...]
    answer: Callable[[], Answer]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Networks that the lecture puts side by side, and why, in a sentence."""

    title: str
    words: str
    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lecture:
    """A lecture: its claims in its order, and the networks that it compares."""

    title: str
    claims: tuple[Claim, ...]
    comparisons: tuple[Comparison, ...] = ()


def lectures() -> list[Lecture]:
    """Return the lectures that installed packages offer, ours first."""
    return [loaded("lectures", name, f"the lecture '{name}'") for name in offers("lectures")]


def answer_table(rows: Iterable[Row]) -> Table | None:
    """Return rows as a table: what the lecture says beside what is so; None where there are none.

    What the lecture says has a column where it says anything; what a paper says has a number, and
    that paper stands in a note.
    """
    rows = tuple(rows)
    if not rows:
        return None
    claimed = any(row.agrees is not None for row in rows)
    sources = list(dict.fromkeys(row.source for row in rows if row.source))
    columns = [Column("what", "What")]
    columns += [Column("claimed", "The lecture")] * claimed
    columns += [Column("found", "What is so" if sources else "The graph")]
    columns += [Column("agrees", "")] * claimed
    marks = {None: "", True: "✓\u00a0agrees", False: "✗\u00a0differs"}
    cells: list[tuple[Cell, ...]] = []
    for row in rows:
        line: list[Cell] = [row.what]
        line += [_figure(row.claimed, row.unit)] * claimed
        mark = f" [{sources.index(row.source) + 1}]" if row.source else ""
        line += [_figure(row.found, row.unit) + mark]
        line += [marks[row.agrees]] * claimed
        cells.append(tuple(line))
    notes = tuple(f"[{number}] {source}" for number, source in enumerate(sources, 1))
    return Table("", tuple(columns), tuple(cells), notes=notes)


def _figure(cell: Cell, unit: str) -> str:
    text = cell_text(cell, Column("", ""))
    return f"{text} {unit}" if unit and text and cell is not None else text
