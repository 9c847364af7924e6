"""The grey that stands for a colour where a paper is printed without colour."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, cycle

from ...look.theme import THEMES, Theme

__all__ = ["grey_of", "theme_name"]

_NAMED = (
    "ink", "soft", "line", "frame_fill", "frame_line", "background", "shortcut", "crossing",
    "auxiliary", "unknown",
)  # fmt: skip
"""The colours of a theme that have names, in the order in which one is named after them."""


def grey_of(colour: str, kind: str = "", part: str = "") -> str:
    """Return the print theme's grey for a colour of the light theme, else one as light as it is.

    ``kind`` and ``part`` (fill, stroke or text) say of which box it is: the print theme tells
    kinds apart that are equal in the light one.
    """
    light, paper = THEMES["light"], THEMES["print"]
    if part and kind in light.tones and _is_of(light, kind, colour, part):
        return str(getattr(paper.tone(kind), part))
    return _pairs().get(colour) or _as_light(colour)


def _is_of(theme: Theme, kind: str, colour: str, part: str) -> bool:
    return bool(getattr(theme.tone(kind), part) == colour)


def theme_name(colour: str) -> str:
    """Return what a theme calls a colour, such as ``ink``; nothing for a colour without a name."""
    for theme in THEMES.values():
        for name in _NAMED:
            if getattr(theme, name) == colour:
                return name.replace("_", " ")
    return ""


@lru_cache(maxsize=1)
def _pairs() -> dict[str, str]:
    """Return the print theme's colour in the place of each of the light theme."""
    light, paper = THEMES["light"], THEMES["print"]
    found = {getattr(light, name): getattr(paper, name) for name in reversed(_NAMED)}
    for one, other in zip(light.devices, paper.devices, strict=True):
        found |= {one.fill: other.fill, one.stroke: other.stroke}
    found |= {tone.fill: paper.tone(kind).fill for kind, tone in light.tones.items()}
    found |= {tone.stroke: paper.tone(kind).stroke for kind, tone in light.tones.items()}
    tints = zip(chain(*light.frame_tints), cycle(chain(*paper.frame_tints)), strict=False)
    return found | dict(zip(light.ramp, paper.ramp, strict=True)) | dict(tints)


def _as_light(colour: str) -> str:
    """Return the grey of a colour's lightness: relative luminance, as in WCAG 2.2."""
    parts = [part / 255 for part in bytes.fromhex(colour.lstrip("#"))]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    light = sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    part = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return f"#{bytes([round(255 * part)] * 3).hex()}"
