"""Finds what is near a place on a page, so that a large picture is checked in short time.

R-trees, packed by sorting (Leutenegger, Lopez and Edgington, 1997): one for what runs across the
page, one for what runs down, one for the rest, since long lines in both ways make rectangles that
hold everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import ceil, sqrt
from typing import Any, Generic, TypeVar

from .scene import Rect

__all__ = ["Bounds", "PlaneIndex", "bounds_of", "box_index"]

Item = TypeVar("Item")

Bounds = tuple[float, float, float, float]
"""From the left and the top to the right and the bottom."""

MOST = 12
"""How many entries are held together."""
LONG = 4.0
"""How often as wide as high is what runs across the page."""

_Entry = tuple[Bounds, Any]


class PlaneIndex(Generic[Item]):
    """Things by the rectangles in which they lie, to be asked which are near another."""

    def __init__(self, items: Iterable[tuple[Bounds, Item]]) -> None:
        across: list[_Entry] = []
        down: list[_Entry] = []
        rest: list[_Entry] = []
        for entry in items:
            x, y, to_x, to_y = entry[0]
            wide, high = to_x - x, to_y - y
            (across if wide > LONG * high else down if high > LONG * wide else rest).append(entry)
        across.sort(key=lambda entry: (entry[0][1] + entry[0][3], entry[0][0]))
        down.sort(key=lambda entry: (entry[0][0] + entry[0][2], entry[0][1]))
        self._trees = [_tree(level) for level in (across, down, _in_strips(rest)) if level]

    def near(self, bounds: Bounds) -> Iterator[Item]:
        """Yield what lies in rectangles that meet this one, be it in an edge; the order is fixed.

        Which of them it really meets, its user knows.
        """
        left, top, right, low = bounds
        for height, level in self._trees:
            for depth in range(height, -1, -1):
                found = [
                    each
                    for (x, y, to_x, to_y), each in level
                    if x <= right and left <= to_x and y <= low and top <= to_y
                ]
                if depth:
                    level = [entry for held in found for entry in held]
            yield from found


def box_index(boxes: Mapping[str, Rect]) -> PlaneIndex[str]:
    """Return boxes by their names, to be asked which are near a place."""
    return PlaneIndex((bounds_of(box), name) for name, box in boxes.items())


def bounds_of(rect: Rect) -> Bounds:
    """Return a rectangle from its corner to its other corner."""
    return rect.x, rect.y, rect.x + rect.width, rect.y + rect.height


def _tree(level: list[_Entry]) -> tuple[int, list[_Entry]]:
    """Return sorted entries in a tree, and how high it is."""
    height = 0
    while len(level) > MOST:
        packed = (level[start : start + MOST] for start in range(0, len(level), MOST))
        level = [(_around(held), held) for held in packed]
        height += 1
    return height, level


def _in_strips(level: list[_Entry]) -> list[_Entry]:
    """Return entries in strips from left to right, in each from the top down."""
    wide = ceil(sqrt(len(level) / MOST)) * MOST
    level = sorted(level, key=lambda entry: entry[0][0] + entry[0][2])
    strips = (level[begin : begin + wide] for begin in range(0, len(level), wide or 1))
    return [e for strip in strips for e in sorted(strip, key=lambda e: e[0][1] + e[0][3])]


def _around(held: list[_Entry]) -> Bounds:
    lefts, tops, rights, lows = zip(*(bounds for bounds, _ in held), strict=True)
    return min(lefts), min(tops), max(rights), max(lows)
