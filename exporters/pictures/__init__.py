"""Pictures: graph → view → layout → drawing → one writer per file format.

What a writer of another package needs is here: what it is (``Writer``) and is given (``Page``),
what a drawing is made of, and, for formats that lay out themselves, the view with the lines of
each box (``label_lines``) and its colours (``tone_of``).

Public: docs/versions.md says what a release may change.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .drawing import Anchor, Box, Curve, Drawing, Group, Item, Paint, Point, Polygon, Text
    from .layout.box_text import label_lines
    from .look.colour import tone_of
    from .look.theme import Tone
    from .pages import Bar, Page, Series, Takes, Writer
    from .view.shown import View, ViewEdge, ViewNode

__all__ = [
    "Anchor",
    "Bar",
    "Box",
    "Curve",
    "Drawing",
    "Group",
    "Item",
    "Page",
    "Paint",
    "Point",
    "Polygon",
    "Series",
    "Takes",
    "Text",
    "Tone",
    "View",
    "ViewEdge",
    "ViewNode",
    "Writer",
    "label_lines",
    "tone_of",
]

_HOMES = {
    ".drawing": "Anchor Box Curve Drawing Group Item Paint Point Polygon Text",
    ".layout.box_text": "label_lines",
    ".look.colour": "tone_of",
    ".look.theme": "Tone",
    ".pages": "Bar Page Series Takes Writer",
    ".view.shown": "View ViewEdge ViewNode",
}
"""Where each public name is made; it is imported when it is first asked for."""


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names.split():
            return getattr(import_module(home, __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
