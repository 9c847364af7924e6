"""Where the names of frames stand: in their usual place, or at the far end of their side."""

from __future__ import annotations

from dataclasses import replace

from ..text.widths import text_width
from .box_sizes import SECONDARY
from .scene import Frame, Rect, Scene
from .soundness import is_crossed

__all__ = ["labelled"]

HIGH = 12.0
"""Room for a name across its direction, in points."""


def labelled(scene: Scene) -> Scene:
    """Return the scene with the names of frames off its lines."""
    frames = [replace(f, late=is_crossed(_place(f), scene.lines)) for f in scene.frames]
    return replace(scene, frames=frames)


def _place(frame: Frame) -> Rect:
    """Return where a frame's name usually stands: in the middle of its left side, or top left."""
    length, rect = text_width(frame.label, SECONDARY, bold=True), frame.rect
    if frame.upright:
        return Rect(rect.x, rect.y + (rect.height - length) / 2, HIGH, length)
    return Rect(rect.x + 6, rect.y, length, HIGH)
