"""Searches the arrangement that gives the largest text on the asked canvas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..view import View, ViewEdge
from .branch_tree import Chain, Tangle, build_tree
from .cut_lines import Group, Piece, cut, fill, line_parts, pieces
from .frame_names import labelled
from .join_lines import LEAD, arrange
from .lanes import arrange_lanes, has_lanes, rank_nodes
from .place_chain import FORK, GAP, Placer
from .placed_parts import Part
from .scene import Scene
from .soundness import is_sound

__all__ = ["BOTH", "LEAST", "Canvas", "lay_out"]

LEAST = 0.9
"""Labels of 10 pt and secondary text of 8 pt are not drawn smaller than 9 and 7.2 pt."""

MOST = 1.9
"""Nor larger than a slide's body text."""

COMFORT = 1.2
WRAP, SPLIT = 0.05, 0.12
"""What each further line costs, and lines that end inside a group, against the size of text."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """The room for the diagram itself, in points; None grows with what is drawn."""

    width: float | None
    height: float | None


BOTH = (True, False)
"""The flow runs down, or to the right."""


def lay_out(
    view: View, canvas: Canvas, *, pages: bool, directions: Sequence[bool] = BOTH
) -> list[Scene] | None:
    """Return the pages of a view, one where it fits, or None when it cannot be shown.

    With ``pages`` false only a single page will do; ``directions`` are whether the flow may run
    down, or to the right. Text is never smaller than ``LEAST``.
    """
    found = _single(view, canvas, directions)
    for scene in sorted(found, key=lambda each: -_score(each, canvas)):
        if scene.scale >= LEAST and is_sound(view, [scene]):
            return [labelled(scene)]
    several = _several(view, canvas) if pages else None
    if several is None and not has_lanes(view):
        tangled = _tangled(view, canvas, directions)
        best = max(tangled, key=lambda each: _score(each, canvas))
        return [labelled(best)] if best.scale >= LEAST else None
    return several and [labelled(scene) for scene in several]


def _score(scene: Scene, canvas: Canvas) -> float:
    if canvas.width is None or canvas.height is None:
        return -abs(scene.width / scene.height - 16 / 9)
    used = scene.width * scene.height * scene.scale**2 / (canvas.width * canvas.height)
    # Text beyond a comfortable size counts less.
    size = scene.scale if scene.scale < COMFORT else COMFORT + 0.4 * (scene.scale - COMFORT)
    return round(size + 0.35 * used - scene.penalty, 3)


def _scaled(scene: Scene, canvas: Canvas) -> Scene:
    if canvas.width is None or canvas.height is None:
        return replace(scene, scale=1.0)
    scale = min(canvas.width / scene.width, canvas.height / scene.height, MOST)
    x = (canvas.width - scene.width * scale) / 2
    y = (canvas.height - scene.height * scale) / 2
    return replace(scene, scale=scale, x=x, y=y)


def _single(view: View, canvas: Canvas, directions: Sequence[bool]) -> Iterator[Scene]:
    """Yield every arrangement on one page."""
    if has_lanes(view):
        ranks = rank_nodes(view)
        for rows in range(1, 7):
            scene = arrange_lanes(view, ranks, rows)
            if scene is not None:
                yield _scaled(scene, canvas)
        return
    tree = build_tree(view)
    for placer, found, whole in _prepared(view, tree, directions):
        gap = _between(placer)
        lengths = [piece.length for piece in found]
        seen: set[int] = set()
        for count in range(1, min(len(found), 14) + 1):
            starts = cut(lengths, count, gap)
            if len(starts) in seen:
                continue
            seen.add(len(starts))
            scene = arrange(line_parts(tree, starts, found, placer), placer)
            scene.penalty = WRAP * (len(starts) - 1) + (0.0 if whole else SPLIT)
            yield _scaled(scene, canvas)


def _tangled(view: View, canvas: Canvas, directions: Sequence[bool]) -> Iterator[Scene]:
    """Yield the view as Graphviz alone lays it out, which finds its way through any graph."""
    for down in directions:
        placer = Placer(view, down, None)
        yield _scaled(arrange([placer.tangle(Tangle(tuple(view.nodes)))], placer), canvas)


def _prepared(
    view: View, tree: Chain, directions: Sequence[bool] = BOTH
) -> Iterator[tuple[Placer, list[Piece], bool]]:
    """Yield each way to cut a chain into pieces, and whether it keeps whole groups together."""
    framed = {"block": "stage", "layer": "block"}.get(view.level)
    for down in directions:
        placer = Placer(view, down, framed)
        seen: set[int] = set()
        for group in _GROUPS[view.level]:
            found = pieces(tree, placer, group)
            if len(found) not in seen:
                yield placer, found, not seen
            seen.add(len(found))


_GROUPS: dict[str, tuple[Group, ...]] = {
    "stage": (None,),
    "block": ("stage", "block"),
    "layer": ("block", None),
}
"""Where lines may end at each level, the better places first."""


def _between(placer: Placer) -> float:
    return (FORK if placer.view.level == "layer" else GAP) + (9.0 if placer.framed else 0.0)


def _several(view: View, canvas: Canvas) -> list[Scene] | None:
    """Return as few pages as hold the view at a readable size."""
    if has_lanes(view) or canvas.width is None or canvas.height is None:
        return None
    tree = build_tree(view)
    best: list[Scene] | None = None
    for placer, found, _ in _prepared(view, tree):
        pages = _paged(view, tree, placer, found, canvas)
        if pages is None or not is_sound(view, pages):
            continue
        if best is None or len(pages) < len(best):
            best = pages
    return best


def _paged(
    view: View, tree: Chain, placer: Placer, found: list[Piece], canvas: Canvas
) -> list[Scene] | None:
    assert canvas.width is not None
    assert canvas.height is not None
    along, across = (canvas.height, canvas.width) if placer.down else (canvas.width, canvas.height)
    limit = along - 2 * LEAD - 10
    lengths = [piece.length for piece in found]
    if max(lengths) > limit / LEAST:
        return None
    limit = max(limit, max(lengths))
    starts = fill(lengths, limit, _between(placer))
    parts = line_parts(tree, starts, found, placer)
    pages: list[list[int]] = [[]]
    for index in range(len(parts)):
        trial = [parts[i] for i in (*pages[-1], index)]
        scene = arrange(trial, placer)
        reach = scene.width if placer.down else scene.height
        if pages[-1] and reach > across / 0.97:
            pages.append([index])
        else:
            pages[-1].append(index)
    scenes = []
    for number, page in enumerate(pages):
        before = _edge_between(view, parts, pages[number - 1][-1], page[0]) if number else None
        last = number == len(pages) - 1
        after = None if last else _edge_between(view, parts, page[-1], pages[number + 1][0])
        scene = arrange([parts[i] for i in page], placer, before=before, after=after)
        scenes.append(_scaled(scene, canvas))
    return scenes if all(scene.scale >= LEAST * 0.999 for scene in scenes) else None


def _edge_between(view: View, parts: list[Part], left: int, right: int) -> ViewEdge | None:
    here = {node.id for node in parts[left].nodes}
    there = {node.id for node in parts[right].nodes}
    found = [e for e in view.edges if e.source in here and e.target in there]
    return found[0] if found else None
