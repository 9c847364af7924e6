"""One row of volumes: their places from left to right, in one lane or in several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..dress.spoken import say
from ..text.widths import text_width
from ..view import ViewNode
from .columns import Volumes
from .overlap import Rect
from .placed_volumes import Frame, Scene, Word
from .projection import Scale, Solid
from .rays import ray
from .shortcuts import arcs
from .words_at import NAME, SIZE, lead, number_width, short_name, volume_words
from .words_between import LINE, annotate, fan_words

__all__ = ["Group", "place_row"]

Group = tuple[int, ...]
"""Columns whose volumes stand touching each other."""

NEAR = 16.0
"""What lines between two volumes need beside the numbers of the second, at text scale 1."""

CROSS = 30.0
"""How much wider a gap is where lines cross between lanes."""

PAD = 6.0
LANE_GAP = 2.9 * SIZE
"""Between lanes, at text scale 1: two lines of text stand there."""


@dataclass(slots=True)
class _Row:
    """What is placed so far: by lane around a middle line at 0, lanes on top of each other."""

    solids: dict[int | None, list[Solid]]
    words: dict[int | None, list[Word]]
    right: float = 0.0
    label: float = -1e9
    """The right end of the names and numbers below the last volume."""


def place_row(
    volumes: Volumes,
    groups: Sequence[Group],
    scale: Scale,
    gap: float,
    *,
    upright: bool,
    notes: bool,
) -> Scene:
    """Return one row with its top left corner at (0, 0); without ``notes`` only its size."""
    row = _Row({}, {})
    crossing = {link.target for link in volumes.links if link.kind == "crossing"}
    for number, group in enumerate(groups):
        columns = [volumes.columns[index] for index in group]
        extra = CROSS * scale.text if crossing.intersection(columns[0].values()) else 0.0
        arriving = [link for link in volumes.links if link.target in columns[0].values()]
        between = max(gap + extra, fan_words(arriving, scale)) if number else 0.0
        _put_group(volumes, columns, scale, row, between, upright)
    scene = _stacked(volumes, row, scale)
    scene.rays += arcs(volumes, scene)
    if not notes:
        left, top, right, bottom = _bounds(scene)
        return Scene(right - left, bottom - top)
    _add_rays(volumes, groups, scene, scale)
    annotate(volumes, scene, scale)
    left, top, right, bottom = _bounds(scene)
    moved = scene.moved(-left, -top)
    moved.width, moved.height = right - left, bottom - top
    return moved


def _put_group(
    volumes: Volumes,
    columns: Sequence[dict[int | None, str]],
    scale: Scale,
    row: _Row,
    gap: float,
    upright: bool,
) -> None:
    nodes = volumes.view.nodes
    room = max(lead(nodes[key], scale.text) for key in columns[0].values())
    x = row.right + max(gap, room + NEAR * scale.text) if gap else row.right + room
    half = max(_label_width([nodes[c[lane]] for c in columns], scale) for lane in columns[0]) / 2
    wide = _width(volumes, columns, scale)
    x = max(x, row.label + 5.0 * scale.text + half - wide / 2)
    for lane in columns[0]:
        at, solids = x, []
        for column in columns:
            node = nodes[column[lane]]
            solids.append(scale.solid(node.id, node.shape, at, 0.0))
            at = solids[-1].right
        shown = [nodes[column[lane]] for column in columns]
        words = volume_words(shown, solids, scale.text, upright=upright)
        row.solids.setdefault(lane, []).extend(solids)
        row.words.setdefault(lane, []).extend(words)
        row.right = max(row.right, at + solids[-1].dx)
    row.label = x + wide / 2 + half


def _width(volumes: Volumes, columns: Sequence[dict[int | None, str]], scale: Scale) -> float:
    lane = next(iter(columns[0]))
    shapes = [volumes.view.nodes[column[lane]].shape for column in columns]
    return sum(scale.solid("", shape, 0.0, 0.0).width for shape in shapes)


def _label_width(nodes: Sequence[ViewNode], scale: Scale) -> float:
    """Return how wide the widest word below touching volumes is."""
    name = text_width(short_name(nodes, scale.text), NAME * scale.text, bold=True)
    return max(name, number_width(nodes, scale.text))


def _stacked(volumes: Volumes, row: _Row, scale: Scale) -> Scene:
    """Return the lanes below each other, framed and named, and between them what serves all."""
    scene = Scene()
    lanes = [lane for lane in volumes.devices if lane in row.solids]
    top = 0.0
    head = NAME * scale.text * 1.25
    for lane in lanes:
        rects = [s.rect for s in row.solids[lane]] + [w.rect for w in row.words[lane]]
        high, low = min(r[1] for r in rects), max(r[3] for r in rects)
        left, right = min(r[0] for r in rects), max(r[2] for r in rects)
        foot = 0.4 * LINE * SIZE * scale.text  # for the words on the way
        shift = top + head + PAD - high
        bottom = low + shift + foot + PAD
        frame = (left - PAD, top, right + PAD, bottom)
        scene.frames.append(Frame(say("GPU {names}", names=lane), frame))
        _keep(scene, row, lane, shift)
        top = bottom + LANE_GAP * scale.text
    if None in row.solids:
        middle = (top - LANE_GAP * scale.text) / 2 if lanes else 0.0
        _keep(scene, row, None, middle)
    return scene


def _keep(scene: Scene, row: _Row, lane: int | None, shift: float) -> None:
    scene.solids.update({solid.key: solid.moved(0, shift) for solid in row.solids[lane]})
    scene.words += [word.moved(0, shift) for word in row.words[lane]]


def _add_rays(volumes: Volumes, groups: Sequence[Group], scene: Scene, scale: Scale) -> None:
    sizes = {key: len(g) for g in groups for key in volumes.columns[g[-1]].values()}
    starts = {key for g in groups for key in volumes.columns[g[0]].values()}
    for link in volumes.links:
        if link.source in sizes and link.target in starts:
            source, target = scene.solids[link.source], scene.solids[link.target]
            # Names stand on the fronts of volumes that touch.
            scene.rays.append(ray(link, source, target, scale, whole=sizes[link.source] == 1))


def _bounds(scene: Scene) -> Rect:
    rects = [solid.rect for solid in scene.solids.values()]
    rects += [word.rect for word in scene.words] + [frame.rect for frame in scene.frames]
    lefts, tops, rights, bottoms = zip(*rects, strict=True)
    highest = (y for found in scene.rays for line in found.lines for _, y in line)
    return min(lefts), min(*tops, *highest), max(rights), max(bottoms)
