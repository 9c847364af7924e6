"""Volumes in a row for each size of maps: down on the left, up on the right, skips straight across.

So is drawn what goes to smaller maps and back to larger ones past a skip: a U-Net is a U.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import dist

from ..drawing import Point
from ..dress.spoken import spoken
from ..layout.cells import cells_by_map
from ..layout.place_grid import units_of
from ..text.widths import ASCENT, DESCENT, text_width
from .columns import Link, Volumes
from .overlap import Rect, covers
from .placed_volumes import Scene, Word
from .projection import Scale, Solid
from .rays import bare
from .words_at import NAME, SIZE, lead, short_name, volume_words
from .words_between import LINE

__all__ = ["Cells", "cells_of", "in_map_rows", "is_clear"]

Cells = Mapping[str, tuple[int, int]]
"""The column and row of each volume."""
GAP = 24.0
"""The least room between two columns, at text scale 1."""
LANE, HEAD = 7.0, 6.0
"""Between two lines beside each other, and how much further the first is, for its head."""
CLEAR = 3.0
"""Between the end of a line and a volume or its words."""


def cells_of(volumes: Volumes) -> list[Cells]:
    """Return ways to put volumes into columns and rows by the size of their maps.

    None where nothing comes up again to larger maps.
    """
    # What enlarges maps stands in the row of what it gives: that is how large it is drawn.
    nodes = {key: replace(node, kind="module") for key, node in volumes.view.nodes.items()}
    grid = units_of(replace(volumes.view, nodes=nodes), list(nodes), False)
    return list(cells_by_map(grid))[::-1]


@dataclass(slots=True)
class _Row:
    """A row from its highest point to its lowest, around its volumes' middle."""

    up: float = 0.0
    down: float = 0.0
    words: float = 0.0
    """Room for the words of the lines that arrive from above, or leave to there."""
    lanes: int = 0
    """Lines that lead along above it, from one of its volumes to another."""
    turns: int = 0
    """Lines that turn above it, on their way from row to row, further up."""
    used: int = 0
    """Lanes that are taken already."""
    middle: float = 0.0

    def turn(self) -> float:
        """Return where the next line turns above it."""
        self.turns += 1
        return self.top - HEAD - LANE * (self.lanes + self.turns)

    @property
    def top(self) -> float:
        """Its highest point."""
        return self.middle - self.up


@dataclass(slots=True)
class _Placing:
    volumes: Volumes
    cells: Cells
    scale: Scale
    gap: float
    rows: dict[int, _Row] = field(default_factory=dict)
    centres: dict[int, float] = field(default_factory=dict)
    scene: Scene = field(default_factory=Scene)
    below: dict[str, float] = field(default_factory=dict)
    """Where the words below each volume end."""
    arrived: Counter[str] = field(default_factory=Counter)
    """How many lines from below arrive at each volume so far."""


def in_map_rows(volumes: Volumes, cells: Cells, scale: Scale, gap: float) -> Scene:
    """Return volumes in their cells, from (0, 0) on."""
    placing = _Placing(volumes, cells, scale, gap)
    _place_columns(placing)
    _place_rows(placing)
    _place_volumes(placing)
    for link in volumes.links:
        _lead(placing, link)
    scene = placing.scene
    points = [p for ray in scene.rays for line in ray.lines for p in line]
    rects = [*(s.rect for s in scene.solids.values()), *(word.rect for word in scene.words)]
    left, top = (min([*(r[i] for r in rects), *(p[i] for p in points)]) for i in (0, 1))
    right, bottom = (max([*(r[i + 2] for r in rects), *(p[i] for p in points)]) for i in (0, 1))
    moved = scene.moved(-left, -top)
    moved.width, moved.height = right - left, bottom - top
    return moved


def _said(volumes: Volumes, link: Link) -> str:
    """Return what is said beside a line: the kernel and what it does, or what comes before it."""
    window = spoken(link.kernel) if not link.dense else ""
    words = ", ".join(link.words).replace(", pooling", " pooling")  # "global average" in two lines
    if window and "pooling" in words and volumes.view.nodes[link.target].kind != "pool":
        return f"{spoken(words)}, {window}"
    return " ".join(filter(None, (window, spoken(words))))


