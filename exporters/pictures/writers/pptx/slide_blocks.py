"""Which shapes of a slide belong together: blocks with what lies inside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...drawing import Box, Group, Item

__all__ = ["Block", "blocks"]


@dataclass(slots=True)
class Block:
    """A frame (None for the whole slide) and its content in drawing order."""

    frame: Group | None
    content: list[Item | Block] = field(default_factory=list)


def blocks(items: Sequence[Item]) -> Block:
    """Return the items as a tree: nodes in their frames, an edge where both its ends are.

    Moving a frame on the slide then moves all that it holds.
    """
    frames = [item for item in items if isinstance(item, Group) and _kind(item) == "cluster"]
    boxes = {id(frame): _box(frame) for frame in frames}
    whole = Block(None)
    made = {id(frame): Block(frame) for frame in frames}
    homes: dict[str, list[int]] = {}
    for item in items:
        if _kind(item) == "node" and isinstance(item, Group):
            homes[item.id] = _around(_box(item), frames, boxes)
    for item in items:
        if _kind(item) == "cluster":
            chain = [key for key in _around(_box(item), frames, boxes) if key != id(item)]
            _home(whole, made, chain).content.append(made[id(item)])
        elif _kind(item) == "node" and isinstance(item, Group):
            _home(whole, made, homes[item.id]).content.append(item)
        elif isinstance(item, Group) and item.ends and _kind(item) == "edge":
            first, second = (homes.get(end, []) for end in item.ends)
            shared = [key for key in first if key in second]
            _home(whole, made, shared).content.append(item)
        else:
            whole.content.append(item)
    return whole


def _kind(item: Item) -> str:
    return item.classes[0] if isinstance(item, Group) and item.classes else ""


def _box(item: Item) -> Box | None:
    if not isinstance(item, Group):
        return None
    return next((part for part in item.items if isinstance(part, Box)), None)


def _around(box: Box | None, frames: Sequence[Item], boxes: dict[int, Box | None]) -> list[int]:
    """Return the frames that hold a box, the largest first."""
    if box is None:
        return []
    found = []
    for frame in frames:
        outer = boxes[id(frame)]
        if outer and _holds(outer, box):
            found.append((outer.width * outer.height, id(frame)))
    return [key for _, key in sorted(found, key=lambda pair: -pair[0])]


def _holds(outer: Box, box: Box) -> bool:
    return (
        outer.x - 0.5 <= box.x
        and outer.y - 0.5 <= box.y
        and box.x + box.width <= outer.x + outer.width + 0.5
        and box.y + box.height <= outer.y + outer.height + 0.5
    )


def _home(whole: Block, made: dict[int, Block], chain: list[int]) -> Block:
    return made[chain[-1]] if chain else whole
