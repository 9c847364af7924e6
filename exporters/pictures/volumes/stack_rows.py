"""Rows below each other, joined by lines that lead from the end of one to the start of the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..dress.spoken import spoken
from ..text.widths import ASCENT, DESCENT
from .columns import Link, Volumes
from .place_row import Group, place_row
from .placed_volumes import Scene, Word
from .projection import Scale
from .rays import bare
from .shortcuts import shortcut_of
from .words_at import SIZE, fits_upright

__all__ = ["arrange"]

TURN = 9.0
"""How far lines from row to row stand off the volumes, in points."""
BESIDE = 4.0
"""How far beside such a line a shortcut leads."""


def arrange(
    volumes: Volumes, rows: Sequence[Sequence[Group]], scale: Scale, gap: float, *, notes: bool
) -> Scene:
    """Return the whole picture from (0, 0) on; without ``notes`` only its size."""
    nodes = volumes.view.nodes
    touching = [
        nodes[key]
        for groups in rows
        for group in groups
        for index in group
        for key in volumes.columns[index].values()
        if len(group) > 1
    ]
    upright = all(fits_upright(node, scale) for node in touching)

    def place(groups: Sequence[Group], gap: float) -> Scene:
        return place_row(volumes, groups, scale, gap, upright=upright, notes=notes)

    placed = [place(groups, gap) for groups in rows]
    if len(placed) == 1:
        return placed[0]
    if notes:
        placed = _justified(placed, rows, gap, place)
    wide = max(row.width for row in placed)
    lane = _lane(volumes, scale)
    scene = Scene(wide + 2 * TURN, 0.0)
    if not notes:
        scene.height = sum(row.height for row in placed) + lane * (len(placed) - 1)
        return scene
    for row in placed:
        _join(scene, row.moved(TURN, scene.height + (lane if scene.height else 0.0)))
        scene.height += row.height + (lane if scene.height else 0.0)
    bottom = 0.0
    for row, before, after in zip(placed, rows, rows[1:], strict=False):
        bottom += row.height
        last, first = volumes.columns[before[-1][-1]][None], volumes.columns[after[0][0]][None]
        link = next(k for k in volumes.links if (k.source, k.target) == (last, first))
        _lead(scene, link, bottom + lane - 3.0, scale, shortcut_of(volumes, link))
        bottom += lane
    return scene


def _justified(
    placed: list[Scene],
    rows: Sequence[Sequence[Group]],
    gap: float,
    place: Callable[[Sequence[Group], float], Scene],
) -> list[Scene]:
    """Return the rows with wider gaps in those that are shorter than the longest."""
    wide = max(row.width for row in placed)
    found = []
    for row, groups in zip(placed, rows, strict=True):
        more = (wide - row.width) / max(1, len(groups) - 1)
        stretched = place(groups, gap + min(more, 2.5 * gap))
        found.append(stretched if stretched.width <= wide else row)
    return found


def _lane(volumes: Volumes, scale: Scale) -> float:
    """Return how far rows stand apart: room for a line and words on it, and for a shortcut."""
    beside = BESIDE if any(n.shortcut for n in volumes.view.nodes.values()) else 0.0
    return (ASCENT + DESCENT) * SIZE * scale.text + 8.0 + beside


def _join(scene: Scene, row: Scene) -> None:
    scene.solids.update(row.solids)
    scene.rays += row.rays
    scene.words += row.words
    scene.frames += row.frames


def _lead(scene: Scene, link: Link, y: float, scale: Scale, shortcut: Link | None) -> None:
    """Add the line from a row's last volume around to the next row's first, with its words.

    A shortcut leads beside it, on the outside.
    """
    source, target = scene.solids[link.source], scene.solids[link.target]
    start, end = source.exit, target.entry
    right, left = source.right + source.dx + TURN, TURN / 2
    if shortcut is not None:
        up, out, inner = start[1] - BESIDE, right + BESIDE / 2, left - BESIDE / 2
        turns = ((out, up), (out, y), (inner, y), (inner, end[1] - BESIDE))
        points = ((start[0], up), *turns, (end[0], end[1] - BESIDE))
        scene.rays.append(bare(shortcut, points))
        y -= BESIDE
    corners = (start, (right, start[1]), (right, y), (left, y), (left, end[1]), end)
    scene.rays.append(bare(link, corners))
    size = SIZE * scale.text
    words = [*(["×".join(map(str, link.window))] if link.window else []), *link.words]
    if words:
        label = spoken(", ".join(words))
        name = f"{link.source}->{link.target}"
        scene.words.append(Word(name, label, right - 5.0, y - 1.0 - DESCENT * size, size, "end"))
