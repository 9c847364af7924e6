"""Places boxes in the cells of a grid, and the lines between them in its channels.

No line can run through a box: lines have the channels between columns and rows, and empty cells.
Columns are as wide as their widest box, channels as wide as their lines need.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ..view import View, ViewEdge
from .box_sizes import DOT, leaf_size, node_size
from .grid_lanes import Lanes, Run, runs_in_lanes
from .grid_routes import Place, find_ways
from .placed_parts import Part, PlacedNode, rounded, straight

__all__ = [
    "CLOSE",
    "PITCH",
    "ROOMY",
    "TURN",
    "Cells",
    "Grid",
    "Spacing",
    "least_extent",
    "place_grid",
    "stacked",
    "units_of",
]

Cells = Mapping[str, Place]
"""The column and row of each unit, by its first node."""

PITCH = 7.0
"""Between two lines that run beside each other."""
TURN = 11.0
"""Between a box and the nearest line in the channel beside it: room for a corner and a head."""
OUTSIDE = 2.0
"""Between the outermost line and the border of the whole."""
EDGE = 5.0
"""How near to a corner a line may meet a box."""
MOST_APART = 40.0
"""By how much channels are widened at most, to fill a canvas."""
WIDER = 1.7
"""How much wider than its words a box may be to be as wide as its column."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """How far apart things are: boxes with an ``arrow`` between them, without, and lines."""

    arrow: float
    apart: float
    turn: float
    pitch: float


ROOMY = Spacing(16.0, 12.0, TURN, PITCH)
CLOSE = Spacing(13.0, 9.0, 9.0, 5.5)
"""Where else a row or a column too many would not fit."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A node with those drawn touching it; ``along`` the flow and ``across``, in points."""

    ids: tuple[str, ...]
    along: float
    across: float
    fixed: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells for some nodes of a view."""

    view: View
    units: dict[str, Unit]
    edges: dict[tuple[str, str], ViewEdge]
    """By the first nodes of the units that they join."""
    down: bool


def units_of(view: View, ids: Sequence[str], down: bool) -> Grid:
    """Return nodes as units, and the edges between them."""
    inside = set(ids)
    stacks = view.stacks()
    head = {key: next(k for k in stacks[key] if k in inside) for key in ids}
    units: dict[str, Unit] = {}
    for key in ids:
        if head[key] != key:
            continue
        members = tuple(k for k in stacks[key] if k in inside)
        size = leaf_size([view.nodes[k] for k in members])
        dot = view.nodes[key].form == "dot" and len(members) == 1
        width, height = (DOT, DOT) if dot else (size.width, size.height)
        sides = (height, width) if down else (width, height)
        units[key] = Unit(members, *sides, dot)
    edges: dict[tuple[str, str], ViewEdge] = {}
    for edge in view.edges:
        if edge.source in inside and edge.target in inside:
            pair = (head[edge.source], head[edge.target])
            if pair[0] != pair[1]:
                edges.setdefault(pair, edge)
    return Grid(view, units, edges, down)


def least_extent(grid: Grid, cells: Cells) -> tuple[float, float]:
    """Return how much units in cells take at least, along the flow and across it."""
    wide: dict[int, float] = {}
    high: dict[int, float] = {}
    for key, (col, row) in cells.items():
        unit = grid.units[key]
        wide[col] = max(wide.get(col, 0.0), unit.along)
        high[row] = max(high.get(row, 0.0), unit.across)
    long, broad = (sum(each.values()) + CLOSE.apart * (len(each) - 1) for each in (wide, high))
    return long, broad


def place_grid(
    grid: Grid, cells: Cells, fill: tuple[float, float] | None = None, spacing: Spacing = ROOMY
) -> Part | None:
    """Return the units placed in their cells, or None where a line finds no way.

    With ``fill``, an extent along and across the flow, channels are wider where that fills it.
    """
    size = (1 + max(col for col, _ in cells.values()), 1 + max(row for _, row in cells.values()))
    ways = find_ways(size, cells, list(grid.edges))
    if ways is None:
        return None
    lanes = runs_in_lanes(ways)
    at = {(2 * col + 1, 2 * row + 1): grid.units[key] for key, (col, row) in cells.items()}
    sides = {place: _sides(unit, place, lanes, spacing) for place, unit in at.items()}
    widths = _widths(1, 2 * size[0], sides, lanes, spacing)
    heights = _widths(0, 2 * size[1], sides, lanes, spacing)
    if fill is not None:
        _widen(widths, heights, fill)
    starts, tops = _starts(widths), _starts(heights)
    for place, unit in at.items():  # boxes of a column are as wide as each other
        axis = 1 if grid.down else 0
        room = (widths if axis == 0 else heights)[place[axis]]
        if not unit.fixed and room <= WIDER * sides[place][axis]:
            sides[place] = (room, sides[place][1]) if axis == 0 else (sides[place][0], room)
    middles = (_middles(starts, widths, spacing), _middles(tops, heights, spacing))
    length, breadth = starts[-1] + widths[-1], tops[-1] + heights[-1]
    axis_at = middles[1][2 * cells[next(reversed(grid.units))][1] + 1]
    part = Part(length, axis_at, breadth - axis_at)
    for place, unit in at.items():
        along, across = sides[place]
        begin = (middles[0][place[0]] - along / 2, middles[1][place[1]] - across / 2 - axis_at)
        part.nodes += stacked(grid, unit, begin, (along, across))
    where = {key: place for place, unit in at.items() for key in unit.ids[:1]}
    for pair, way in ways.items():
        runs = lanes.pieces[pair]
        axes = [0 if one[1] == other[1] else 1 for one, other in itertools.pairwise(way)]
        levels = [
            middles[1 - axis][place[1 - axis]] + _offset(run, sides, spacing)
            for axis, place, run in zip(axes, way, runs, strict=False)
        ]
        points = []
        for index in range(len(way)):
            if index in (0, len(way) - 1):
                piece = min(index, len(axes) - 1)
                axis, place = axes[piece], where[pair[0 if index == 0 else 1]]
                other = way[1] if index == 0 else way[-2]
                ahead = 1 if other[axis] > place[axis] else -1
                border = middles[axis][place[axis]] + ahead * sides[place][axis] / 2
                point = (border, levels[piece]) if axis == 0 else (levels[piece], border)
            else:
                one, two = levels[index - 1], levels[index]
                point = (two, one) if axes[index - 1] == 0 else (one, two)
            points.append((point[0], point[1] - axis_at))
        edge = grid.edges[pair]
        wire = straight(edge, *points) if len(points) == 2 else rounded(edge, points, 5.0)
        part.wires.append(wire)
    part.end = length
    return part


def _sides(unit: Unit, place: Place, lanes: Lanes, spacing: Spacing) -> tuple[float, float]:
    """Return how long and how broad a box is: what its words need, and the lines at its sides."""
    sides = [unit.along, unit.across]
    if not unit.fixed:
        for axis in (0, 1):  # a run along the flow needs room across it
            runs = [r for r in lanes.tracks.get((axis, place[1 - axis]), []) if place in r.boxes]
            most = max((run.lanes for run in runs), default=1)
            sides[1 - axis] = max(sides[1 - axis], (most - 1) * spacing.pitch + 2 * EDGE)
    return sides[0], sides[1]


def _widths(
    axis: int,
    last: int,
    sides: Mapping[Place, tuple[float, float]],
    lanes: Lanes,
    spacing: Spacing,
) -> list[float]:
    """Return how wide columns and the channels between them are (``axis`` 1), or rows (0)."""
    across = 1 - axis
    widths = []
    crossed: set[int] = set()
    for (kind, _), runs in lanes.tracks.items():
        if kind == across:
            for run in runs:
                crossed.update(range(int(run.low + 0.99), int(run.high) + 1))
    for index in range(last + 1):
        most = max((run.lanes for run in lanes.tracks.get((axis, index), [])), default=0)
        if index % 2:
            boxes = [side[across] for place, side in sides.items() if place[across] == index]
            runs = lanes.tracks.get((axis, index), [])
            aside = max((abs(_offset(run, sides, spacing)) for run in runs), default=0.0)
            widths.append(max([*boxes, 2 * aside]))
        elif index in (0, last):
            widths.append((most - 1) * spacing.pitch + spacing.turn + OUTSIDE if most else 0.0)
        elif most:
            widths.append((most - 1) * spacing.pitch + 2 * spacing.turn)
        else:
            widths.append(spacing.arrow if index in crossed else spacing.apart)
    return widths


def _starts(widths: list[float]) -> list[float]:
    return [0.0, *accumulate(widths[:-1])]


def _widen(widths: list[float], heights: list[float], fill: tuple[float, float]) -> None:
    """Widen the channels in the direction in which more of what is to be filled would stay free."""
    long, broad = sum(widths), sum(heights)
    if fill[0] * broad > fill[1] * long:
        tracks, more = widths, fill[0] * broad / fill[1] - long
    else:
        tracks, more = heights, fill[1] * long / fill[0] - broad
    inner = range(2, len(tracks) - 2, 2)
    for index in inner:
        tracks[index] += min(more / len(inner), MOST_APART)


def _middles(starts: list[float], widths: list[float], spacing: Spacing) -> list[float]:
    """Return where the lines of each track lie; on the outside they need room on one side only."""
    found = [start + width / 2 for start, width in zip(starts, widths, strict=True)]
    aside = (spacing.turn - OUTSIDE) / 2
    if widths[0]:
        found[0] -= aside
    if widths[-1]:
        found[-1] += aside
    return found


def _offset(run: Run, sides: Mapping[Place, tuple[float, float]], spacing: Spacing) -> float:
    """Return how far from the middle of its track a run lies."""
    pitch = spacing.pitch
    for other in run.bundle:
        for place in other.boxes:
            room = min(sides[place]) - 6.0
            pitch = min(pitch, room / max(run.lanes - 1, 1))
    boxed = [other.lane for other in run.bundle if other.boxes]
    middle = (run.lanes - 1) / 2
    if len(set(boxed)) == 1 and boxed:
        middle = boxed[0]  # what leads straight to a box, leads to its middle
    return (run.lane - middle) * pitch


def stacked(
    grid: Grid, unit: Unit, begin: tuple[float, float], sides: tuple[float, float]
) -> list[PlacedNode]:
    """Return the nodes of a unit, from the top down; the first has what is more than they need."""
    nodes = [grid.view.nodes[key] for key in unit.ids]
    heights = [node_size(node).height for node in nodes]
    whole = sides[0] if grid.down else sides[1]
    heights[0] += whole - sum(heights)
    if unit.fixed:
        heights = [whole]
    placed, at = [], 0.0
    for node, height in zip(nodes, heights, strict=True):
        if grid.down:
            placed.append(PlacedNode(node.id, begin[0] + at, begin[1], height, sides[1]))
        else:
            placed.append(PlacedNode(node.id, begin[0], begin[1] + at, sides[0], height))
        at += height
    return placed
