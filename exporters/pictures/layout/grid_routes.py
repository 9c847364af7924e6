"""Finds ways for edges between boxes that stand in the cells of a grid.

Ways run in the channels between columns and rows and through empty cells, never through a box.
Places count in half cells: odd ones are columns (or rows), even ones the channels between them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from math import inf

__all__ = ["Place", "Way", "find_ways"]

Place = tuple[int, int]
"""Along the flow and across it, in half cells."""
Way = tuple[Place, ...]
"""Where a line begins, turns and ends; the first and the last are cells with boxes."""

_LEAVE = (0.0, 5.0, 0.7, 0.7)
_ARRIVE = (0.0, 5.0, 0.7, 0.7)
"""What it costs to leave a box, and to arrive: along the flow, against it, to either side."""
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


def find_ways(
    size: Place, boxes: Mapping[str, Place], pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Way] | None:
    """Return a way for each pair of boxes, short ones first, or None where one finds none.

    ``size`` is the number of columns and rows, ``boxes`` their cells, counted from 0. What crosses
    others looks for its way again when all others are there.
    """
    at = {name: (2 * col + 1, 2 * row + 1) for name, (col, row) in boxes.items()}
    field = _Field((2 * size[0], 2 * size[1]), at.values())
    found: dict[tuple[str, str], list[int]] = {}

    def far(pair: tuple[str, str]) -> tuple[int, int]:
        (a, b), (c, d) = at[pair[0]], at[pair[1]]
        return (abs(a - c) + abs(b - d), -abs(a - c))

    for pair in sorted(dict.fromkeys(pairs), key=far):
        way = field.way(at[pair[0]], at[pair[1]])
        if way is None:
            return None
        field.note(way)
        found[pair] = way
    for pair, way in found.items():
        if field.is_crossed(way):
            field.note(way, -1)
            found[pair] = field.way(at[pair[0]], at[pair[1]]) or way
            field.note(found[pair])
    return {pair: field.corners(way) for pair, way in found.items()}


class _Field:
    """The places of a grid as numbers, with a border around them, and the lines so far."""

    def __init__(self, last: Place, boxes: Iterable[Place]) -> None:
        self.stride = last[1] + 3
        count = (last[0] + 3) * self.stride
        self.steps = (self.stride, -self.stride, 1, -1)
        """Along the flow, against it, and to either side."""
        self.at = [divmod(number, self.stride) for number in range(count)]
        self.closed = [not (0 < x <= last[0] + 1 and 0 < y <= last[1] + 1) for x, y in self.at]
        for box in boxes:
            self.closed[self.number(box)] = True
        self.long = tuple([CHANNEL if p[axis] % 2 else CELL for p in self.at] for axis in (0, 1))
        """How long a step to a place is, along the flow and across."""
        self.lines: tuple[list[Counter[int]], ...] = tuple(
            [Counter() for _ in range(count)] for _ in (0, 1)
        )
        """How many lines of each box pass a place along the flow, and across."""
        self.arrivals: Counter[tuple[int, int]] = Counter()
        self.drawn: Counter[tuple[int, int, int]] = Counter()

    def number(self, place: Place) -> int:
        return (place[0] + 1) * self.stride + place[1] + 1

    def note(self, way: list[int], count: int = 1) -> None:
        """Note a line, or with -1 take it back."""
        start = way[0]
        for one, other in pairwise(way):
            self.drawn[start, one, other] += count
            marks = self.lines[abs(other - one) == 1]
            for place in (one, other):
                marks[place][start] += count
                if not marks[place][start]:
                    del marks[place][start]
        self.arrivals[way[-1], self.steps.index(way[-1] - way[-2])] += count

    def is_crossed(self, way: list[int]) -> bool:
        """Return whether lines of other boxes cross a line."""
        return any(
            self.lines[abs(other - one) != 1][other].keys() - {way[0]}
            for one, other in pairwise(way)
        )

    def corners(self, way: list[int]) -> Way:
        """Return the ends of a way and the places where it turns."""
        turns = [b for a, b, c in zip(way, way[1:], way[2:], strict=False) if b - a != c - b]
        found = [self.at[place] for place in (way[0], *turns, way[-1])]
        return tuple((x - 1, y - 1) for x, y in found)

    def way(self, begin: Place, end: Place) -> list[int] | None:
        """Return the cheapest way as the places that it passes (A*)."""
        start, goal = self.number(begin), self.number(end)
        to_x, to_y = self.at[goal]
        at, closed, steps = self.at, self.closed, self.steps
        arrivals, drawn, lines = self.arrivals, self.drawn, self.lines
        heap: list[tuple[float, float, int, int]] = []
        best: dict[int, float] = {}
        before: dict[int, int] = {}

        def step(place: int, turn: int, cost: float, origin: int) -> None:
            new = place + steps[turn]
            if new == goal:
                cost += _ARRIVE[turn] + SAME_SIDE * arrivals.get((goal, turn), 0)
            elif closed[new]:
                return
            else:
                axis = turn > 1
                long = self.long[axis][new]
                if drawn.get((start, place, new)):
                    long *= SHARED
                else:
                    if same := lines[axis][new]:
                        long += BESIDE * (len(same) - (start in same))
                    if other := lines[not axis][new]:
                        long += CROSSING * (len(other) - (start in other))
                cost += long
            state = 4 * new + turn
            if cost < best.get(state, inf) - 1e-9:
                best[state] = cost
                before[state] = origin
                x, y = at[new]
                ahead = CHANNEL * (abs(x - to_x) + abs(y - to_y))
                heappush(heap, (cost + ahead, cost, new, turn))

        for turn in range(4):
            step(start, turn, _LEAVE[turn], -1)
        while heap:
            _, cost, place, turn = heappop(heap)
            state = 4 * place + turn
            if cost > best[state] + 1e-9:
                continue
            if place == goal:
                way = []
                while state >= 0:
                    way.append(state // 4)
                    state = before[state]
                return [start, *reversed(way)]
            step(place, turn, cost, state)
            for new in (2, 3) if turn < 2 else (0, 1):  # no way turns round
                step(place, new, cost + BEND, state)
        return None
