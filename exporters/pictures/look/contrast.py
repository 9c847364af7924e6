"""How colours stand out from each other, by WCAG 2.2."""

from __future__ import annotations

from ..template.colours import contrast, luminance

__all__ = ["contrast", "luminance", "readable"]


def readable(fill: str) -> str:
    """Return black or white, whichever stands out more on ``fill``."""
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, fill))
