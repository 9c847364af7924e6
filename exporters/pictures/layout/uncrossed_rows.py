"""Rows for boxes in layers so that few lines cross: boxes beside the main path change places.

Lines count as straight from box to box, which tells enough before they look for their ways.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

__all__ = ["uncrossed"]

MOST_LINES = 120
"""Where there are more, rows stay as they are."""
SWEEPS = 4
"""How often all boxes are gone through at most."""
ASIDE = 0.15
"""What a line costs, in crossings, for each row that it leads up or down."""


def uncrossed(
    row: Mapping[str, int], layer: Mapping[str, int], edges: Sequence[tuple[str, str]]
) -> dict[str, int]:
    """Return rows in which fewer lines cross; boxes in row 0, the main path, stay there."""
    if len(edges) > MOST_LINES:
        return dict(row)
    rows = _Rows(dict(row), layer, edges)
    for _ in range(SWEEPS):
        moved = [rows.moves(key) for key in layer if rows.row[key]]
        if not any(moved):
            break
    return rows.row


class _Rows:
    def __init__(
        self, row: dict[str, int], layer: Mapping[str, int], edges: Sequence[tuple[str, str]]
    ) -> None:
        self.row, self.layer, self.edges = row, layer, edges
        self.touching: defaultdict[str, list[int]] = defaultdict(list)
        for index, edge in enumerate(edges):
            for key in edge:
                self.touching[key].append(index)
        self.beside: defaultdict[int, list[str]] = defaultdict(list)
        for key in layer:
            self.beside[layer[key]].append(key)
        self.meeting = [self._meeting(index) for index in range(len(edges))]
        """The lines that each can cross, with the layers from which to which both run."""

    def moves(self, key: str) -> bool:
        """Put a box into the row in which least speaks against it; return whether that is new.

        A box that stands there takes its place, unless it is on the main path.
        """
        first = self.row[key]
        for place in range(min(self.row.values()) - 1, max(self.row.values()) + 2):
            here = self.row[key]
            other = next((k for k in self.beside[self.layer[key]] if self.row[k] == place), None)
            if other == key or place == 0:
                continue
            both = [key] if other is None else [key, other]
            before = self._cost(both)
            self._put(both, (place, here))
            if self._cost(both) > before - 1e-9:
                self._put(both, (here, place))
        return self.row[key] != first

    def _put(self, keys: Sequence[str], places: tuple[int, int]) -> None:
        self.row.update(zip(keys, places, strict=False))

    def _cost(self, keys: Sequence[str]) -> float:
        near = dict.fromkeys(sorted(i for key in keys for i in self.touching[key]))
        found = 0.0
        for index in near:
            one = self.edges[index]
            found += ASIDE * abs(self.row[one[0]] - self.row[one[1]])
            for other, begin, end in self.meeting[index]:
                # Each pair of lines that both are near counts once.
                if other > index or other not in near:
                    found += self._cross(one, self.edges[other], begin, end)
        return found

    def _meeting(self, index: int) -> list[tuple[int, int, int]]:
        one, found = self.edges[index], []
        for number, other in enumerate(self.edges):
            if one[0] == other[0] or one[1] == other[1]:
                continue
            begin = max(self.layer[one[0]], self.layer[other[0]])
            end = min(self.layer[one[1]], self.layer[other[1]])
            if begin < end:
                found.append((number, begin, end))
        return found

    def _cross(self, one: tuple[str, str], other: tuple[str, str], begin: int, end: int) -> bool:
        above = self._at(one, begin) - self._at(other, begin)
        below = self._at(one, end) - self._at(other, end)
        return above * below < 0

    def _at(self, edge: tuple[str, str], place: int) -> float:
        """Return at which row a line passes a layer."""
        source, target = edge
        begin, end = self.layer[source], self.layer[target]
        low, high = self.row[source], self.row[target]
        return low + (high - low) * (place - begin) / (end - begin)
