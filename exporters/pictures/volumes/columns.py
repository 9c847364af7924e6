"""The volumes of a network as plain data: what stands in each column, what leads where."""

from __future__ import annotations

from dataclasses import dataclass

from archgraph.ops import Pair

from ..view import View
from ..view.shown import EdgeKind

__all__ = ["Column", "Link", "Volumes"]

Column = dict[int | None, str]
"""The volume of each device in one step; None where one volume serves all devices."""


@dataclass(frozen=True, slots=True)
class Link:
    """How one volume is computed from another.

    ``window`` is the kernel (height, width) that slides over the source; ``words`` say what is
    between the two ("max pooling", "stride of 4", "dense"); ``dense`` is True where every element
    reads all of the source; ``bytes`` is what is carried for one image,
    None where unknown; ``slides`` is what has the window ("conv") where a pooling is before it.
    """

    source: str
    target: str
    kind: EdgeKind
    window: Pair | None
    words: tuple[str, ...]
    dense: bool
    bytes: int | None
    title: str
    slides: str = ""

    @property
    def kernel(self) -> str:
        """The window's size; behind a pooling with what has it, so that it is not taken for its."""
        size = "×".join(map(str, self.window or ()))
        return f"{size} {self.slides}" if size and self.slides else size


@dataclass(frozen=True, slots=True)
class Volumes:
    """A chain of volumes, left to right, in one lane or in one for each device.

    ``view`` holds one node per volume, with its shape, its label and the operators behind it.
    """

    view: View
    columns: tuple[Column, ...]
    links: tuple[Link, ...]
    devices: tuple[int, ...]
