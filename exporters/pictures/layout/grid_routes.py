"""Finds ways for edges between boxes that stand in the cells of a grid.

Ways run in the channels between columns and rows and through empty cells, never through a box.
Places count in half cells: odd ones are columns (or rows), even ones the channels between them.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

__all__ = ["Place", "Way", "find_ways"]

Place = tuple[int, int]
"""Along the flow and across it, in half cells."""
Way = tuple[Place, ...]
"""Where a line begins, turns and ends; the first and the last are cells with boxes."""

_STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1))
"""Along the flow, against it, and to either side."""
_LEAVE = (0.0, 5.0, 0.7, 0.7)
_ARRIVE = (0.0, 5.0, 0.7, 0.7)
"""What it costs to leave a box, and to arrive, in each direction."""
BEND = 1.2
CROSSING = 1.6
BESIDE = 0.3
"""What a bend costs, a line that is crossed, and one that runs in the same channel."""
SAME_SIDE = 1.1
"""What it costs to arrive where another line arrives."""
SHARED = 0.35
"""What a piece costs that another line from the same box has drawn already."""
CELL, CHANNEL = 1.0, 0.35
"""How long a cell is and a channel."""


@dataclass(slots=True)
class _Used:
    """The lines so far, by the box that each comes from."""

    along: defaultdict[Place, set[Place]] = field(default_factory=lambda: defaultdict(set))
    across: defaultdict[Place, set[Place]] = field(default_factory=lambda: defaultdict(set))
    arrivals: Counter[tuple[Place, int]] = field(default_factory=Counter)
    steps: set[tuple[Place, Place, Place]] = field(default_factory=set)


def find_ways(
    size: Place, boxes: Mapping[str, Place], pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Way] | None:
    """Return a way for each pair of boxes, short ones first, or None where one finds none.

    ``size`` is the number of columns and rows, ``boxes`` their cells, counted from 0.
    """
    at = {name: (2 * col + 1, 2 * row + 1) for name, (col, row) in boxes.items()}
    taken = set(at.values())
    used = _Used()
    found: dict[tuple[str, str], Way] = {}

    def far(pair: tuple[str, str]) -> tuple[int, int]:
        (a, b), (c, d) = at[pair[0]], at[pair[1]]
        return (abs(a - c) + abs(b - d), -abs(a - c))

    for pair in sorted(dict.fromkeys(pairs), key=far):
        start, goal = at[pair[0]], at[pair[1]]
        way = _way(start, goal, (2 * size[0], 2 * size[1]), taken, used)
        if way is None:
            return None
        _note(way, used)
        found[pair] = _corners(way)
    return found


def _way(
    start: Place, goal: Place, last: Place, taken: set[Place], used: _Used
) -> list[Place] | None:
    """Return the cheapest way as the places that it passes (A*)."""

    def ahead(place: Place) -> float:
        return CHANNEL * (abs(place[0] - goal[0]) + abs(place[1] - goal[1]))

    heap: list[tuple[float, float, Place, int]] = []
    best: dict[tuple[Place, int], float] = {}
    before: dict[tuple[Place, int], tuple[Place, int] | None] = {}

    def reach(place: Place, turn: int, cost: float, origin: tuple[Place, int] | None) -> None:
        state = (place, turn)
        if cost < best.get(state, float("inf")) - 1e-9:
            best[state] = cost
            before[state] = origin
            heappush(heap, (cost + ahead(place), cost, place, turn))

    def step(place: Place, turn: int, cost: float, origin: tuple[Place, int] | None) -> None:
        new = (place[0] + _STEPS[turn][0], place[1] + _STEPS[turn][1])
        if not (0 <= new[0] <= last[0] and 0 <= new[1] <= last[1]):
            return
        if new == goal:
            cost += _ARRIVE[turn] + SAME_SIDE * used.arrivals[goal, turn]
            reach(new, turn, cost, origin)
        elif new not in taken:
            odd = new[0] if turn < 2 else new[1]
            long = CELL if odd % 2 else CHANNEL
            if (start, place, new) in used.steps:
                long *= SHARED
            else:
                same = used.along if turn < 2 else used.across
                other = used.across if turn < 2 else used.along
                long += BESIDE * len(same[new] - {start}) + CROSSING * len(other[new] - {start})
            reach(new, turn, cost + long, origin)

    for turn in range(4):
        step(start, turn, _LEAVE[turn], None)
    while heap:
        _, cost, place, turn = heappop(heap)
        state = (place, turn)
        if cost > best[state] + 1e-9:
            continue
        if place == goal:
            way = [place]
            back = before[state]
            while back is not None:
                way.append(back[0])
                back = before[back]
            return [start, *reversed(way)]
        for new in range(4):
            if new // 2 == turn // 2 and new != turn:
                continue  # no way turns round
            step(place, new, cost + (BEND if new != turn else 0.0), state)
    return None


def _note(way: list[Place], used: _Used) -> None:
    start = way[0]
    for one, other in itertools.pairwise(way):
        used.steps.add((start, one, other))
        marks = used.along if one[1] == other[1] else used.across
        marks[one].add(start)
        marks[other].add(start)
    move = (way[-1][0] - way[-2][0], way[-1][1] - way[-2][1])
    used.arrivals[way[-1], _STEPS.index(move)] += 1


def _corners(way: list[Place]) -> Way:
    """Return the ends of a way and the places where it turns."""
    kept = [way[0]]
    for one, here, other in zip(way, way[1:], way[2:], strict=False):
        if (here[0] - one[0], here[1] - one[1]) != (other[0] - here[0], other[1] - here[1]):
            kept.append(here)
    return (*kept, way[-1])
