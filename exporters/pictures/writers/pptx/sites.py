"""Where connectors can be glued to a shape: the sites that slide programs give each form."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import hypot, sqrt

from ...drawing import Box, Point, Polygon

__all__ = ["Outline", "is_ellipse"]

EXACT = 1.0
"""A line that ends this close to a site, in points, is glued to it."""
NEAR = 4.0
"""A line that ends farther than this from the shape does not touch it."""


def is_ellipse(box: Box) -> bool:
    """Return whether a box is rounded into a circle."""
    return abs(box.width - box.height) < 0.5 and box.radius >= min(box.width, box.height) / 2 - 0.1


@dataclass(slots=True)
class Outline:
    """A node's first shape with its standard sites and the extra ones that lines need."""

    shape: Box | Polygon
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    extra: list[Point] = field(default_factory=list)

    def __post_init__(self) -> None:
        if isinstance(self.shape, Box):
            box = self.shape
            self.x, self.y, self.width, self.height = box.x, box.y, box.width, box.height
        else:
            xs, ys = zip(*self.shape.points, strict=True)
            self.x, self.y = min(xs), min(ys)
            self.width, self.height = max(xs) - self.x, max(ys) - self.y

    def standard(self) -> list[Point]:
        """Return the sites that the form has by itself, in the order of their numbers."""
        x, y, w, h = self.x, self.y, self.width, self.height
        top, bottom = (x + w / 2, y), (x + w / 2, y + h)
        left, right = (x, y + h / 2), (x + w, y + h / 2)
        if isinstance(self.shape, Box) and is_ellipse(self.shape):
            near, far = 0.5 - sqrt(0.125), 0.5 + sqrt(0.125)
            a, b = (x + w * near, y + h * near), (x + w * near, y + h * far)
            c, d = (x + w * far, y + h * far), (x + w * far, y + h * near)
            return [top, a, left, b, bottom, c, right, d]
        return [top, left, bottom, right]

    @property
    def round(self) -> bool:
        """Whether it is a circle."""
        return isinstance(self.shape, Box) and is_ellipse(self.shape)

    @property
    def custom(self) -> bool:
        """Whether the form must be written out with its own list of sites."""
        return isinstance(self.shape, Polygon) or bool(self.extra)

    def sites(self) -> list[Point]:
        """Return all sites; at least five where they are written out.

        LibreOffice takes a list of four for the standard sites, whatever it says.
        """
        found = [*self.standard(), *self.extra]
        if self.custom and len(found) < 5:
            found.append((self.x + self.width / 2, self.y + self.height / 2))
        return found

    def claim(self, point: Point) -> None:
        """Make sure that a line can be glued at this point, at the shape's edge or beside it."""
        if self._nearest(point)[1] > EXACT:
            self.extra.append(point)

    def site(self, point: Point) -> int | None:
        """Return the number of the site at this point; None where the shape is elsewhere."""
        number, distance = self._nearest(point)
        return number if distance <= EXACT else None

    def loose(self, point: Point) -> bool:
        """Return whether the point is glued at a site that is not one of the form's own."""
        number = self.site(point)
        return number is not None and number >= len(self.standard())

    def _nearest(self, point: Point) -> tuple[int, float]:
        away = [hypot(point[0] - x, point[1] - y) for x, y in [*self.standard(), *self.extra]]
        return away.index(min(away)), min(away)

    def touches(self, point: Point) -> bool:
        """Return whether a point is at the shape's edge."""
        outside = max(
            self.x - point[0],
            point[0] - self.x - self.width,
            self.y - point[1],
            point[1] - self.y - self.height,
        )
        return abs(outside) <= NEAR
