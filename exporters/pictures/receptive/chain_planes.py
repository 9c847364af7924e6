"""Which units of every layer one unit of the last sees, for chains of a few windows."""

from __future__ import annotations

from dataclasses import dataclass

from archgraph.analysis import receptive_fields
from archgraph.graph import ArchGraph
from archgraph.ops import Input
from archgraph.ops.base import EACH

from .field_rows import Fields, Span

__all__ = ["Plane", "planes_of"]

PLANES, PIXELS = 6, 24
"""Layers of windows, and pixels of a field, that a picture of single units holds."""


@dataclass(frozen=True, slots=True)
class Plane:
    """The units of one layer that count, along each axis.

    ``seen`` are the first and the last that the last layer's unit depends on, ``shown`` those that
    are drawn; unit n stands ``step`` · n + ``first`` pixels from the first pixel.
    """

    name: str
    node: str
    what: str
    seen: tuple[Span, ...]
    shown: tuple[Span, ...]
    step: tuple[float, ...]
    first: tuple[float, ...]


def planes_of(fields: Fields) -> list[Plane] | None:
    """Return the planes of a network from the input on; None for one that is no such chain.

    A chain reads one input through windows alone, the last of which sees few pixels.
    """
    net, axes = fields.net, len(fields.extents)
    if not fields.rows or axes not in (1, 2) or len(net.sources) != 1:
        return None
    last = fields.rows[-1]
    if any((field.size or 0) > PIXELS for field in last.fields):
        return None
    chain, path = _chain(net, last.node, axes)
    if not chain or len(chain) > PLANES + 1 or any(row.node not in path for row in fields.rows):
        return None
    known = [receptive_fields(net, axis) for axis in range(axes)]
    shapes = {name: net.tensor(name).shape for name in chain}
    begun = [(shapes[chain[-1]] or ())[-axes:][axis] // 2 for axis in range(axes)]
    seen: list[Span] = [(unit, unit) for unit in begun]
    planes: list[Plane] = []
    for number, name in reversed(list(enumerate(chain))):
        told = [each[name] for each in known]
        extents = (shapes[name] or ())[-axes:]
        steps = tuple(float(field.stride or 1) if field else 1.0 for field in told)
        first = tuple(float(field.centre or 0) if field else 0.0 for field in told)
        # Neighbours are shown where they do not stand far beside all that is seen.
        near = [2 * s <= (f.size or 0) for s, f in zip(steps, last.fields, strict=True)]
        shown = [
            (max(min(a, extent) - more, 0), min(b + more, extent - 1))
            for (a, b), extent, more in zip(seen, extents, near, strict=True)
        ]
        op = net.op(name)
        what = "" if isinstance(op, Input) else op.words.text()
        planes.append(Plane(name, name, what, tuple(seen), tuple(shown), steps, first))
        if number:
            seen = _below(net, name, seen)
    return planes[::-1]


def _chain(net: ArchGraph, last: str, axes: int) -> tuple[list[str], set[str]]:
    """Return the input and the windows up to a node, nothing where they are no chain; and all."""
    found: list[str] = []
    name, path = last, {last}
    while not isinstance(net.op(name), Input):
        sources = net.inputs_of(name)
        if len(sources) != 1 or len(net.reads(name)) != 1:
            return [], path
        shape = net.tensor(net.reads(name)[0], name).shape
        if shape is None or len(shape) != axes + 2:
            return [], path
        reaches = [net.op(name).reach_of(0, [shape], axis) for axis in range(axes)]
        if any(r is None or r.size is None or r.parts != 1 or not r.stride for r in reaches):
            return [], path
        if any(reach != EACH for reach in reaches):
            found.append(name)
        name = sources[0]
        path.add(name)
    return [name, *found[::-1]], path


def _below(net: ArchGraph, name: str, seen: list[Span]) -> list[Span]:
    shape = net.tensor(net.reads(name)[0], name).shape
    assert shape is not None
    found = []
    for axis, (a, b) in enumerate(seen):
        reach = net.op(name).reach_of(0, [shape], axis)
        assert reach is not None
        assert reach.size is not None
        found.append((a * reach.stride + reach.start,
                      b * reach.stride + reach.start + reach.size - 1))  # fmt: skip
    return found
