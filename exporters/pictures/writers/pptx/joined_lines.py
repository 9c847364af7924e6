"""Edges that a drawing has in pieces, because others branch off between them, as one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import dist

from ...drawing import Curve, Group, Item
from ..corners import NEAR

__all__ = ["joined"]


def joined(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items; of edges of one name, a line goes on where the one before it ends."""
    pieces: dict[str, list[Group]] = {}
    for item in items:
        if isinstance(item, Group) and item.classes[:1] == ("edge",) and _line(item) is not None:
            pieces.setdefault(item.id, []).append(item)
    whole: dict[int, Group | None] = {}
    for found in pieces.values():
        if len(found) == 2:
            made = _one(*found) or _one(*found[::-1])
            if made is not None:
                whole[id(found[0])], whole[id(found[1])] = made, None
    kept = (whole.get(id(item), item) for item in items)
    return tuple(item for item in kept if item is not None)


def _line(group: Group) -> Curve | None:
    only = group.items[0] if len(group.items) == 1 else None
    return only if isinstance(only, Curve) else None


def _one(first: Group, second: Group) -> Group | None:
    one, other = _line(first), _line(second)
    if one is None or other is None or dist(one.segments[-1][-1], other.start) > NEAR or one.arrow:
        return None
    curve = replace(other, start=one.start, segments=(*one.segments, *other.segments))
    return replace(second, items=(curve,))
