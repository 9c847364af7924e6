"""Places continuation marks to the left of their boxes, where no shortcut runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..view import View, ViewEdge
from .box_sizes import node_size
from .marks import BESIDE
from .placed_parts import Part, PlacedNode, side_curve

__all__ = ["Flags"]

STUB = 15.0
"""How long the line between a box and its flag is."""
APART = 4.0
"""Between two flags of one box."""
NEAR = 5.0
"""How near to a corner a line may meet a box."""


@dataclass(slots=True)
class Flags:
    """The flags beside boxes of a view, by the boxes that they belong to."""

    view: View
    found: dict[str, list[ViewEdge]] = field(init=False)

    def __post_init__(self) -> None:
        self.found = {}
        for edge in self.view.edges:
            for box, flag in ((edge.source, edge.target), (edge.target, edge.source)):
                if self.view.nodes[flag].role == BESIDE:
                    self.found.setdefault(box, []).append(edge)

    def of(self, ids: Iterable[str]) -> list[str]:
        """Return the flags of some boxes."""
        return [
            edge.target if edge.source == key else edge.source
            for key in ids
            for edge in self.found.get(key, ())
        ]

    def beside(self, part: Part) -> Part:
        """Return a placed stack of boxes with their flags; the flow runs down.

        It begins where the first of them does, so that it may be longer than before.
        """
        inside = {node.id for node in part.nodes}
        boxes = [node for node in part.nodes if node.id in self.found]
        if not boxes:
            return part
        left = -part.left - STUB
        at = float("-inf")
        for box in boxes:
            edges = [
                edge for edge in self.found[box.id] if not {edge.source, edge.target} <= inside
            ]
            keys = [edge.target if edge.source == box.id else edge.source for edge in edges]
            sizes = [node_size(self.view.nodes[key]) for key in keys]
            high = sum(size.height for size in sizes) + APART * (len(sizes) - 1)
            at = max(at, box.m + box.length / 2 - high / 2)
            for edge, key, size in zip(edges, keys, sizes, strict=True):
                flag = PlacedNode(key, at, left - size.width, size.height, size.width)
                middle = at + size.height / 2
                low, most = box.m + NEAR, box.m + box.length - NEAR
                here = min(max(middle, low), most) if low < most else box.m + box.length / 2
                ends = (middle, left), (here, box.c)
                begin, end = ends if edge.source == key else ends[::-1]
                part.nodes.append(flag)
                part.wires.append(side_curve(edge, begin, end))
                part.left = max(part.left, size.width - left)
                at += size.height + APART
        first = min(node.m for node in part.nodes)
        last = max(node.m + node.length for node in part.nodes)
        moved = Part(max(last, part.length) - min(first, 0.0), part.left, part.right)
        moved.absorb(part, -min(first, 0.0))
        return moved
