"""How wide text is, by the metrics of the font that is worn: Helvetica's, or another's."""

from __future__ import annotations

import unicodedata

from ..dress.fonts_named import SANS
from ..dress.worn import remembered, worn
from .faces import bundled_widths, signs

__all__ = [
    "ASCENT",
    "DESCENT",
    "FONT_STACK",
    "plain",
    "shortened",
    "text_width",
]

FONT_STACK = SANS.stack
ASCENT = 0.74
"""Height of capitals and ascenders above the baseline, per point of size."""
DESCENT = 0.21
"""Depth of descenders below the baseline, per point of size."""

_EMOJI, _WIDE, _OTHER = 1300.0, 1000.0, 800.0
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@remembered(65536)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of one line of text in points; never less than what a browser needs.

    The widths are those of the font that is worn: of the sans they equal Helvetica's and Arial's,
    of the serif those of Times; kerning, which makes text a little narrower, is left out.
    Characters of scripts that the font lacks count as wide as common fonts draw them.
    """
    widths = bundled_widths(bold)
    own = worn().font.own
    total = 0.0
    for char in text:
        width = widths.get(ord(char))
        if width is None:
            width = _sign_width(char, bold) if own else _foreign_width(char)
        total += width
    return total * size / 1000 * worn().stretch


def _sign_width(char: str, bold: bool) -> float:
    """Return the width of a letter that a font of one's own lacks."""
    face = signs(bold)
    return face.width(char, 1000.0) if face.has(char) else _foreign_width(char)


def _foreign_width(char: str) -> float:
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return _EMOJI if category == "So" else _WIDE
    return _OTHER


def plain(text: str) -> str:
    """Return the text as one line that every file format can hold.

    Line breaks and tabs become spaces; characters that XML forbids (controls, lone surrogates)
    become □; marks that would reorder the text around them go.
    """
    return "".join(_plain_char(char) for char in text if char not in _REORDERING)


def _plain_char(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Zl", "Zp") or char in "\t\n\r\v\f\x85":
        return " "
    if category in ("Cc", "Cs") or ord(char) & 0xFFFE == 0xFFFE:
        return "□"
    return char


def shortened(text: str, size: float, room: float, bold: bool = False) -> str:
    """Return the text, cut in its middle with an ellipsis where it is wider than ``room``."""
    if text_width(text, size, bold) <= room:
        return text
    for kept in range(len(text) - 1, 0, -1):
        head, tail = text[: (kept + 1) // 2], text[len(text) - kept // 2 :]
        if text_width(f"{head}…{tail}", size, bold) <= room:
            return f"{head}…{tail}"
    return "…"
