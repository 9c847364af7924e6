"""Puts lines that share a channel of a grid beside each other, in the order that crosses least."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from .grid_routes import Place, Way

__all__ = ["Lanes", "Run", "runs_in_lanes"]

Track = tuple[int, int]
"""0 and a row, where lines run along the flow, or 1 and a column; both in half cells."""
SHORT = 0.4
"""By how much of a half cell a line ends before the middle of its box."""


@dataclass(slots=True)
class Run:
    """A straight piece of a line, or of several from one box, on a track from ``low`` to ``high``.

    ``turns`` say where a line leaves it, and to which side; ``boxes`` are where it meets one.
    ``lane`` counts from 0 in a bundle of ``lanes`` runs that overlap.
    """

    net: Place
    low: float
    high: float
    turns: list[tuple[int, int]] = field(default_factory=list)
    boxes: list[Place] = field(default_factory=list)
    lane: int = 0
    bundle: list[Run] = field(default_factory=list)

    @property
    def lanes(self) -> int:
        """How many lanes its bundle takes."""
        return 1 + max((run.lane for run in self.bundle), default=0)

    def overlaps(self, other: Run) -> bool:
        """Return whether two runs need lanes of their own."""
        return self.low <= other.high and other.low <= self.high


@dataclass(frozen=True, slots=True)
class Lanes:
    """The runs on each track, and for each way the run that each of its straight pieces is in."""

    tracks: Mapping[Track, list[Run]]
    pieces: Mapping[tuple[str, str], list[Run]]


def runs_in_lanes(ways: Mapping[tuple[str, str], Way]) -> Lanes:
    """Return all straight pieces of ways, those of one box united, each in its lane."""
    tracks: dict[Track, list[Run]] = defaultdict(list)
    pieces: dict[tuple[str, str], list[Run]] = {}
    for pair, way in ways.items():
        pieces[pair] = []
        for index, (one, other) in enumerate(pairwise(way)):
            axis = 0 if one[1] == other[1] else 1
            ends = (one, other)
            boxed = (index == 0, index == len(way) - 2)
            order = 1 if one[axis] < other[axis] else -1
            low, high = sorted((one[axis], other[axis]))
            cut = boxed if order == 1 else boxed[::-1]
            run = Run(way[0], low + SHORT * cut[0], high - SHORT * cut[1])
            run.boxes = [end for end, box in zip(ends, boxed, strict=True) if box]
            for end, beyond in ((0, index - 1), (1, index + 2)):
                if not boxed[end]:
                    aside = way[beyond][1 - axis] - ends[end][1 - axis]
                    run.turns.append((ends[end][axis], 1 if aside > 0 else -1))
            tracks[axis, one[1 - axis]].append(run)
            pieces[pair].append(run)
    united: dict[int, Run] = {}
    for track, runs in tracks.items():
        tracks[track] = _united(runs, united)
        _order(tracks[track])
    return Lanes(dict(tracks), {k: [united[id(run)] for run in runs] for k, runs in pieces.items()})


def _united(runs: list[Run], united: dict[int, Run]) -> list[Run]:
    """Unite the runs of one box that touch; ``united`` learns what each became."""
    found: list[Run] = []
    for run in sorted(runs, key=lambda each: (each.net, each.low, each.high)):
        last = found[-1] if found else None
        if last is not None and last.net == run.net and run.low <= last.high:
            last.high = max(last.high, run.high)
            last.turns += run.turns
            last.boxes += run.boxes
        else:
            last = Run(run.net, run.low, run.high, list(run.turns), list(run.boxes))
            found.append(last)
        united[id(run)] = last
    return found


def _order(runs: list[Run]) -> None:
    """Give each run its lane."""
    for bundle in _bundles(runs):
        order = sorted(bundle, key=lambda run: (_lean(run), run.low, run.high, run.net))
        for _ in order:  # neighbours change places where that saves crossings
            swapped = False
            for i in range(len(order) - 1):
                one, other = order[i], order[i + 1]
                if one.overlaps(other) and _crossings(other, one) < _crossings(one, other):
                    order[i], order[i + 1] = other, one
                    swapped = True
            if not swapped:
                break
        for i, run in enumerate(order):
            before = [other.lane + 1 for other in order[:i] if other.overlaps(run)]
            run.lane = max(before, default=0)
            run.bundle = order


def _bundles(runs: list[Run]) -> list[list[Run]]:
    """Return the runs in groups that overlap."""
    found: list[list[Run]] = []
    end = float("-inf")
    for run in sorted(runs, key=lambda each: (each.low, each.high, each.net)):
        if run.low > end:
            found.append([])
        found[-1].append(run)
        end = max(end, run.high)
    return found


def _lean(run: Run) -> int:
    return sum(side for _, side in run.turns)


def _crossings(one: Run, other: Run) -> int:
    """Return how often two runs cross when the first has the lower lane."""
    ours = sum(side > 0 and other.low < at < other.high for at, side in one.turns)
    return ours + sum(side < 0 and one.low < at < one.high for at, side in other.turns)
