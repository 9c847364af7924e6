"""Colours that people choose for boxes and frames, in each theme: grey in print, words readable."""

from __future__ import annotations

import re
from functools import lru_cache

from archgraph.errors import DrawError
from archgraph.nearest import nearest

from .contrast import luminance, readable
from .theme import FAMILY_WORDS, Theme, Tone, ramp

__all__ = ["KINDS", "is_color", "own_color", "own_frame", "own_tone", "refuse_color"]

LINE, GROUND = 0.45, 0.16
"""How far a box's line is from its fill to the ink, and a frame's ground from the page's to it."""

KINDS = {word: kind for kind, word in FAMILY_WORDS.items()}
"""The kind of box that each word of a legend stands for."""


def refuse_color(color: str) -> None:
    """Raise DrawError for what is neither ``#c0392b``, a name as in CSS, nor a kind of box."""
    if color.lower() not in {*FAMILY_WORDS, *KINDS} and not is_color(color):
        names = [*FAMILY_WORDS, *KINDS, *_css()]
        raise DrawError(
            f"there is no colour '{color}'{nearest(color, names)}; write it as #c0392b, by its "
            "name in CSS (steelblue), or as a kind of box (convolution)."
        )


def is_color(color: str) -> bool:
    """Return whether it is ``#c0392b`` or a name as in CSS."""
    return _rgb(color) is not None


def own_tone(color: str, theme: Theme) -> Tone:
    """Return the tone of a box of this colour."""
    kind = KINDS.get(color.lower(), color.lower())
    if kind in FAMILY_WORDS:
        return theme.tone(kind)
    fill = own_color(color, theme)
    return Tone(fill, ramp((fill, theme.ink), LINE), readable(fill))


def own_frame(color: str, theme: Theme) -> tuple[str, str]:
    """Return the ground and the line of a frame of this colour."""
    kind = KINDS.get(color.lower(), color.lower())
    line = theme.tone(kind).stroke if kind in FAMILY_WORDS else own_color(color, theme)
    return ramp((theme.background, line), GROUND), line


def own_color(color: str, theme: Theme) -> str:
    """Return a colour as a theme has it: print is grey, as light as the colour is."""
    found = _rgb(color)
    assert found is not None  # choices refuse it
    if theme.name != "print":
        return found
    light = luminance(found)
    part = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return f"#{bytes([round(255 * part)] * 3).hex()}"


@lru_cache(maxsize=256)
def _rgb(color: str) -> str | None:
    """Return ``#rrggbb``; None for what is no colour."""
    if re.fullmatch(r"#([0-9a-fA-F]{3}){1,2}", color):
        digits = color[1:].lower()
        return f"#{digits}" if len(digits) == 6 else f"#{''.join(2 * d for d in digits)}"
    return _css().get(color.lower())


@lru_cache(maxsize=1)
def _css() -> dict[str, str]:
    from reportlab.lib.colors import getAllNamedColors

    named = getAllNamedColors().items()
    return {name: f"#{each.hexval()[2:].lower()}" for name, each in named if each.alpha == 1}
