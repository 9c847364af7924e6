"""How lines look, by what flows along them."""

from __future__ import annotations

from ..drawing import Paint
from .theme import Theme

__all__ = ["EDGE_WORDS", "edge_paint"]

EDGE_WORDS = {
    "shortcut": "identity shortcut",
    "projection": "projection shortcut",
    "padding": "zero-padded shortcut",
    "crossing": "between GPUs",
    "auxiliary": "in training only",
}
"""What a legend calls the lines that are not plain data."""


def edge_paint(kind: str, theme: Theme, scale: float) -> Paint:
    """Return the colour, width and dashes of a line."""
    if kind == "shortcut":
        return Paint(None, theme.shortcut, 1.5 * scale)
    if kind in ("projection", "padding"):
        return Paint(None, theme.shortcut, 1.5 * scale, (4.5 * scale, 2.5 * scale))
    if kind == "crossing":
        return Paint(None, theme.crossing, 1.4 * scale)
    if kind == "auxiliary":
        return Paint(None, theme.auxiliary, 1.2 * scale, (2.0 * scale, 2.5 * scale))
    return Paint(None, theme.line, 1.1 * scale)
