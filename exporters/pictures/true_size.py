"""Cuts a finished drawing to what is kept of it, at the size at which it is printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import cos, radians, sin

from .drawing import Box, Curve, Drawing, Group, Item, Paint, Point, Polygon, Text, walked
from .text.widths import ASCENT, DESCENT, plain, text_width

__all__ = ["cut_out", "used_height"]


def cut_out(
    drawing: Drawing, corner: Point, size: tuple[float, float], zoom: float, dpi: float | None
) -> Drawing:
    """Return what is in the rectangle of this size at ``corner``, ``zoom`` times as large.

    Sizes of text, widths of lines and dashes become larger or smaller with the rest.
    """
    change = _Change(corner, zoom)
    items = tuple(item for each in drawing.items if (item := change.item(each)) is not None)
    return replace(drawing, width=size[0] * zoom, height=size[1] * zoom, items=items, dpi=dpi)


def used_height(drawing: Drawing) -> tuple[float, float]:
    """Return the top and the bottom of what is drawn, in points; of nothing its middle twice."""
    ends = [y for item in walked(drawing.items) for y in _heights(item)]
    return (min(ends), max(ends)) if ends else (drawing.height / 2, drawing.height / 2)


def _heights(item: Item) -> Iterator[float]:
    """Yield how high and how low a shape reaches, half its outline included."""
    if isinstance(item, Text):
        wide = text_width(plain(item.text), item.size, item.bold)
        back = {"start": 0.0, "middle": 0.5, "end": 1.0}[item.anchor] * wide
        turn = radians(item.rotate)
        for along in (-back, wide - back):
            for up in (-ASCENT * item.size, DESCENT * item.size):
                yield item.y + along * sin(turn) + up * cos(turn)
    elif not isinstance(item, Group):
        ends: tuple[float, ...]
        if isinstance(item, Box):
            ends = (item.y, item.y + item.height)
        else:
            ends = tuple(y for _, y in item.points)
        half = item.paint.width / 2 if item.paint.stroke else 0.0
        yield min(ends) - half
        yield max(ends) + half


class _Change:
    """Moves a point to the origin, and makes everything so much larger."""

    def __init__(self, corner: Point, zoom: float) -> None:
        self.corner, self.zoom = corner, zoom

    def item(self, item: Item) -> Item | None:
        """Return the changed item; None for a group with nothing in it."""
        if isinstance(item, Group):
            items = tuple(each for part in item.items if (each := self.item(part)) is not None)
            plots = tuple(plot.moved(self.corner, self.zoom) for plot in item.plots)
            return replace(item, items=items, plots=plots) if items else None
        if isinstance(item, Text):
            x, y = self.point((item.x, item.y))
            return replace(item, x=x, y=y, size=item.size * self.zoom)
        paint = self.paint(item.paint)
        if isinstance(item, Box):
            x, y = self.point((item.x, item.y))
            width, height = item.width * self.zoom, item.height * self.zoom
            return Box(x, y, width, height, paint, item.radius * self.zoom)
        if isinstance(item, Polygon):
            return Polygon(tuple(map(self.point, item.points)), paint)
        segments = tuple(tuple(map(self.point, part)) for part in item.segments)
        return Curve(self.point(item.start), segments, paint, item.arrow)

    def point(self, point: Point) -> Point:
        return (point[0] - self.corner[0]) * self.zoom, (point[1] - self.corner[1]) * self.zoom

    def paint(self, paint: Paint) -> Paint:
        dash = tuple(length * self.zoom for length in paint.dash)
        return replace(paint, width=paint.width * self.zoom, dash=dash)
