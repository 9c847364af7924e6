"""The order in which a slide is read aloud: along the flow of the network, lines at their ends."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heapify, heappop, heappush

from ...drawing import Box, Curve, Drawing, Group, Item
from .slide_blocks import Block

__all__ = ["flow_ranks", "in_reading_order"]

Bounds = tuple[float, float, float, float]


def flow_ranks(drawing: Drawing) -> dict[str, int]:
    """Return each box's place along the flow; of boxes side by side as they were drawn."""
    names = {group.id: number for number, group in enumerate(drawing.groups("node"))}
    behind: dict[str, set[str]] = {name: set() for name in names}
    waits = dict.fromkeys(names, 0)
    for edge in drawing.groups("edge"):
        source, target = edge.ends or ("", "")
        if source in names and target in names and source != target:
            waits[target] += target not in behind[source]
            behind[source].add(target)
    ready = [(names[name], name) for name, count in waits.items() if not count]
    heapify(ready)
    order: dict[str, int] = {}
    while ready:
        _, name = heappop(ready)
        order[name] = len(order)
        for other in behind[name]:
            waits[other] -= 1
            if not waits[other]:
                heappush(ready, (names[other], other))
    for name in names:  # what goes round in a circle
        order.setdefault(name, len(order))
    return order


def in_reading_order(block: Block, ranks: Mapping[str, int]) -> None:
    """Put a block's content, and that of the blocks in it, into reading order.

    What comes later lies above: a line comes behind the box that it ends at, and behind every frame
    that it crosses. What is not of the network (title, legend, notes) stays before it or behind it.
    """
    for item in block.content:
        if isinstance(item, Block):
            in_reading_order(item, ranks)
    places: list[tuple[int, int]] = []
    seen = False
    for item in block.content:
        place = _place(item, ranks)
        seen |= place is not None
        places.append(place or ((len(ranks), 2) if seen else (-1, 0)))
    frames = [
        (_bounds(item.frame), place)
        for item, place in zip(block.content, places, strict=True)
        if isinstance(item, Block) and item.frame is not None
    ]
    for number, item in enumerate(block.content):
        if isinstance(item, Group) and item.classes[:1] == ("edge",):
            bounds = _bounds(item)
            crossed = [place for frame, place in frames if _meet(frame, bounds)]
            places[number] = max([places[number], *((rank, 1) for rank, _ in crossed)])
    order = sorted(range(len(places)), key=lambda number: places[number])
    block.content[:] = [block.content[number] for number in order]


def _place(item: Item | Block, ranks: Mapping[str, int]) -> tuple[int, int] | None:
    """Return a box's rank, or a block's first; a line has that of its later end."""
    if isinstance(item, Block):
        found = [place for each in item.content if (place := _place(each, ranks)) is not None]
        return (min(found)[0], 0) if found else (-1, 1)
    if not isinstance(item, Group):
        return None
    if item.classes[:1] == ("node",):
        return ranks.get(item.id, len(ranks)), 0
    if item.classes[:1] == ("edge",):
        return max((ranks.get(end, 0) for end in item.ends or ()), default=0), 1
    return None


def _bounds(group: Group) -> Bounds:
    xs: list[float] = []
    ys: list[float] = []
    for item in group.items:
        if isinstance(item, Box):
            xs += [item.x, item.x + item.width]
            ys += [item.y, item.y + item.height]
        elif isinstance(item, Curve):
            xs += [x for x, _ in item.points]
            ys += [y for _, y in item.points]
    return (min(xs), min(ys), max(xs), max(ys)) if xs else (0.0, 0.0, 0.0, 0.0)


def _meet(one: Bounds, other: Bounds) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
