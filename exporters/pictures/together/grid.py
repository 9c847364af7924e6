"""Places networks in a grid: one line each, corresponding stages in the same column.

On a wide canvas the networks stand below each other and the stages beside each other, on a tall
one the other way round; inside a stage the flow always runs down.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..layout.measure import SECONDARY, node_size
from ..layout.parts import rounded
from ..layout.scene import Frame, Line, Rect, Scene
from ..text import text_width
from ..view import View, ViewEdge
from .aligned import Cell

__all__ = ["HEADING", "grid"]

HEADING = 20.0
"""Room for a network's name above its line."""

GAP, PAD, HEAD, GUTTER, BETWEEN = 14.0, 6.0, 14.0, 22.0, 12.0


def grid(view: View, table: Sequence[Sequence[Cell | None]], *, wide: bool) -> Scene:
    """Return the scene, with room for a heading above each network's first stage."""
    columns = len(table[0])
    stages = [_sizes(view, [row[at] for row in table], wide) for at in range(columns)]
    lines = [_sizes(view, row, wide) for row in table]
    scene = Scene(0.0, 0.0)
    if wide:
        lefts = _offsets([width for width, _ in stages], GUTTER)
        tops = _offsets([height + HEADING for _, height in lines], BETWEEN)
    else:
        lefts = _offsets([width for width, _ in lines], 2.5 * GUTTER)
        tops = _offsets([height for _, height in stages], GAP)
    for number, row in enumerate(table):
        for column, cell in enumerate(row):
            if cell is None:
                continue
            if wide:
                left, top, width = lefts[column], tops[number] + HEADING, stages[column][0]
            else:
                left, top, width = lefts[number], HEADING + tops[column], lines[number][0]
            _cell(scene, view, cell, (left, top), width, wide)
    scene.width = max(rect.x + rect.width for rect in scene.nodes.values()) + PAD
    scene.height = max(rect.y + rect.height for rect in scene.nodes.values()) + PAD
    for edge in view.edges:
        if not view.nodes[edge.target].attached:
            scene.lines.append(_line(scene, edge))
    for frame in scene.frames:
        scene.width = max(scene.width, frame.rect.x + frame.rect.width)
        scene.height = max(scene.height, frame.rect.y + frame.rect.height)
    return scene


def _offsets(sizes: Sequence[float], gap: float) -> list[float]:
    found, at = [], 0.0
    for size in sizes:
        found.append(at)
        at += size + gap
    return found


def _sizes(view: View, row: Sequence[Cell | None], wide: bool) -> tuple[float, float]:
    """Return the greatest width and height of some cells with their frames."""
    sizes = [_size(view, cell, wide) for cell in row if cell is not None]
    return max(width for width, _ in sizes), max(height for _, height in sizes)


def _size(view: View, cell: Cell, wide: bool) -> tuple[float, float]:
    """Return a cell's width and height; its label stands on top, or upright at its left."""
    sizes = [node_size(view.nodes[key]) for key in cell.ids]
    label = text_width(cell.label, SECONDARY, bold=True) + 10 if wide else 0.0
    width = max(label, *(size.width for size in sizes)) + 2 * PAD
    gaps = sum(_gap(view, key) for key in cell.ids[1:])
    height = sum(size.height for size in sizes) + gaps + 2 * PAD
    return (width, height + HEAD) if wide else (width + HEAD, height)


def _gap(view: View, key: str) -> float:
    return 0.0 if view.nodes[key].attached else GAP


def _cell(
    scene: Scene, view: View, cell: Cell, corner: tuple[float, float], width: float, wide: bool
) -> None:
    left, top = corner
    height = _size(view, cell, wide)[1]
    scene.frames.append(Frame(cell.ids[0], cell.label, Rect(left, top, width, height), not wide))
    aside = 0.0 if wide else HEAD
    at = top + PAD + (HEAD if wide else 0.0)
    for index, key in enumerate(cell.ids):
        at += _gap(view, key) if index else 0.0
        tall = node_size(view.nodes[key]).height
        scene.nodes[key] = Rect(left + PAD + aside, at, width - 2 * PAD - aside, tall)
        at += tall


def _line(scene: Scene, edge: ViewEdge) -> Line:
    """Return a line straight down, or from below one stage into the side of the next."""
    source, target = scene.nodes[edge.source], scene.nodes[edge.target]
    # Points are (along the flow, across it), which here is (y, x).
    start = (source.y + source.height, source.x + source.width / 2)
    end = (target.y, target.x + target.width / 2)
    if abs(start[1] - end[1]) < 0.01 and start[0] < end[0]:
        points = [start, end]
    else:
        below = start[0] + PAD + 5
        gutter = target.x - PAD - GUTTER / 2
        middle = target.y + target.height / 2
        points = [start, (below, start[1]), (below, gutter), (middle, gutter), (middle, target.x)]
    wire = rounded(edge, points, 6.0)
    segments = tuple(tuple((x, y) for y, x in part) for part in wire.segments)
    return Line(edge, (start[1], start[0]), segments)
