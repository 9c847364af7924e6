"""Where the names of frames stand: in their usual place, or at the far end of their side."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from ..text.widths import text_width
from .box_sizes import SECONDARY
from .plane_index import PlaneIndex, bounds_of, box_index
from .scene import Frame, Rect, Scene
from .soundness import LineIndex, is_crossed, line_index

__all__ = ["clearly_named", "labelled", "without_struck_names"]

INSET = 6.0
"""Between a name and the corner of its frame, in points."""
HIGH = 12.0
"""Room for a name across its direction, in points."""


STEP = 8.0
"""How far a name is moved on to the next place along its side, in points."""


def labelled(scene: Scene) -> Scene:
    """Return the scene with the names of frames off its lines.

    Of the frames that one group has, those whose name a line would run through have none, where
    another shows it.
    """
    if not scene.frames:
        return replace(scene)
    lines, boxes = line_index(scene.lines), box_index(scene.nodes)
    frames = [_named(frame, scene, lines, boxes) for frame in scene.frames]
    struck = [is_crossed(_place(frame), lines) for frame in frames]
    told = {frame.key for frame, is_struck in zip(frames, struck, strict=True) if not is_struck}
    return replace(
        scene,
        frames=[
            replace(frame, label="") if is_struck and frame.key in told else frame
            for frame, is_struck in zip(frames, struck, strict=True)
        ],
    )


def without_struck_names(scene: Scene, kept: Collection[str]) -> Scene:
    """Return the scene without the names that a line runs through, but for the ``kept`` frames."""
    lines = line_index(scene.lines)
    frames = [
        frame
        if frame.key in kept or not is_crossed(_place(frame), lines)
        else replace(frame, label="")
        for frame in scene.frames
    ]
    return replace(scene, frames=frames)


def clearly_named(scene: Scene, members: Mapping[str, Collection[str]]) -> list[Frame]:
    """Return those of some frames that hold only their own boxes and have a place for a name."""
    lines, boxes = line_index(scene.lines), box_index(scene.nodes)
    own = [
        frame
        for frame in scene.frames
        if frame.key in members
        and all(
            name in members[frame.key] or not frame.rect.meets(scene.nodes[name])
            for name in boxes.near(bounds_of(frame.rect))
        )
    ]
    found = [_named(frame, scene, lines, boxes) for frame in own]
    return [f for f in found if _free(f) >= 0 and not is_crossed(_place(f), lines)]


def _named(frame: Frame, scene: Scene, lines: LineIndex, boxes: PlaneIndex[str]) -> Frame:
    """Return a frame with its name in the first place that no line crosses, else at its far end."""
    if not is_crossed(_place(frame), lines):
        return frame
    late = replace(frame, late=True)
    if not is_crossed(_place(late), lines):
        return late
    free = _free(frame)
    usual = free / 2 if frame.upright else 0.0
    for step in range(1, int(free / STEP) + 1):
        for shift in (step * STEP, -step * STEP):
            moved = replace(frame, shift=shift)
            if 0 <= usual + shift <= free and not is_crossed(_place(moved), lines):
                return moved
    wider = _widened(frame)
    strip = _strip(wider)
    clear = (
        min(wider.rect.x, wider.rect.y) >= 0
        and not any(strip.meets(scene.nodes[name]) for name in boxes.near(bounds_of(strip)))
        and not any(strip.meets(f.rect) for f in scene.frames if f is not frame)
    )
    return wider if clear and not is_crossed(_place(wider), lines) else late


def _free(frame: Frame) -> float:
    """Return how much longer the side with its name is than the name."""
    side = frame.rect.height if frame.upright else frame.rect.width
    return side - text_width(frame.label, SECONDARY, bold=True) - 2 * INSET


def _widened(frame: Frame) -> Frame:
    """Return a frame with another strip for its name beside the one that it has."""
    x, y, width, height = frame.rect.x, frame.rect.y, frame.rect.width, frame.rect.height
    wide = Rect(x - HIGH, y, width + HIGH, height)
    return replace(frame, rect=wide if frame.upright else Rect(x, y - HIGH, width, height + HIGH))


def _strip(frame: Frame) -> Rect:
    """Return where a frame's name may stand."""
    x, y, width, height = frame.rect.x, frame.rect.y, frame.rect.width, frame.rect.height
    return Rect(x, y, HIGH, height) if frame.upright else Rect(x, y, width, HIGH)


def _place(frame: Frame) -> Rect:
    """Return where a frame's name stands: along its left side, or at its top."""
    length, rect = text_width(frame.label, SECONDARY, bold=True), frame.rect
    if frame.upright:
        middle = rect.y + (rect.height - length) / 2 + frame.shift
        return Rect(
            rect.x, rect.y + rect.height - INSET - length if frame.late else middle, HIGH, length
        )
    left = rect.x + rect.width - INSET - length if frame.late else rect.x + INSET + frame.shift
    return Rect(left, rect.y, length, HIGH)
