"""How wide text is, by the metrics of Helvetica and the fonts made to match it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from .faces import bundled_widths

__all__ = [
    "ASCENT",
    "DESCENT",
    "FONT_STACK",
    "plain",
    "remembered",
    "shortened",
    "stretched",
    "text_width",
]

FONT_STACK = "Helvetica, Arial, 'Liberation Sans', Arimo, sans-serif"
ASCENT = 0.74
"""Height of capitals and ascenders above the baseline, per point of size."""
DESCENT = 0.21
"""Depth of descenders below the baseline, per point of size."""

_EMOJI, _WIDE, _OTHER = 1300.0, 1000.0, 800.0
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


_STRETCH = ContextVar("stretch", default=1.0)


@contextmanager
def stretched(factor: float) -> Iterator[None]:
    """Measure all text inside so many times as wide: as it is in another font."""
    token = _STRETCH.set(factor)
    try:
        yield
    finally:
        _STRETCH.reset(token)


P = ParamSpec("P")
R = TypeVar("R")


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Remember what a function returns, which measures text: in each font anew."""

    @lru_cache(maxsize=4096)
    def kept(_stretch: float, *given: P.args, **named: P.kwargs) -> R:
        return function(*given, **named)

    @wraps(function)
    def asked(*given: P.args, **named: P.kwargs) -> R:
        return kept(_STRETCH.get(), *given, **named)  # type: ignore[arg-type]

    return asked


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of one line of text in points; never less than what a browser needs.

    The widths are those of the bundled faces, which equal Helvetica's and Arial's; kerning, which
    makes text a little narrower, is left out. Characters of scripts that these faces lack count
    as wide as common fonts draw them.
    """
    return _width(text, size, bold) * _STRETCH.get()


@lru_cache(maxsize=65536)
def _width(text: str, size: float, bold: bool) -> float:
    widths = bundled_widths(bold)
    total = 0.0
    for char in text:
        width = widths.get(ord(char))
        total += _foreign_width(char) if width is None else width
    return total * size / 1000


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
