"""The architectures as a table: name, year, size, cost and one line about each."""

from __future__ import annotations

from archgraph.architecture import architectures, build
from archgraph.tables.cost_table import convention_text
from archgraph.tables.table import Cell, Column, Table

__all__ = ["listing"]

COLUMNS = (
    Column("name", "Name"),
    Column("year", "Year", "year"),
    Column("input", "Input", "shape"),
    Column("params", "Parameters", "number"),
    Column("macs", "MACs", "number"),
    Column("summary", "What it is"),
)


def listing() -> Table:
    """Return every known architecture with what it costs at its own input, oldest first."""
    known = sorted(architectures().values(), key=lambda each: each.year or 9999)
    rows: list[tuple[Cell, ...]] = []
    for each in known:
        net = build(each.name)
        year: Cell = "" if each.year is None else each.year
        costs = net.total("params"), net.total("macs")
        rows.append((each.name, year, net.input_shape, *costs, each.summary))
    return Table(f"{len(rows)} networks", COLUMNS, tuple(rows), subtitle=convention_text("macs"))
