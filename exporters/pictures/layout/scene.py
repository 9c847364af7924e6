"""The finished layout: boxes, lines and frames in points, one scene a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..drawing import Point
from ..view import ViewEdge
from .cells import Layering

__all__ = ["Frame", "Line", "Note", "Rect", "Scene", "Space", "Upright"]

Space = tuple[float, float] | None
"""Width and height for the diagram itself, in points; None grows with what is drawn."""

TEXT = 1.0
"""How large text is at most where larger would make a picture higher."""


class Upright(tuple[float, float]):
    """A width, and the most of a height: a picture takes no more of it than it needs."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle from its top left corner, in points."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Rect) -> bool:
        """Return whether two rectangles share more than an edge."""
        across = self.x < other.x + other.width and other.x < self.x + self.width
        return across and self.y < other.y + other.height and other.y < self.y + self.height

    def holds(self, other: Rect) -> bool:
        """Return whether it holds all of another."""
        across = self.x <= other.x and other.x + other.width <= self.x + self.width
        return across and self.y <= other.y and other.y + other.height <= self.y + self.height


@dataclass(frozen=True, slots=True)
class Line:
    """An edge's line: straight where a segment is one point, a Bézier where it is three."""

    edge: ViewEdge
    start: Point
    segments: tuple[tuple[Point, ...], ...]
    arrow: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame around the nodes of a block or stage, with its label along its side or top.

    ``late`` puts the label at the far end, where a line runs through its usual place; ``shift``
    is how far it stands from there along its side.
    """

    key: str
    label: str
    rect: Rect
    upright: bool
    late: bool = False
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Note:
    """A word beside a line: traffic between devices, where the picture goes on."""

    x: float
    y: float
    text: str
    kind: str


@dataclass(slots=True)
class Scene:
    """One page: everything at scale 1, to be drawn ``scale`` times as large at (x, y)."""

    width: float
    height: float
    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0
    nodes: dict[str, Rect] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    headings: list[Rect] = field(default_factory=list)
    """Room for the names of networks that stand together, in their order."""
    down: bool = True
    """Whether the flow runs down, else to the right."""
    penalty: float = 0.0
    """What counts against this arrangement when it is compared with others."""
    layering: Layering | None = None
    """Where each box stands, where boxes may change places."""
    again: Callable[[Layering], Scene | None] | None = None
    """Lays the same out with boxes in other places."""

    def fitted(self, space: Space, most: float) -> Scene:
        """Return it as large as the space allows, at most ``most`` times, and in its middle."""
        if space is None:
            return self
        free = isinstance(space, Upright)
        most = min(most, TEXT) if free else most
        scale = min(space[0] / self.width, space[1] / self.height, most)
        x = (space[0] - self.width * scale) / 2
        y = 0.0 if free else (space[1] - self.height * scale) / 2
        return replace(self, scale=scale, x=x, y=y)
