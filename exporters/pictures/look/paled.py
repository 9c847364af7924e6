"""A part of a picture drawn pale, so that the rest stands out and all stays where it is."""

from __future__ import annotations

from dataclasses import replace

from ..drawing import Group, Item, Text, Themed
from .theme import Theme

__all__ = ["paled"]


def paled(item: Item, theme: Theme) -> Item:
    """Return a shape, or a group of shapes, in the colours that stand out least."""
    line = theme.frame_line
    if isinstance(line, Themed):
        # "pale" is never made readable: it is there to keep the place.
        line = Themed(line, "pale")
    if isinstance(item, Group):
        return replace(item, items=tuple(paled(part, theme) for part in item.items))
    if isinstance(item, Text):
        return replace(item, color=line)
    paint = item.paint
    ground = theme.background if paint.fill else None
    return replace(item, paint=replace(paint, fill=ground, stroke=line if paint.stroke else None))
