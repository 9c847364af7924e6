"""Receptive fields as archgraph tells them, beside those that gradients show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import archgraph as ag
from archgraph.analysis import ReceptiveField, receptive_field, receptive_fields
from archgraph.errors import ArchGraphError
from archgraph.sights import Span
from bench.receptive.gradients import cut_to, reached
from bench.receptive.random_windows import random_network

__all__ = ["Compared", "random_compared", "with_gradients"]

UNITS = 8
"""Units in a row that are compared, where neighbours see the input each in its own way."""

ROWS, WIDE = 12, 3
"""Rows of one network that are compared, evenly from the first to the last; of one whose images
must be wide, which takes long."""

WIDTHS = (32, 64, 128, 224)
"""Widths of an image that is as high as a field needs; the first that a network takes."""


@dataclass
class Compared:
    """How many rows of units were compared, and what of them is not as gradients show."""

    count: int = 0
    largest: int = 0
    wrong: list[str] = field(default_factory=list)


def random_compared(seed: int) -> Compared:
    """Return how the last layer of a random network compares."""
    axes = 1 + seed % 3
    axis = seed // 3 % axes
    net = random_network(seed, axes, axis)
    return _one(net, net.outputs[0], axis, Compared())


def with_gradients(net: ag.ArchGraph) -> Compared:
    """Return how some rows of a network compare, each with another way to see, in height."""
    found = Compared()
    first: dict[ReceptiveField, str] = {}
    for name, each in receptive_fields(net).items():
        if each is not None and each.spans and net.op(name).family != "input":
            first.setdefault(each, name)
    rows = list(first.items())
    large = _enlarged(cut_to(net, rows[-1][1]), rows[-1][0]) if rows else net
    most = ROWS if large.input_shape[-1] <= WIDTHS[1] else WIDE
    for each, name in rows[:: -(-len(rows) // most)] + rows[-1:]:
        _one(_enlarged(cut_to(net, name), each), name, 0, found)
    return found


def _enlarged(net: ag.ArchGraph, each: ReceptiveField) -> ag.ArchGraph:
    """Return a network whose image is so high that a unit in the middle sees no border."""
    channels, *_ = net.input_shape
    high = (each.size or 0) + 16 * int(each.stride or 1) + 64
    high += -high % 32
    for width in WIDTHS:
        try:
            made = net.with_input((channels, high, width))
        except ArchGraphError:
            continue
        if all(min(shape, default=1) for _, shape in made.nodes(data="shape")):
            return made
    return net  # it takes images of one size


def _one(net: ag.ArchGraph, name: str, axis: int, found: Compared) -> Compared:
    told = receptive_field(net, name, axis)
    found.count += 1
    if told is None or (told.size != 0 and not told.spans):
        found.wrong.append(f"{net.name}, {name}: nothing is told")
        return found
    count = net.nodes[name]["shape"][axis + 1]
    middle = count // 2
    units = range(middle, middle + max(1, min(len(told.spans), UNITS, count // 4)))
    extent = net.nodes[net.sources[0]]["shape"][axis + 1]
    expected = _inside([told.span(unit) for unit in units], extent)
    shown = reached(net, axis, units)
    found.largest = max(found.largest, told.size or 0)
    if shown != expected:
        found.wrong.append(f"{net.name}, {name}: {expected}, but gradients at {shown}")
    return found


def _inside(spans: Sequence[Span | None], extent: int) -> list[Span | None]:
    """Return spans without what lies beyond the border."""
    cut = [span and (max(span[0], 0), min(span[1], extent - 1)) for span in spans]
    return [span if span and span[0] <= span[1] else None for span in cut]
