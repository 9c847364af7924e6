"""Text on slides: inside its shape where the lines allow it, else in frames of its own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import cos, radians, sin, sqrt

from ...drawing import Box, Text
from ...text.widths import plain, text_width
from .drawingml import LINE, RISE, emu, paragraph, plain_frame
from .inks import Inks

__all__ = ["inside", "own_body", "own_frame", "rounding_inset", "shape_body"]

_EMPTY = "<p:txBody><a:bodyPr/><a:lstStyle/><a:p/></p:txBody>"


def inside(box: Box, texts: Sequence[Text]) -> list[Text]:
    """Return the lines that can be the box's own text: level, in it, one below the other."""
    taken: list[Text] = []
    for text in texts:
        within = box.x <= text.x <= box.x + box.width and box.y <= text.y <= box.y + box.height
        if not within or text.rotate:
            continue
        if taken and not _continues(taken[-1], text):
            continue
        taken.append(text)
    return taken


def _continues(above: Text, text: Text) -> bool:
    same = text.anchor == above.anchor and abs(text.x - above.x) < 0.5
    return same and _between(above, text) > -0.6


def _between(above: Text, text: Text) -> float:
    """Return the blank between two lines of text, in points."""
    return text.y - RISE * text.size - (above.y + (LINE - RISE) * above.size)


def shape_body(box: Box, texts: Sequence[Text], inset: float, inks: Inks) -> str:
    """Return a shape's text, each line on its drawn baseline.

    The text stays centred when the shape is made larger: what is off centre goes into one margin.
    ``inset`` is how far the form itself holds text off its sides.
    """
    if not texts:
        return _EMPTY
    first, last = texts[0], texts[-1]
    top, bottom = first.y - RISE * first.size, last.y + (LINE - RISE) * last.size
    shift = top + bottom - (2 * box.y + box.height)
    left = right = 0.0
    if first.anchor == "start":
        left = first.x - box.x - inset
    elif first.anchor == "end":
        right = box.x + box.width - first.x - inset
    else:
        aside = 2 * first.x - (2 * box.x + box.width)
        left, right = max(aside, 0.0), max(-aside, 0.0)
    gaps = [0.0, *(_between(a, b) for a, b in pairwise(texts))]
    lines = "".join(paragraph(text, inks, gap) for text, gap in zip(texts, gaps, strict=True))
    margins = (
        f'lIns="{emu(left)}" tIns="{emu(max(shift, 0.0))}" '
        f'rIns="{emu(right)}" bIns="{emu(max(-shift, 0.0))}"'
    )
    return (
        f'<p:txBody><a:bodyPr wrap="none" {margins} rtlCol="0" anchor="ctr"><a:noAutofit/>'
        f"</a:bodyPr><a:lstStyle/>{lines}</p:txBody>"
    )


def rounding_inset(box: Box) -> float:
    """Return how far a rounded form holds its text off its sides."""
    return box.radius * (1 - sqrt(0.5))


def own_frame(text: Text) -> str:
    """Return the place, size and turn of a frame that holds one line."""
    width = text_width(plain(text.text), text.size, text.bold) + 2.0
    height = LINE * text.size
    back = {"start": 0.0, "middle": -width / 2, "end": -width}[text.anchor]
    # Slides turn a frame around its centre, the drawing turns text around its anchor.
    turn = radians(text.rotate)
    cx, cy = back + width / 2, height / 2 - RISE * text.size
    x = text.x + cx * cos(turn) - cy * sin(turn) - width / 2
    y = text.y + cx * sin(turn) + cy * cos(turn) - height / 2
    return plain_frame(x, y, width, height, text.rotate)


def own_body(text: Text, inks: Inks, face: str = "mn") -> str:
    """Return one line in a frame of its own."""
    return (
        '<p:txBody><a:bodyPr wrap="none" lIns="0" tIns="0" rIns="0" bIns="0" rtlCol="0" anchor="t">'
        f"<a:noAutofit/></a:bodyPr><a:lstStyle/>{paragraph(text, inks, face=face)}</p:txBody>"
    )
