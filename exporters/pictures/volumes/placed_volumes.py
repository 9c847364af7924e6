"""Volumes with coordinates: boxes, rays, words and frames in points, one picture."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..drawing import Anchor, Point
from ..text.widths import ASCENT, DESCENT, text_width
from .columns import Link
from .overlap import Rect
from .projection import Solid

__all__ = ["Frame", "Ray", "Scene", "Word"]


@dataclass(frozen=True, slots=True)
class Word:
    """A line of text that belongs to a volume (by its id) or to a link (``source->target``)."""

    owner: str
    text: str
    x: float
    y: float
    size: float
    anchor: Anchor = "middle"
    bold: bool = False
    upright: bool = False
    inside: bool = False
    """Whether it stands on its volume's front."""
    crossing: bool = False
    beside: bool = False
    """Whether it may be moved along the left edge of its volume."""

    @property
    def rect(self) -> Rect:
        """The room that it takes."""
        wide = text_width(self.text, self.size, self.bold)
        up, down = ASCENT * self.size, DESCENT * self.size
        if self.upright:
            return (self.x - up, self.y - wide / 2, self.x + down, self.y + wide / 2)
        left = self.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor] * wide
        return (left, self.y - up, left + wide, self.y + down)

    def moved(self, x: float, y: float) -> Word:
        """Return the same word elsewhere."""
        return replace(self, x=self.x + x, y=self.y + y)


@dataclass(frozen=True, slots=True)
class Ray:
    """A link's lines: the kernel's window on the source, and lines to the target.

    ``kernel`` is the small box inside the source: its front, its top and its right face.
    ``area`` is what lies between the lines.
    """

    link: Link
    kernel: tuple[tuple[Point, ...], ...]
    area: tuple[Point, ...]
    lines: tuple[tuple[Point, ...], ...]
    arrow: bool

    def moved(self, x: float, y: float) -> Ray:
        """Return the same lines elsewhere."""

        def move(points: tuple[Point, ...]) -> tuple[Point, ...]:
            return tuple((a + x, b + y) for a, b in points)

        kernel, lines = tuple(map(move, self.kernel)), tuple(map(move, self.lines))
        return replace(self, kernel=kernel, area=move(self.area), lines=lines)


@dataclass(frozen=True, slots=True)
class Frame:
    """A device's lane."""

    label: str
    rect: Rect

    def moved(self, x: float, y: float) -> Frame:
        """Return the same frame elsewhere."""
        left, top, right, bottom = self.rect
        return Frame(self.label, (left + x, top + y, right + x, bottom + y))


@dataclass(slots=True)
class Scene:
    """Everything of one picture, with its top left corner at (0, 0)."""

    width: float = 0.0
    height: float = 0.0
    solids: dict[str, Solid] = field(default_factory=dict)
    rays: list[Ray] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)

    def moved(self, x: float, y: float) -> Scene:
        """Return the same picture elsewhere."""
        return replace(
            self,
            solids={key: solid.moved(x, y) for key, solid in self.solids.items()},
            rays=[ray.moved(x, y) for ray in self.rays],
            words=[word.moved(x, y) for word in self.words],
            frames=[frame.moved(x, y) for frame in self.frames],
        )
