"""Finds where lines cross and turn: what readers mind most of a layout (Purchase, 1997)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import combinations, product

from ..drawing import Point
from ..view import ViewEdge
from .scene import Line, Scene

__all__ = ["crossings", "disorder"]

CROSSED, CORNER = 0.03, 0.007
"""What a crossing and a corner count against the size of text, where arrangements are compared."""

MANY = 1000
"""Lines of which nobody counts the crossings."""
ROUNDED = 12.0
"""The longest curve that only rounds a corner, in points."""

Piece = tuple[Point, Point, ViewEdge]
"""A straight piece of an edge's line, from the left or from the top."""


def disorder(scene: Scene) -> float:
    """Return what crossings and corners of lines count against a scene; of very many, nothing."""
    if len(scene.lines) > MANY:
        return 0.0
    corners = sum(len(segment) == 3 for line in scene.lines for segment in line.segments)
    return CROSSED * len(crossings(scene)) + CORNER * corners


def crossings(scene: Scene) -> list[tuple[str, str, str, str]]:
    """Return the boxes that each two lines join which cross, once for each crossing.

    Lines that begin or end at the same box are one for a reader.
    """
    level: list[Piece] = []
    upright: list[Piece] = []
    slanted: list[Piece] = []
    for line in scene.lines:
        for one, other in _pieces(line):
            ends = (one, other) if one < other else (other, one)
            flat, steep = abs(one[1] - other[1]) < 0.01, abs(one[0] - other[0]) < 0.01
            (level if flat else upright if steep else slanted).append((*ends, line.edge))
    upright.sort(key=lambda piece: piece[0])
    places = [piece[0][0] for piece in upright]
    found = [
        (one, other)
        for (left, y), (right, _), one in level
        for (_, top), (_, low), other in upright[
            bisect_right(places, left) : bisect_left(places, right)
        ]
        if top < y < low
    ]
    found += [
        (one[2], other[2])
        for one, other in (*product(slanted, [*level, *upright]), *combinations(slanted, 2))
        if _parts(one, other) and _parts(other, one)
    ]
    return [
        (one.source, one.target, other.source, other.target)
        for one, other in found
        if one.source != other.source and one.target != other.target
    ]


def _pieces(line: Line) -> Iterator[tuple[Point, Point]]:
    at = line.start
    for segment in line.segments:
        end = segment[-1]
        if len(segment) == 1 or abs(end[0] - at[0]) + abs(end[1] - at[1]) > ROUNDED:
            yield at, end
        at = end


def _parts(one: Piece, other: Piece) -> bool:
    """Return whether a piece's ends lie on two sides of another's line."""
    (a, b), (c, d), _ = other
    left, right = ((c - a) * (y - b) - (d - b) * (x - a) for x, y in one[:2])
    return left * right < 0
