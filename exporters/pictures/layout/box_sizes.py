"""How large each shown node is, from its words and the metrics of the font."""

from __future__ import annotations

from dataclasses import dataclass

from ..dress.worn import remembered
from ..text.widths import text_width
from ..view import Form, ViewNode
from .box_text import BESIDE, GLYPH, LABEL, MOST, PAD_X, SECONDARY, label_lines, secondary

__all__ = ["LABEL", "LINE", "SECONDARY", "Size", "leaf_size", "node_size"]

LINE = 1.25
"""Line height, in text sizes."""

PAD_Y = 4.0
DOT = 18.0


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in points, at scale 1."""

    width: float
    height: float


def node_size(node: ViewNode, *, stacked: bool = False) -> Size:
    """Return the least size that holds a node's words; ``stacked``: a bar's below each other."""
    if node.form == "dot":
        return Size(DOT, DOT)
    return _size(label_lines(node), node.form, stacked, node.shortcut is not None)


@remembered(4096)
def _size(words: tuple[str, ...], form: Form, stacked: bool, shortcut: bool) -> Size:
    small = secondary()
    widths = [
        text_width(line, LABEL if index == 0 else small, bold=index == 0 and form == "box")
        for index, line in enumerate(words)
    ]
    pad_y = 1.5 if form in ("thin", "bar") else PAD_Y
    height = LABEL * LINE + small * LINE * (len(words) - 1) + 2 * pad_y
    # One line: the label and the shape beside it.
    line = widths[0] + BESIDE + text_width(" · ".join(words[1:]), small)
    low = form in ("thin", "bar") and not stacked and line + 2 * PAD_X <= MOST
    if low and len(words) > 1:
        widths = [line]
        height = LABEL * LINE + 2 * pad_y
    extra = GLYPH if shortcut else 0.0
    return Size(min(MOST, max(widths) + 2 * PAD_X + extra), height)


def leaf_size(nodes: list[ViewNode]) -> Size:
    """Return the size of nodes stacked without gaps."""
    sizes = [node_size(node) for node in nodes]
    return Size(max(size.width for size in sizes), sum(size.height for size in sizes))
