"""Places nodes that form no simple pattern: in a grid by layers, many of them in one column."""

from __future__ import annotations

from heapq import heappop, heappush

from ..view import View
from .cells import in_order, layerings
from .place_grid import PITCH, TURN, Grid, place_grid, stacked, units_of
from .placed_parts import Part, rounded, straight

__all__ = ["fits_a_grid", "place_tangle"]

MOST_LINES = 250
"""A grid looks for a way for each line; where there are more, they run beside one column."""
DENSE = 2.5
"""Where each box has more lines than these, as in a dense block, they run beside one column."""
GAP = 15.0
PORT = 5.0
"""Between two lines that arrive at the side of a box."""


def fits_a_grid(grid: Grid) -> bool:
    """Return whether ways are looked for in a grid in short time."""
    return len(grid.edges) <= MOST_LINES and len(grid.units) <= MOST_LINES


def place_tangle(view: View, ids: tuple[str, ...], down: bool) -> Part:
    """Return nodes and the lines between them; the last node stands on the axis."""
    grid = units_of(view, ids, down)
    if fits_a_grid(grid) and len(grid.edges) <= DENSE * len(grid.units):
        part = place_grid(grid, next(layerings(grid)).cells)
        if part is not None:
            return part
    return _column(grid)


def _column(grid: Grid) -> Part:
    """Return all nodes in one column, and beside it a lane for what is read further on.

    What a box gives runs along one lane to all its readers, so that there are as many lanes as
    tensors that are kept at the same time. Takes time in proportion to nodes and lines.
    """
    order = in_order(grid)
    place = {key: index for index, key in enumerate(order)}
    arriving: dict[str, list[str]] = {key: [] for key in order}
    last: dict[str, int] = {}
    for source, target in grid.edges:
        if place[target] != place[source] + 1:
            arriving[target].append(source)
            last[source] = max(last.get(source, 0), place[target])
    lane = _lanes(order, place, last)
    part = Part(0.0, 0.0, 0.0)
    sides: dict[str, tuple[float, float]] = {}
    begins: dict[str, float] = {}
    at = 0.0
    for key in order:
        unit = grid.units[key]
        ports = len(arriving[key]) + (key in lane)
        along = unit.along if unit.fixed else max(unit.along, (ports + 1) * PORT)
        begins[key], sides[key] = at, (along, unit.across)
        part.nodes += stacked(grid, unit, (at, -unit.across / 2), sides[key])
        at += along + GAP
    port = {
        (source, key): (index + 1) / (len(each) + 2)
        for key, each in arriving.items()
        for index, source in enumerate(each)
    }
    widest = max(across for _, across in sides.values()) / 2
    for (source, target), edge in grid.edges.items():
        (along, across), begin = sides[source], begins[source]
        if place[target] == place[source] + 1:
            part.wires.append(straight(edge, (begin + along, 0.0), (begins[target], 0.0)))
            continue
        out = begin + along - along / (len(arriving[source]) + 2)
        beside = widest + TURN + PITCH * lane[source]
        into = begins[target] + sides[target][0] * port[source, target]
        points = [(out, across / 2), (out, beside), (into, beside), (into, sides[target][1] / 2)]
        part.wires.append(rounded(edge, points, 6.0))
    lanes = 1 + max(lane.values(), default=-1)
    part.length = part.end = at - GAP
    part.left, part.right = widest, widest + (TURN + PITCH * lanes if lanes else 0.0)
    return part


def _lanes(order: list[str], place: dict[str, int], last: dict[str, int]) -> dict[str, int]:
    """Return the lane of each box that is read further on: the nearest that is free."""
    found: dict[str, int] = {}
    free: list[int] = []
    busy: list[tuple[int, int]] = []
    count = 0
    for key in order:
        while busy and busy[0][0] <= place[key]:
            heappush(free, heappop(busy)[1])
        if key in last:
            if not free:
                heappush(free, count)
                count += 1
            found[key] = heappop(free)
            heappush(busy, (last[key], found[key]))
    return found
