"""Which parts of several networks belong beside each other: their stages, aligned in order."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from ..view import View

__all__ = ["Cell", "align", "cells", "is_chain"]


STEM = 2
"""An input with a box or two behind it is no stem of its own."""

MET = 4.0
"""What counts that two stages are the same, against their names, shapes and kinds."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The nodes of one stage of one network, in the order of the flow."""

    label: str
    ids: tuple[str, ...]


def is_chain(view: View, ids: Sequence[str]) -> bool:
    """Return whether these nodes follow one another without branches."""
    targets: dict[str, list[str]] = {}
    for edge in view.edges:
        targets.setdefault(edge.source, []).append(edge.target)
    steps = list(itertools.pairwise(ids))
    return all(targets.get(one) == [other] for one, other in steps) and ids[-1] not in targets


def cells(view: View, ids: Sequence[str]) -> list[Cell]:
    """Return a chain's stages; what is in none joins the stage behind it, else the one before.

    Several in none are a stem or a head of their own.
    """
    found: list[tuple[str | None, list[str]]] = []
    waiting: list[str] = []
    for key in ids:
        stage = view.nodes[key].stage
        if stage is None:
            waiting.append(key)
        elif found and found[-1][0] == stage and not waiting:
            found[-1][1].append(key)
        else:
            if len(waiting) > STEM:
                found.append((None, waiting))
                waiting = []
            found.append((stage, [*waiting, key]))
            waiting = []
    if waiting or not found:
        if found and len(waiting) <= 1:
            found[-1][1].extend(waiting)
        else:
            found.append((None, waiting))
    return [Cell(view.groups.get(stage or "", ""), tuple(names)) for stage, names in found]


def align(
    view: View,
    rows: Sequence[Sequence[Cell]],
    partners: Mapping[str, Set[str]] | None = None,
) -> list[list[Cell | None]]:
    """Return each network's cells by column, None where it has nothing that corresponds.

    The longest network gives the columns; each other is aligned with it so that the sum of how
    alike the pairs are is largest (Needleman and Wunsch, 1970). ``partners`` are each operator's
    in the other networks.
    """
    widest = max(rows, key=len)
    return [_fitted(view, widest, row, partners or {}) for row in rows]


def _fitted(
    view: View,
    columns: Sequence[Cell],
    row: Sequence[Cell],
    partners: Mapping[str, Set[str]],
) -> list[Cell | None]:
    """Place each cell of a row in a column of its own, in order."""
    best: dict[tuple[int, int], tuple[float, list[int]]] = {}

    def search(column: int, place: int) -> tuple[float, list[int]]:
        if place == len(row):
            return 0.0, []
        if len(columns) - column < len(row) - place:
            return float("-inf"), []
        if (column, place) not in best:
            skipped = search(column + 1, place)
            rest = search(column + 1, place + 1)
            worth = _alike(view, columns[column], row[place])
            worth += _met(view, columns[column], row[place], partners)
            taken = (rest[0] + worth, [column, *rest[1]])
            best[column, place] = max(taken, skipped, key=lambda found: found[0])
        return best[column, place]

    placed: list[Cell | None] = [None] * len(columns)
    for column, cell in zip(search(0, 0)[1], row, strict=True):
        placed[column] = cell
    return placed


def _met(view: View, one: Cell, other: Cell, partners: Mapping[str, Set[str]]) -> float:
    """Return how much of two stages is the same in both networks, from 0 to MET."""
    mine = {name for key in one.ids for name in view.nodes[key].members}
    theirs = {name for key in other.ids for name in view.nodes[key].members}
    both = sum(not partners.get(name, frozenset()).isdisjoint(theirs) for name in mine)
    return MET * both / max(len(mine), len(theirs), 1)


def _alike(view: View, one: Cell, other: Cell) -> float:
    """Return how much two stages correspond: by name, by output shape, by what they are made of."""
    first, second = view.nodes[one.ids[-1]], view.nodes[other.ids[-1]]
    kinds = [{view.nodes[key].kind for key in cell.ids} for cell in (one, other)]
    shapes = first.shape or (), second.shape or ()  # one may be unknown
    same_maps = shapes[0][1:] == shapes[1][1:]
    starts = [view.nodes[cell.ids[0]].kind == "input" for cell in (one, other)]
    return (
        1.0 * (one.label == other.label)
        + 1.0 * same_maps
        + 0.5 * (shapes[0] == shapes[1])
        + 2.0 * ("linear" in kinds[0] and "linear" in kinds[1])
        + 2.0 * all(starts)
        + 0.1
    )
