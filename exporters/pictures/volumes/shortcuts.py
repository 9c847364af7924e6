"""Shortcuts as arcs over the volumes: what a block adds to the volume that it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import cos, pi, sin

from ..drawing import Point
from .columns import Link, Volumes
from .placed_volumes import Ray, Scene
from .projection import Solid
from .rays import bare

__all__ = ["arcs", "shortcut_of"]

RISE = 9.0
"""How far above the higher of two volumes an arc leads, in points."""
BEND = 7.0
"""The radius of its corners."""
STEPS = 4


def shortcut_of(volumes: Volumes, link: Link) -> Link | None:
    """Return the shortcut beside a link, None where its target adds nothing to what it reads."""
    kind = volumes.view.nodes[link.target].shortcut
    return kind and replace(link, kind=kind, window=None, words=())


def arcs(volumes: Volumes, scene: Scene) -> Iterator[Ray]:
    """Yield the shortcuts between volumes of a row, each from back edge to back edge."""
    for link in volumes.links:
        if link.source in scene.solids and link.target in scene.solids:
            shortcut = shortcut_of(volumes, link)
            if shortcut is not None:
                ends = scene.solids[link.source], scene.solids[link.target]
                yield bare(shortcut, _over(*ends))


def _over(source: Solid, target: Solid) -> tuple[Point, ...]:
    """Return the points of a line up from one volume, across, and down to another."""
    (ax, ay), (bx, by) = map(_top, (source, target))
    y = min(source.rect[1], target.rect[1]) - RISE
    bend = min(BEND, (bx - ax) / 2)
    turns = [pi / 2 * step / STEPS for step in range(STEPS + 1)]
    up = [(ax + bend * (1 - cos(turn)), y + bend * (1 - sin(turn))) for turn in turns]
    down = [(ax + bx - x, height) for x, height in reversed(up)]
    return (ax, ay), *up, *down, (bx, by)


def _top(solid: Solid) -> Point:
    """Return the middle of the upper back edge, so that no line runs over a face."""
    return solid.x + solid.width / 2 + solid.dx, solid.rect[1]
