"""How wide text is, by the metrics of Helvetica and the fonts made to match it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from reportlab.pdfbase.pdfmetrics import stringWidth

__all__ = ["ASCENT", "DESCENT", "FONT_STACK", "shortened", "text_width"]

FONT_STACK = "Helvetica, Arial, 'Liberation Sans', Arimo, sans-serif"
ASCENT = 0.74
"""Height of capitals and ascenders above the baseline, per point of size."""
DESCENT = 0.21
"""Depth of descenders below the baseline, per point of size."""


@lru_cache(maxsize=65536)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of one line of text in points; never less than what a browser needs."""
    font = "Helvetica-Bold" if bold else "Helvetica"
    width = 0.0
    latin = []
    for char in text:
        if ord(char) < 256:
            latin.append(char)
        elif unicodedata.combining(char):
            continue
        else:
            wide = unicodedata.east_asian_width(char) in "WF"
            width += size * (1.0 if wide else 0.8)
    return width + float(stringWidth("".join(latin), font, size))


def shortened(text: str, size: float, room: float, bold: bool = False) -> str:
    """Return the text, cut in its middle with an ellipsis where it is wider than ``room``."""
    if text_width(text, size, bold) <= room:
        return text
    for kept in range(len(text) - 1, 0, -1):
        head, tail = text[: (kept + 1) // 2], text[len(text) - kept // 2 :]
        if text_width(f"{head}…{tail}", size, bold) <= room:
            return f"{head}…{tail}"
    return "…"
