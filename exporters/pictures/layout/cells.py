"""Which cell of a grid each box stands in: by the size of its maps, or by layers of the graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from heapq import heappop, heappush
from math import log2, prod

from archgraph.open_extents import Open

from .place_grid import Cells, Grid
from .uncrossed_rows import uncrossed

__all__ = ["Layering", "cells_by_map", "cells_by_order", "in_order", "layerings"]

ANY = 512
"""What stands for an extent that is open."""
MOST_BANDS = 7
"""Into how many bands the layers of a graph are broken at most."""
MOST_ROWS = 8
"""More sizes of maps than these are no rows for a reader."""


# ---- rows by the size of maps ------------------------------------------------------------


def cells_by_map(grid: Grid) -> Iterator[Cells]:
    """Yield cells with a row for each size of maps, the largest on top.

    An encoder goes down, a decoder up again, and what skips from one to the other stays in its
    row. First with a block of columns for each way down or up, as narrow as can be; then with all
    in the order of the data, so that no line runs back.
    """
    sources = _sources(grid)
    row, maps = _rows_by_map(grid, sources)
    if max(row.values()) >= MOST_ROWS or not _comes_up(grid, sources, row, maps):
        return
    yield _apart(_phased(grid, sources, row))
    yield _apart(_ordered(grid, sources, row))


def _comes_up(
    grid: Grid, sources: Mapping[str, list[str]], row: Mapping[str, int], maps: Set[str]
) -> bool:
    """Return whether somewhere a map meets one that comes up from a lower row."""
    phase = _phases(grid, sources, row, maps)
    for key in maps:
        before = [s for s in sources[key] if s in maps]
        beside = [phase[s] for s in before if row[s] == row[key]]
        below = any(row[s] > row[key] for s in before)
        if beside and phase[key] % 2 and (below or min(beside) < phase[key]):
            return True
    return False


def _rows_by_map(
    grid: Grid, sources: Mapping[str, list[str]]
) -> tuple[dict[str, int], frozenset[str]]:
    """Return the row of each unit, and which give maps: not vectors, not tokens.

    A map counts as large as the one that it comes from unless it halves, for borders that a
    convolution without padding cuts off would else add up.
    """
    level: dict[str, int] = {}
    sides: dict[str, float] = {}
    joined = {s for each in sources.values() if len(each) > 1 for s in each}
    kinds = {key: grid.view.nodes[key].kind for key in grid.units}
    raised = {k for k in kinds if kinds[k] == "resampling" or (kinds[k] == "conv" and k in joined)}
    for key in _topological(grid, sources):
        known = sources[key]
        side = _side(grid.view.nodes[grid.units[key].ids[-1]].shape)
        if side is None:  # unknown: as large as what it comes from
            side = max((sides[s] for s in known), default=1.0)
        sides[key] = side
        if not known:
            largest = max((sides[s] for s in level), default=side)
            level[key] = _halvings(largest, side) if level else 0
            continue
        if len(known) == 1 and key in raised and side > sides[known[0]]:
            # So that what skips past it comes straight to its reader.
            level[key], sides[key] = level[known[0]], sides[known[0]]
            continue
        near = min(known, key=lambda s: _off(sides[s], side))
        level[key] = level[near] + _halvings(sides[near], side)
    found = sorted(set(level.values()))
    shapes = {key: grid.view.nodes[unit.ids[-1]].shape for key, unit in grid.units.items()}
    maps = frozenset(
        key for key, shape in shapes.items() if len(shape or ()) > 2 and sides[key] > 1
    )
    return {key: found.index(each) for key, each in level.items()}, maps


def _halvings(source: float, side: float) -> int:
    """Return how often a side is halved, below 0 where doubled; a border cut off is nothing."""
    steps = log2(source / side)
    return round(steps) if abs(steps - round(steps)) < 0.3 else int(steps)


def _off(source: float, side: float) -> float:
    """Return how far the step between two sizes is from a whole number of halvings."""
    steps = log2(source / side)
    return abs(steps - round(steps))


def _side(shape: Sequence[int | Open | None] | None) -> float | None:
    """Return the side of a square map with as many cells, 1 for a vector, None where unknown."""
    if shape is None:
        return None
    extents = shape[1:] if len(shape) > 2 else shape[:1] if len(shape) == 2 else ()
    sizes = [e.at(dict.fromkeys(e.letters, ANY)) if isinstance(e, Open) else e for e in extents]
    known = [size for size in sizes[-2:] if size is not None]
    return max(prod(known), 1) ** 0.5 if len(known) == len(sizes[-2:]) else None


def _phases(
    grid: Grid,
    sources: Mapping[str, list[str]],
    row: Mapping[str, int],
    maps: Set[str] | None = None,
) -> dict[str, int]:
    """Return how often the data has turned from down to up, or from up to down.

    With ``maps`` only what leads from map to map turns: what a vector gates does not.
    """
    phase: dict[str, int] = {}
    for key in _topological(grid, sources):
        found = 0
        for source in sources[key]:
            down = row[key] > row[source]
            up = row[key] < row[source] and (maps is None or {source, key} <= maps)
            # Even ways go down, odd ones up.
            turned = (down and phase[source] % 2) or (up and phase[source] % 2 == 0)
            found = max(found, phase[source] + bool(turned))
        phase[key] = found
    return phase


def _phased(
    grid: Grid, sources: Mapping[str, list[str]], row: Mapping[str, int]
) -> dict[str, tuple[int, int]]:
    """Return columns so that each way down or up has its own, as few as its longest row needs."""
    phase = _phases(grid, sources, row)
    offset: dict[str, int] = {}
    widest: dict[int, int] = defaultdict(int)
    for key in _topological(grid, sources):
        beside = [s for s in sources[key] if row[s] == row[key] and phase[s] == phase[key]]
        offset[key] = max((offset[s] + 1 for s in beside), default=0)
        widest[phase[key]] = max(widest[phase[key]], offset[key] + 1)
    begin = {each: sum(widest[p] for p in range(each)) for each in range(max(widest) + 1)}
    return {key: (begin[phase[key]] + offset[key], row[key]) for key in grid.units}


def _ordered(
    grid: Grid, sources: Mapping[str, list[str]], row: Mapping[str, int]
) -> dict[str, tuple[int, int]]:
    """Return columns so that data never runs back: straight down or up, else to the right."""
    column: dict[str, int] = {}
    for key in _topological(grid, sources):
        column[key] = max((column[s] + (row[s] == row[key]) for s in sources[key]), default=0)
    return {key: (column[key], row[key]) for key in grid.units}


def _apart(cells: Mapping[str, tuple[int, int]]) -> Cells:
    """Return cells with one unit in each: rows that hold several become several."""
    stacked: dict[tuple[int, int], list[str]] = defaultdict(list)
    for key, cell in cells.items():
        stacked[cell].append(key)
    high: dict[int, int] = defaultdict(lambda: 1)
    for (_, row), keys in stacked.items():
        high[row] = max(high[row], len(keys))
    top, tops = 0, {}
    for row in range(1 + max(row for _, row in cells.values())):
        tops[row] = top
        top += high[row]
    return {
        key: (col, tops[row] + place)
        for (col, row), keys in stacked.items()
        for place, key in enumerate(keys)
    }


# ---- layers of the graph -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Layering:
    """The layer and the row of each unit, and how many layers a band holds.

    Row 0 of each band is the main path.
    """

    layer: Mapping[str, int]
    row: Mapping[str, int]
    wide: int

    @property
    def cells(self) -> Cells:
        """Their cells: the bands below each other, each with the rows that it needs."""
        rows = sorted({(at // self.wide, self.row[key]) for key, at in self.layer.items()})
        place = {each: index for index, each in enumerate(rows)}
        return {
            key: (at % self.wide, place[at // self.wide, self.row[key]])
            for key, at in self.layer.items()
        }


def layerings(grid: Grid) -> Iterator[Layering]:
    """Yield the layers of the graph, in one band and in several.

    A unit's layer is the longest path to it. Within its layer it stands beside what it reads.
    """
    sources = _sources(grid)
    order = list(_topological(grid, sources))
    layer: dict[str, int] = {}
    for key in order:
        layer[key] = max((layer[s] + 1 for s in sources[key]), default=0)
    readers: dict[str, list[str]] = {key: [] for key in order}
    for key in order:
        for source in sources[key]:
            readers[source].append(key)
    for key in reversed(order):  # what enters late stands near where it enters
        if not sources[key] and readers[key]:
            layer[key] = min(layer[r] for r in readers[key]) - 1
    row = uncrossed(_beside(order, layer, sources, readers), layer, list(grid.edges))
    layer = {key: layer[key] for key in grid.units}
    count = 1 + max(layer.values())
    for bands in range(1, min(count, MOST_BANDS) + 1):
        wide = -(-count // bands)
        if bands == 1 or wide != -(-count // (bands - 1)):
            yield Layering(layer, row, wide)


def _beside(
    order: list[str],
    layer: Mapping[str, int],
    sources: Mapping[str, list[str]],
    readers: Mapping[str, list[str]],
) -> dict[str, int]:
    """Return a row for each unit: those on the longest path in one, the others beside it."""
    last = max(order, key=lambda key: layer[key])
    main = {last}
    at = last
    while sources[at]:
        at = max(sources[at], key=lambda s: layer[s])
        main.add(at)
    layers: dict[int, list[str]] = defaultdict(list)
    for key in order:
        layers[layer[key]].append(key)
    row: dict[str, int] = dict.fromkeys(main, 0)
    for sweep in range(3):
        for index in sorted(layers, reverse=sweep % 2 == 1):
            wanted = {}
            for key in layers[index]:
                near = [row[n] for n in (*sources[key], *readers[key]) if n in row]
                wanted[key] = sum(near) / len(near) if near else 0.0
            taken = {0} if any(key in main for key in layers[index]) else set()
            for key in sorted(layers[index], key=lambda k: (abs(wanted[k]), wanted[k])):
                if key in main:
                    continue
                place = _free(wanted[key], taken)
                row[key] = place
                taken.add(place)
    return row


def _free(wanted: float, taken: set[int]) -> int:
    """Return the free row that is nearest, of two the lower on the page."""
    return min(
        (r for r in range(-len(taken) - 9, len(taken) + 10) if r not in taken),
        key=lambda r: (abs(r - wanted) + abs(r) * 0.01, -r),
    )


def cells_by_order(grid: Grid) -> Iterator[Cells]:
    """Yield cells as in a text, one unit behind the other: where only this takes little room."""
    order = _as_read(grid)
    for wide in range(3, 12):
        yield {key: (index % wide, index // wide) for index, key in enumerate(order)}


def _as_read(grid: Grid) -> list[str]:
    """Return the units in the view's order, but none before what it reads."""
    place = {key: at for at, key in enumerate(grid.units)}
    waiting = {key: len(each) for key, each in _sources(grid).items()}
    readers: dict[str, list[str]] = {key: [] for key in place}
    for source, target in grid.edges:
        readers[source].append(target)
    ready = [(at, key) for key, at in place.items() if not waiting[key]]
    found = []
    while ready:
        _, key = heappop(ready)
        found.append(key)
        for reader in readers[key]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heappush(ready, (place[reader], reader))
    return found


# ---- both ----------------------------------------------------------------------------------


def in_order(grid: Grid) -> list[str]:
    """Return the units behind all that they read, else in the view's order."""
    return list(_topological(grid, _sources(grid)))


def _sources(grid: Grid) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {key: [] for key in grid.units}
    for source, target in grid.edges:
        found[target].append(source)
    return found


def _topological(grid: Grid, sources: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield units behind all that they read, else in their order."""
    waiting = {key: len(each) for key, each in sources.items()}
    readers: dict[str, list[str]] = {key: [] for key in grid.units}
    for key, each in sources.items():
        for source in each:
            readers[source].append(key)
    ready = [key for key in grid.units if not waiting[key]]
    for key in ready:
        yield key
        for reader in readers[key]:
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
