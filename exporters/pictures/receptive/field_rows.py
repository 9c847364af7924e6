"""What a picture of receptive fields shows of a network: layers, and what one unit of each sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from archgraph.analysis import ReceptiveField, receptive_fields
from archgraph.graph import ArchGraph

from ..dress.spoken import say
from ..view import LEVELS, build_view

__all__ = ["Fields", "Row", "fields_of", "size_text"]

MOST = 8
"""Rows that are shown of one network."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """A layer, and its units' fields along each axis of the maps.

    ``others`` are layers that see as much in other steps.
    """

    name: str
    node: str
    fields: tuple[ReceptiveField, ...]
    others: tuple[Row, ...] = ()

    @property
    def text(self) -> str:
        """How much a unit sees and how far it is to the next: ``35 × 35 px, step 4``."""
        steps = dict.fromkeys(_step(row) for row in (self, *self.others))
        size = size_text(self.fields)
        return say("{size} px, step {steps}", size=size, steps=", ".join(steps))

    @property
    def names(self) -> str:
        """The names of all that see as much."""
        return ", ".join([self.name, *(row.name for row in self.others)])

    def spans(self, centre: Sequence[float]) -> list[Span]:
        """Return the pixels that the unit sees that is nearest to a point, along each axis."""
        return [_nearest(field, each) for field, each in zip(self.fields, centre, strict=True)]


def _step(row: Row) -> str:
    steps = [str(field.stride) for field in row.fields]
    return steps[0] if len({*steps}) == 1 else " × ".join(steps)


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
    if not any(_told(each) for each in known):
        return Fields(net, extents, ())
    levels = [level] if level in LEVELS else ["layer", "block", "stage"]
    found = [_at(net, each, extents, known) for each in levels[:1]]
    while len(_by_size(found[-1].rows)) > MOST and len(found) < len(levels):
        found.append(_at(net, levels[len(found)], extents, known))
    best = next(each for each in reversed(found) if each.rows or each is found[0])
    rows = _by_size(best.rows)
    if len(rows) > MOST:  # evenly, the last among them
        rows = tuple(rows[(n * (len(rows) - 1)) // (MOST - 1)] for n in range(MOST))
    return replace(best, rows=rows)


def _told(fields: Mapping[str, ReceptiveField | None]) -> bool:
    return any(field and field.spans and field.size != 1 for field in fields.values())


def _by_size(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return rows from the smallest field to the largest, one for all that are equal."""
    alike: dict[tuple[int, ...], list[Row]] = {}
    for row in rows:
        alike.setdefault(tuple(field.size or 0 for field in row.fields), []).append(row)
    in_order = sorted(alike.items(), key=lambda each: (prod(each[0]), each[0]))
    return tuple(replace(row, others=tuple(others)) for _, (row, *others) in in_order)


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
    known: Sequence[Mapping[str, ReceptiveField | None]],
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
        if not node.label.name and len(members) == 1:
            name = f"{last}: {name}"
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
