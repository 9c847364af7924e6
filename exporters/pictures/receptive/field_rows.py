"""What a picture of receptive fields shows of a network: layers, and what one unit of each sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archgraph.analysis import ReceptiveField, receptive_fields
from archgraph.graph import ArchGraph

from ..view import LEVELS, build_view

__all__ = ["Fields", "Row", "fields_of", "size_text"]

MOST = 8
"""Rows that are shown of one network."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """A layer, and its units' fields along each axis of the maps; none where they see all."""

    name: str
    node: str
    fields: tuple[ReceptiveField, ...]

    @property
    def text(self) -> str:
        """How much a unit sees and how far it is to the next: ``35 × 35 px, step 4``."""
        steps = list(dict.fromkeys(str(field.stride) for field in self.fields))
        return f"{size_text(self.fields)} px, step {' × '.join(steps)}"

    def spans(self, centre: Sequence[float]) -> list[Span]:
        """Return the pixels that the unit sees that is nearest to a point, along each axis."""
        return [_nearest(field, each) for field, each in zip(self.fields, centre, strict=True)]


def size_text(fields: Sequence[ReceptiveField]) -> str:
    """Return the size of a field: ``35 × 35``."""
    return " × ".join(str(field.size) for field in fields)


def _nearest(field: ReceptiveField, centre: float) -> Span:
    """Return what a unit near a point sees; of neighbours that differ one that sees most."""
    near = round((centre - float(field.centre or 0)) / float(field.stride or 1))
    count = len(field.spans)
    spans = [span for n in range(-count, count + 1) if (span := field.span(near + n))]
    return min(spans, key=lambda span: (span[0] - span[1], abs(sum(span) / 2 - centre)))


@dataclass(frozen=True, slots=True)
class Fields:
    """A network's rows from the input on, and what sees all of it, or is unknown.

    ``extents`` are those of the input's maps, empty where it has none whose size is known.
    """

    net: ArchGraph
    extents: tuple[int, ...]
    rows: tuple[Row, ...]
    whole: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    off_centre: tuple[str, ...] = ()

    def boxes(self) -> list[list[Span]]:
        """Return the pixels of every row: those of one unit of the last, and of others below it."""
        if not self.rows:
            return []
        last = self.rows[-1].spans([(extent - 1) / 2 for extent in self.extents])
        centre = [(first + end) / 2 for first, end in last]
        return [row.spans(centre) for row in self.rows]


def fields_of(net: ArchGraph, level: str) -> Fields:
    """Return what is shown of a network: at the finest level that has few rows, or the asked one.

    Layers after which a unit sees as before are left out.
    """
    extents = _extents(net)
    known = [receptive_fields(net, axis) for axis in range(len(extents))]
    levels = [level] if level in LEVELS else ["layer", "block", "stage"]
    found = None
    for each in levels:
        found = _at(net, each, extents, known)
        if len(found.rows) <= MOST:
            break
    assert found is not None
    rows = found.rows
    if len(rows) > MOST:  # evenly, the last among them
        rows = tuple(rows[(n * (len(rows) - 1)) // (MOST - 1)] for n in range(MOST))
    return Fields(net, extents, rows, found.whole, found.unknown, found.off_centre)


def _extents(net: ArchGraph) -> tuple[int, ...]:
    for name in net.sources:
        shape = net.tensor(name).shape
        if shape is not None and len(shape) > 1:
            maps = shape[2:] or shape[1:]
            if all(type(each) is int for each in maps):
                return tuple(maps)
    return ()


def _at(
    net: ArchGraph,
    level: str,
    extents: tuple[int, ...],
    known: Sequence[dict[str, ReceptiveField | None]],
) -> Fields:
    rows: list[Row] = []
    whole: list[str] = []
    unknown: list[str] = []
    off: list[str] = []
    for node in build_view(net, level).nodes.values():
        members = [name for name in node.members if name in net]
        if not members or node.role == "auxiliary" or node.kind == "output":
            continue
        last = members[-1]
        fields = [each[last] for each in known]
        name = node.label.head or last
        if not fields or any(field is None for field in fields):
            unknown.append(name)
            continue
        told = tuple(field for field in fields if field is not None)
        if any(field.size is None for field in told):
            whole.append(name)
        elif all(field.spans for field in told) and node.kind != "input":
            sees = {(row.fields) for row in rows}
            if told not in sees and any(field.size != 1 for field in told):
                rows.append(Row(name, last, told))
                if not all(field.aligned for field in told):
                    off.append(name)
    return Fields(net, extents, tuple(rows), tuple(whole), tuple(unknown), tuple(off))