def _solid(placing: _Placing, key: str, x: float = 0.0, middle: float = 0.0) -> Solid:
    return placing.scale.solid(key, placing.volumes.view.nodes[key].shape, x, middle)


def _words(placing: _Placing, solid: Solid, middle: float = 0.0) -> list[Word]:
    """Return a volume's words; its height stands below the line that arrives half way up.

    Where there is no room for it, it stands with the width.
    """
    node, size = placing.volumes.view.nodes[solid.key], SIZE * placing.scale.text
    height, *others = volume_words([node], [solid], placing.scale.text, upright=False)
    if not height.beside:
        return [height, *others]
    low = middle + 1.5 + ASCENT * size
    if low > solid.bottom:
        width, *others = others
        return [replace(width, text=f"{height.text}×{width.text}"), *others]
    return [replace(height, y=max(height.y, low)), *others]


def _place_columns(placing: _Placing) -> None:
    """Find the middle of each column's fronts."""
    nodes, text, cells = placing.volumes.view.nodes, placing.scale.text, placing.cells
    lefts: dict[int, float] = {}
    rights: dict[int, float] = {}
    for key, (col, _) in cells.items():
        solid, node = _solid(placing, key), nodes[key]
        half = solid.width / 2
        name = text_width(short_name([node], text), NAME * text, bold=True) / 2
        lefts[col] = max(lefts.get(col, 0.0), half + lead(node, text), name)
        rights[col] = max(rights.get(col, 0.0), half + solid.dx, name)
    wide = dict.fromkeys(lefts, GAP * text)
    for link in placing.volumes.links:
        (one, here), (other, there) = cells[link.source], cells[link.target]
        if other == one + 1:
            room = text_width(_said(placing.volumes, link), SIZE * text) + 8.0
            wide[one] = max(wide[one], room) if here == there else wide[one]
    at = 0.0
    for col in sorted(lefts):
        placing.centres[col] = at + lefts[col]
        at += lefts[col] + rights[col] + wide[col] + placing.gap


def _place_rows(placing: _Placing) -> None:
    """Find the middle of each row, with room above it for lines and their words."""
    text, cells, rows = placing.scale.text, placing.cells, placing.rows
    for key, (_, at) in cells.items():
        row = rows.setdefault(at, _Row())
        solid = _solid(placing, key)
        row.up = max(row.up, -solid.rect[1])
        row.down = max(row.down, *(word.rect[3] for word in _words(placing, solid)))
    for link in placing.volumes.links:
        here, there = cells[link.source][1], cells[link.target][1]
        if here != there:
            low = rows[max(here, there)]
            low.words = max(low.words, LINE * SIZE * text if _said(placing.volumes, link) else 0.0)
            low.turns += cells[link.source][0] != cells[link.target][0]
        elif _between(placing, link):
            rows[here].lanes += 1
    y = 0.0
    for number, at in enumerate(sorted(rows)):
        row = rows[at]
        lanes = row.lanes + row.turns
        above = row.words + 3.0 if lanes else max(row.words + 10.0, 20.0)
        above = above if number else 0.0
        y += above + (HEAD + LANE * lanes if lanes else 0.0) + row.up
        row.middle = y
        y += row.down
        row.turns = 0


def _between(placing: _Placing, link: Link) -> list[str]:
    """Return the volumes of a row that stand between the two of a link."""
    (one, row), (other, _) = placing.cells[link.source], placing.cells[link.target]
    return [k for k, (col, at) in placing.cells.items() if at == row and one < col < other]


def _place_volumes(placing: _Placing) -> None:
    for key, (col, at) in placing.cells.items():
        solid = _solid(placing, key)
        x, middle = placing.centres[col] - solid.width / 2, placing.rows[at].middle
        solid = solid.moved(x, middle)
        words = _words(placing, solid, middle)
        placing.scene.solids[key] = solid
        placing.scene.words += words
        placing.below[key] = max(word.rect[3] for word in words)


