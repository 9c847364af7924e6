"""Cuts a chain into lines (columns or rows) where all data passes through one node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ..view import View
from .branch_tree import Chain, Exit, Leaf, first_of
from .place_chain import FORK, GAP, Placer
from .placed_parts import Part

__all__ = [
    "Group",
    "Piece",
    "between",
    "entry_of",
    "line_parts",
    "pieces",
    "placings",
    "sub_chain",
]

Group = Literal["stage", "block", "node"] | None


@dataclass(frozen=True, slots=True)
class Piece:
    """Items of a chain that stay together, how long they are with the gap before, and how broad."""

    chain: Chain
    length: float
    breadth: float


def pieces(chain: Chain, placer: Placer, group: Group) -> list[Piece]:
    """Return the parts of a chain between the places where a line may end.

    Lines end between two groups ("stage" or "block"), behind any node ("node"), or, where ``group``
    is None, behind any node but a ⊕.
    """
    view = placer.view
    starts = [i for i in range(len(chain.items)) if not i or _may_break(chain, i, view, group)]
    found = []
    for start, stop in zip(starts, [*starts[1:], len(chain.items)], strict=True):
        part = sub_chain(chain, start, stop)
        placed = placer.chain(part, entry=entry_of(chain, start))
        found.append(Piece(part, placed.length, placed.left + placed.right))
    return found


def sub_chain(chain: Chain, start: int, stop: int) -> Chain:
    """Return some consecutive items of a chain, with the branches that leave there."""
    exits: dict[int, tuple[Exit, ...]] = {
        index - start: found for index, found in chain.exits.items() if start <= index < stop
    }
    return Chain(chain.items[start:stop], exits)


def entry_of(chain: Chain, start: int) -> tuple[str, float] | None:
    """Return the node that feeds the item with an index from before, and where its line ends."""
    before = chain.items[start - 1] if start else None
    return (before.ids[-1], 0.0) if isinstance(before, Leaf) else None


def _may_break(chain: Chain, index: int, view: View, group: Group) -> bool:
    """Return whether a line may end before the item with this index."""
    before, after = chain.items[index - 1], chain.items[index]
    if not isinstance(before, Leaf) or view.nodes[before.ids[0]].kind == "input":
        return False
    if any(isinstance(each, Leaf) and view.nodes[each.ids[0]].marks for each in (before, after)):
        return False
    if group == "node":
        return True
    if group is None:
        return view.nodes[before.ids[-1]].form != "dot"
    first = first_of(sub_chain(chain, index, index + 1))
    left, right = (getattr(view.nodes[key], group) for key in (before.ids[-1], first))
    return left is None or right is None or left != right


def line_parts(chain: Chain, starts: list[int], found: list[Piece], placer: Placer) -> list[Part]:
    """Return each line placed for itself, its first item fed from the line before."""
    breadth = placer.breadth(chain)
    parts = []
    at = 0
    for start, stop in zip(starts, [*starts[1:], len(found)], strict=True):
        items = sum(len(piece.chain.items) for piece in found[start:stop])
        line = sub_chain(chain, at, at + items)
        parts.append(placer.chain(line, entry=entry_of(chain, at), breadth=breadth))
        at += items
    return parts


def placings(
    view: View, tree: Chain, directions: Sequence[bool]
) -> Iterator[tuple[Placer, list[Piece], bool]]:
    """Yield each way to cut a chain into placed pieces, and whether it keeps groups whole."""
    for down in directions:
        placer = Placer(view, down, view.framed)
        seen: set[int] = set()
        for group in _ENDS[view.level]:
            found = pieces(tree, placer, group)
            if len(found) not in seen:
                yield placer, found, not seen
            seen.add(len(found))


_ENDS: dict[str, tuple[Group, ...]] = {
    "stage": (None,),
    "block": ("stage", "block"),
    "layer": ("block", None),
}
"""Where lines may end at each level, the better places first."""


def between(placer: Placer) -> float:
    """Return the room between two pieces of a line."""
    return (FORK if placer.view.level == "layer" else GAP) + (9.0 if placer.framed else 0.0)
