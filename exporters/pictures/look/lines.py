"""How lines look, by what flows along them."""

from __future__ import annotations

from collections.abc import Collection

from ..drawing import Paint
from .theme import Theme

__all__ = ["EDGE_WORDS", "edge_paint"]

EDGE_WORDS = {
    "shortcut": "identity shortcut",
    "projection": "projection shortcut",
    "padding": "zero-padded shortcut",
    "crossing": "between GPUs",
    "auxiliary": "in training only",
    "loop": "step by step",
}
"""What a legend calls the lines that are not plain data."""


_LINES: dict[str, tuple[str, float, tuple[float, ...]]] = {
    "shortcut": ("shortcut", 1.5, ()),
    "projection": ("shortcut", 1.5, (4.5, 2.5)),
    "padding": ("shortcut", 1.5, (4.5, 2.5)),
    "crossing": ("crossing", 1.4, ()),
    "auxiliary": ("auxiliary", 1.2, (2.0, 2.5)),
    "loop": ("ink", 1.3, ()),
}
"""The theme's colour, the width and the dashes of lines that are not plain data."""


_HEAVY = ("ink", 2.0, ())
"""What crosses between devices where shortcuts are drawn, which have the same colour else."""

_SHORTCUTS = frozenset(("shortcut", "projection", "padding"))


def edge_paint(kind: str, theme: Theme, scale: float, kinds: Collection[str] = ()) -> Paint:
    """Return the colour, width and dashes of a line; ``kinds`` are all that the picture has."""
    colour, width, dash = _LINES.get(kind, ("line", 1.1, ()))
    if kind == "crossing" and not _SHORTCUTS.isdisjoint(kinds):
        colour, width, dash = _HEAVY
    return Paint(None, getattr(theme, colour), width * scale, tuple(each * scale for each in dash))
