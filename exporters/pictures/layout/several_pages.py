"""Spreads a view over as few pages as hold it at a readable size."""

from __future__ import annotations

from collections.abc import Sequence

from ..view import View, ViewEdge
from .branch_tree import Chain, build_tree
from .cut_lines import Piece, between, line_parts, placings
from .even_lines import fill
from .join_lines import LEAD, arrange
from .place_chain import Placer
from .placed_parts import Part
from .readable import LEAST, MOST
from .scene import Scene, Space
from .soundness import is_sound

__all__ = ["several_pages"]


def several_pages(view: View, space: Space, directions: Sequence[bool]) -> list[Scene] | None:
    """Return as few pages as hold the view at a readable size, None where none do."""
    if space is None:
        return None
    tree = build_tree(view)
    best: list[Scene] | None = None
    for placer, found, _ in placings(view, tree, directions):
        pages = _paged(view, tree, placer, found, space)
        if pages is None or not is_sound(view, pages):
            continue
        if best is None or len(pages) < len(best):
            best = pages
    return best


def _paged(
    view: View, tree: Chain, placer: Placer, found: list[Piece], space: tuple[float, float]
) -> list[Scene] | None:
    along, across = space[::-1] if placer.down else space
    limit = along - 2 * LEAD - 10
    lengths = [piece.length for piece in found]
    if max(lengths) > limit / LEAST:
        return None
    limit = max(limit, max(lengths))
    starts = fill(lengths, limit, between(placer))
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
        scenes.append(scene.fitted(space, MOST))
    return scenes if all(scene.scale >= LEAST * 0.999 for scene in scenes) else None


def _edge_between(view: View, parts: list[Part], left: int, right: int) -> ViewEdge | None:
    here = {node.id for node in parts[left].nodes}
    there = {node.id for node in parts[right].nodes}
    found = [e for e in view.edges if e.source in here and e.target in there]
    return found[0] if found else None