def _lead(placing: _Placing, link: Link) -> None:
    """Add a link's line and its words."""
    scene, cells = placing.scene, placing.cells
    source, target = scene.solids[link.source], scene.solids[link.target]
    (one, here), (other, there) = cells[link.source], cells[link.target]
    over, arrive = (
        (solid.x + (solid.width + solid.dx) / 2, solid.rect[1] - CLEAR / 2)
        for solid in (source, target)
    )
    points: tuple[Point, ...]
    if here == there and _between(placing, link):
        row = placing.rows[here]
        row.used += 1
        y = row.top - HEAD - LANE * row.used
        points = (over, (over[0], y), (arrive[0], y), arrive)
    elif here == there:
        level = placing.rows[here].middle
        points = ((source.right + source.dx / 2, level), (target.x, level))
    elif here < there:
        start = source.x + source.width / 2
        low = placing.below[link.source] + CLEAR
        if one == other:
            points = ((arrive[0], low), arrive)
        else:
            y = placing.rows[there].turn()
            points = ((start, low), (start, y), (arrive[0], y), arrive)
    else:
        end = (target.x + target.width / 2, placing.below[link.target] + CLEAR)
        arrived = placing.arrived[link.target]
        placing.arrived[link.target] += 1
        beside = (source.right + source.dx / 2, placing.rows[here].middle)
        if one == other:
            points = (over, (over[0], end[1]))
        elif other > one:
            x = end[0] - LANE * arrived
            points = (beside, (x, beside[1]), (x, end[1]))
        else:
            y = placing.rows[here].turn()
            points = (over, (over[0], y), (end[0], y), end)
    scene.rays.append(bare(link, points))
    _say(placing, link, points)


def _say(placing: _Placing, link: Link, points: Sequence[Point]) -> None:
    """Add the words of a link above its longest piece where it is level, else beside it."""
    words, size = _said(placing.volumes, link), SIZE * placing.scale.text
    if not words:
        return
    name, pieces = f"{link.source}->{link.target}", list(pairwise(points))
    (ax, ay), (bx, by) = max(pieces, key=lambda each: dist(*each))
    if ay == by:
        # Behind the source's back edge, where the line is alone.
        left = placing.scene.solids[link.source].rect[2] if len(pieces) == 1 else ax
        word = Word(name, words, (left + bx) / 2, ay - 2.5 - DESCENT * size, size)
    else:
        y = (ay + by) / 2 + ASCENT * size / 2
        word = Word(name, words, bx + 4.0, y, size, "start")
    placing.scene.words.append(word)


def is_clear(scene: Scene) -> bool:
    """Return whether no line runs through a volume that it does not join, or through words."""
    strokes = [(ray.link, pair) for ray in scene.rays for pair in _pieces(ray.lines)]
    for link, pair in strokes:
        thin = _thin(pair)
        for key, solid in scene.solids.items():
            if key not in (link.source, link.target) and covers(thin, solid.outline):
                return False
    rects = [word.rect for word in scene.words]
    for number, rect in enumerate(rects):
        if any(covers(rect, pair) for _, pair in strokes):
            return False
        if any(_meet(rect, other) for other in rects[:number]):
            return False
        owner = scene.words[number].owner
        for key, solid in scene.solids.items():
            if key != owner and covers(rect, solid.outline):
                return False
    return True


def _pieces(lines: Sequence[Sequence[Point]]) -> Iterator[tuple[Point, Point]]:
    for line in lines:
        yield from pairwise(line)


def _thin(pair: tuple[Point, Point]) -> Rect:
    (ax, ay), (bx, by) = pair
    return min(ax, bx) - 0.5, min(ay, by) - 0.5, max(ax, bx) + 0.5, max(ay, by) + 0.5


def _meet(one: Rect, other: Rect) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
