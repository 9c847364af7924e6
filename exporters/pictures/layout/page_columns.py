"""One page of several: chains in columns, one after the other, where they hang together or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from ..view import View
from .branch_tree import Chain, Tangle, build_tree, first_of, last_of
from .cut_lines import Piece, between, entry_of, pieces, sub_chain
from .join_lines import GUTTER, LEAD, arrange
from .marks import BESIDE
from .page_order import together
from .place_chain import Placer
from .placed_parts import Part
from .readable import LEAST
from .scene import Scene

__all__ = ["in_columns"]

SCALES = (1.2, 1.05, LEAST)
"""The sizes of text that are tried on a page, the largest that fits is taken."""
TANGLE = 16
"""A tangle of more boxes is no picture to follow."""
WHOLE = 0.6
"""From which part of its length on a column rather ends between two blocks than full."""
APART = 24.0
"""Between two chains in one column that have nothing to do with each other."""


def in_columns(view: View, space: tuple[float, float]) -> Scene | None:
    """Return a view as chains with their branches in columns, None where it does not fit so."""
    placer = Placer(view, True, view.framed)
    trees = [build_tree(part) for part in _connected(view)]
    if any(isinstance(i, Tangle) and len(i.ids) > TANGLE for tree in trees for i in tree.items):
        return None
    found = [
        (number, piece) for number, t in enumerate(trees) for piece in pieces(t, placer, "node")
    ]
    lengths = [piece.length for _, piece in found]
    gap = max(between(placer), APART)
    parted = [n > 0 and _parted(view, found[n - 1], each) for n, each in enumerate(found)]
    for scale, parts in (*((scale, False) for scale in SCALES), (LEAST, True)):
        across, along = space[0] / scale, space[1] / scale
        limit = along - 2 * LEAD - 10
        if max(lengths) > limit:
            continue
        starts = _even(lengths, [each and not parts for each in parted], limit, gap)
        columns = [found[one:other] for one, other in pairwise([*starts, len(found)])]
        breadth = sum(max(piece.breadth for _, piece in column) + GUTTER for column in columns)
        if breadth - GUTTER > across:
            continue
        scene = arrange(_parts(columns, trees, placer), placer)
        if scene.width <= across and scene.height <= along:
            return scene.fitted(space, scale)
    return None


def _parted(view: View, one: tuple[int, Piece], other: tuple[int, Piece]) -> bool:
    """Return whether the end of a column between two pieces would part a block."""
    before, after = last_of(one[1].chain), first_of(other[1].chain)
    block = view.nodes[before].block
    return one[0] == other[0] and block is not None and block == view.nodes[after].block


def _even(lengths: Sequence[float], parted: Sequence[bool], limit: float, gap: float) -> list[int]:
    """Return where columns of about equal length begin, as few as there can be."""
    starts = _filled(lengths, parted, limit, gap)
    low, high = max(lengths), limit
    for _ in range(12):
        middle = (low + high) / 2
        found = _filled(lengths, parted, middle, gap)
        if len(found) <= len(starts):
            starts, high = found, middle
        else:
            low = middle
    return starts


def _filled(
    lengths: Sequence[float], parted: Sequence[bool], limit: float, gap: float
) -> list[int]:
    """Return where columns begin that are filled one after the other, where blocks end if near."""
    starts = [0]
    used, index = lengths[0], 1
    whole: tuple[int, float] | None = None
    while index < len(lengths):
        if not parted[index]:
            whole = (index, used)
        used += gap + lengths[index]
        if used > limit:
            if whole is not None and whole[1] >= WHOLE * limit:
                index = whole[0]
            starts.append(index)
            used, whole = lengths[index], None
        index += 1
    return starts


def _parts(
    columns: Sequence[Sequence[tuple[int, Piece]]], trees: Sequence[Chain], placer: Placer
) -> list[Part]:
    """Return each column placed for itself."""
    done = [0] * len(trees)
    breadths = [placer.breadth(tree) for tree in trees]
    parts = []
    for column in columns:
        part = Part(0.0, 0.0, 0.0)
        at = 0.0
        for number, group in groupby(column, key=lambda each: each[0]):
            tree, first = trees[number], done[number]
            done[number] += sum(len(piece.chain.items) for _, piece in group)
            line = sub_chain(tree, first, done[number])
            placed = placer.chain(line, entry=entry_of(tree, first), breadth=breadths[number])
            part.absorb(placed, at)
            part.end, part.length = at + placed.end, at + placed.length
            at = part.length + APART
        parts.append(part)
    return parts


def _connected(view: View) -> Iterator[View]:
    """Yield the parts of a view that hang together, each with its last box as its output."""
    part = together(view.nodes, view.edges)
    parts: dict[str, list[str]] = {}
    for key, node in view.nodes.items():
        if node.role != BESIDE:
            parts.setdefault(part[key], []).append(key)
    for keys in parts.values():
        inside = set(keys)
        edges = tuple(e for e in view.edges if e.source in inside and e.target in inside)
        nodes = {key: view.nodes[key] for key in keys}
        yield replace(view, nodes=nodes, edges=edges, output=keys[-1])
