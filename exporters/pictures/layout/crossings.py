"""Counts where lines of a finished layout cross: what readers mind most (Purchase, 1997)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import combinations

from ..drawing import Point
from .scene import Line, Scene

__all__ = ["crossings"]

CORNER = 12.0
"""The longest curve that only rounds a corner, in points."""

Piece = tuple[Point, Point, str, str]
"""A straight piece from the left, or from the top, and the boxes that its line joins."""


def crossings(scene: Scene) -> int:
    """Return how often lines cross that neither begin nor end at the same box."""
    level: list[Piece] = []
    upright: list[Piece] = []
    slanted: list[Piece] = []
    for line in scene.lines:
        for one, other in _pieces(line):
            piece = (*sorted((one, other)), line.edge.source, line.edge.target)
            if abs(one[1] - other[1]) < 0.01:
                level.append(piece)
            elif abs(one[0] - other[0]) < 0.01:
                upright.append(piece)
            else:
                slanted.append(piece)
    upright.sort()
    places = [piece[0][0] for piece in upright]
    found = 0
    for (left, y), (right, _), source, target in level:
        for (_, top), (_, low), start, end in upright[
            bisect_right(places, left) : bisect_left(places, right)
        ]:
            found += top < y < low and source != start and target != end
    others = [*level, *upright]
    found += sum(_cross(one, other) for one in slanted for other in others)
    return found + sum(_cross(one, other) for one, other in combinations(slanted, 2))


def _pieces(line: Line) -> Iterator[tuple[Point, Point]]:
    at = line.start
    for segment in line.segments:
        end = segment[-1]
        if len(segment) == 1 or abs(end[0] - at[0]) + abs(end[1] - at[1]) > CORNER:
            yield at, end
        at = end


def _cross(one: Piece, other: Piece) -> bool:
    if one[2] == other[2] or one[3] == other[3]:
        return False
    return _parts(one, other) and _parts(other, one)


def _parts(one: Piece, other: Piece) -> bool:
    """Return whether a piece's ends lie on two sides of another's line."""
    (a, b), (c, d) = other[:2]
    left, right = ((c - a) * (y - b) - (d - b) * (x - a) for x, y in one[:2])
    return left * right < 0
