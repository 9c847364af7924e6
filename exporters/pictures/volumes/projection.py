"""The projection: how large a tensor is drawn, and where the corners of its box come to lie.

Boxes are drawn in cabinet projection: channels to the right, height upwards, width away from the
reader to the upper right, shortened. Every edge is as long as the square root of its extent times
one unit for the width of maps, one for their height, one for channels and one for the features of
vectors, so that 224 × 224 × 3 and a vector of 4096 can stand in one picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

from archgraph.ops import Shape

from ..drawing import Point
from .overlap import Rect

__all__ = ["AWAY_X", "AWAY_Y", "Scale", "Solid"]

AWAY_X, AWAY_Y = 0.40, 0.28
"""Where one point of depth comes to lie: to the right and up, in points."""

SLAB = 13.0
"""How wide a vector is drawn, at text scale 1: it has no channels."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Points per square root of one pixel of a map, one channel, one feature; and of text.

    ``rise`` is how much longer a pixel is drawn upwards than away from the reader.
    """

    maps: float
    channels: float
    features: float
    text: float
    rise: float = 1.0

    @property
    def heights(self) -> float:
        """Points per square root of one pixel of a map's height."""
        return self.maps * self.rise

    def solid(self, key: str, shape: Shape, x: float, middle: float) -> Solid:
        """Return the box of a tensor whose left edge is at ``x``, centred around ``middle``."""
        if len(shape) == 1:
            width, height, reach = SLAB * self.text, self.features * sqrt(shape[0]), self.maps
        else:
            width = self.channels * sqrt(shape[0])
            height, reach = self.heights * sqrt(shape[1]), self.maps * sqrt(shape[2])
        return Solid(key, x, middle + (AWAY_Y * reach - height) / 2, width, height, reach)


@dataclass(frozen=True, slots=True)
class Solid:
    """A box: its front face's top left corner and size, and its depth before shortening."""

    key: str
    x: float
    y: float
    width: float
    height: float
    reach: float

    @property
    def dx(self) -> float:
        """How far its back lies to the right of its front."""
        return AWAY_X * self.reach

    @property
    def dy(self) -> float:
        """How far its back lies above its front."""
        return AWAY_Y * self.reach

    @property
    def right(self) -> float:
        """The front's right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The front's lower edge."""
        return self.y + self.height

    @property
    def rect(self) -> Rect:
        """The room that all faces take."""
        return self.x, self.y - self.dy, self.right + self.dx, self.bottom

    @property
    def top_face(self) -> tuple[Point, ...]:
        """The corners of the face on top."""
        x, y, dx, dy = self.x, self.y, self.dx, self.dy
        return (x, y), (x + dx, y - dy), (self.right + dx, y - dy), (self.right, y)

    @property
    def side_face(self) -> tuple[Point, ...]:
        """The corners of the face on the right: top front, top back, bottom back, bottom front."""
        return self.on_side(0, 0, 1, 1)

    @property
    def outline(self) -> tuple[Point, ...]:
        """The six corners that enclose all faces."""
        (back, right), low = self.side_face[1:3], (self.right, self.bottom)
        return *self.top_face[:2], back, right, low, (self.x, self.bottom)

    def on_side(self, near: float, top: float, far: float, low: float) -> tuple[Point, ...]:
        """Return the corners of a part of the right face, its place given in parts of 1."""
        return tuple(
            (self.right + self.dx * along, self.y + self.height * down - self.dy * along)
            for along, down in ((near, top), (far, top), (far, low), (near, low))
        )

    @property
    def entry(self) -> Point:
        """Where lines from the volume before arrive."""
        return self.x, self.y + self.height / 2

    @property
    def exit(self) -> Point:
        """The middle of the right face."""
        return self.right + self.dx / 2, self.y + (self.height - self.dy) / 2

    def moved(self, x: float, y: float) -> Solid:
        """Return the same box elsewhere."""
        return replace(self, x=self.x + x, y=self.y + y)
