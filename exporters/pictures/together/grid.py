"""Places networks in a grid: one line each, corresponding stages in the same column.

On a wide canvas the networks stand below each other and the stages beside each other, on a tall
one the other way round; inside a stage the flow always runs down.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..layout.box_sizes import SECONDARY, node_size
from ..layout.placed_parts import rounded
from ..layout.scene import Frame, Line, Rect, Scene
from ..text.widths import text_width
from ..view import View, ViewEdge
from .aligned import Cell

__all__ = ["HEADING", "TALL", "grid"]

HEADING = 24.0
"""Room for a network's name and totals above its line, in one line."""
TALL = 34.0
"""Likewise above a narrow column, in two."""

GAP, PAD, HEAD, GUTTER, BETWEEN = 14.0, 6.0, 14.0, 22.0, 8.0


def grid(view: View, table: Sequence[Sequence[Cell | None]], *, wide: bool) -> Scene:
    """Return the scene, with room for a heading above each network's first stage."""
    columns = len(table[0])
    stages = [_sizes(view, [row[at] for row in table], wide) for at in range(columns)]
    lines = [_sizes(view, row, wide) for row in table]
    scene = Scene(0.0, 0.0)
    if wide:
        lefts = _offsets([width for width, _ in stages], GUTTER)
        tops = _offsets([height + HEADING for _, height in lines], BETWEEN)
        whole = lefts[-1] + stages[-1][0]
        scene.headings = [Rect(0.0, top, whole, HEADING) for top in tops]
    else:
        lefts = _offsets([width for width, _ in lines], 2.5 * GUTTER)
        tops = _offsets([height for _, height in stages], GAP)
        # A heading may reach into the room beside its column.
        widths = [width + 2 * GUTTER for width, _ in lines]
        scene.headings = [
            Rect(left, 0.0, width, TALL) for left, width in zip(lefts, widths, strict=True)
        ]
    for number, row in enumerate(table):
        for column, cell in enumerate(row):
            if cell is None:
                continue
            if wide:
                left, top, width = lefts[column], tops[number] + HEADING, stages[column][0]
            else:
                left, top, width = lefts[number], TALL + tops[column], lines[number][0]
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
    before, inside = _halves(view, cell)
    width = max(_node(view, key, wide)[0] for key in cell.ids) + 2 * PAD
    height = sum(_stack(view, keys, wide) for keys in (before, inside) if keys) + 2 * PAD
    height += GAP if before and inside else 0.0
    label = text_width(cell.label, SECONDARY, bold=True) + 10 if _named(view, cell) else 0.0
    if wide:
        return max(width, label + 2 * PAD), height + (HEAD if label else 0.0)
    return width + HEAD, max(height, label)


def _halves(view: View, cell: Cell) -> tuple[list[str], list[str]]:
    """Return a cell's nodes that stand before its stage (an input, a pool), and the stage's."""
    ids = list(cell.ids)
    first = next((at for at, key in enumerate(ids) if view.nodes[key].stage), 0)
    return ids[:first], ids[first:]


def _named(view: View, cell: Cell) -> bool:
    """Return whether a cell has a frame: one that says more than the one box in it."""
    inside = _halves(view, cell)[1]
    return bool(cell.label) and [view.nodes[key].label.head for key in inside] != [cell.label]


def _node(view: View, key: str, wide: bool) -> tuple[float, float]:
    size = node_size(view.nodes[key], stacked=wide)
    return size.width, size.height


def _stack(view: View, keys: Sequence[str], wide: bool) -> float:
    """Return how high some nodes are, one below the other."""
    return sum(_node(view, key, wide)[1] for key in keys) + sum(_gap(view, k) for k in keys[1:])


def _gap(view: View, key: str) -> float:
    return 0.0 if view.nodes[key].attached else GAP


def _cell(
    scene: Scene, view: View, cell: Cell, corner: tuple[float, float], width: float, wide: bool
) -> None:
    """Place a cell's nodes, with a frame around those of its stage."""
    left, top = corner
    height = _size(view, cell, wide)[1]
    before, inside = _halves(view, cell)
    named = _named(view, cell)
    aside = 0.0 if wide else HEAD
    head = HEAD if wide and named else 0.0
    at = top + PAD

    def put(keys: Sequence[str], at: float) -> float:
        for index, key in enumerate(keys):
            at += _gap(view, key) if index else 0.0
            tall = _node(view, key, wide)[1]
            scene.nodes[key] = Rect(left + PAD + aside, at, width - 2 * PAD - aside, tall)
            at += tall
        return at

    start = put(before, at) + GAP - PAD if before else top
    if not wide:  # a short cell, made longer for its name, holds its nodes in the middle
        at += (height - 2 * PAD - _stack(view, cell.ids, wide)) / 2
    if named:
        frame = Rect(left, start, width, top + height - start)
        scene.frames.append(Frame(inside[0], cell.label, frame, not wide))
    put(inside, start + PAD + head if before or wide else at)


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
