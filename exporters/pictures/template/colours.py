"""Colours of a theme as DrawingML says them: a colour's place in the scheme, then changes of it.

The changes work on hue, saturation and lightness (ECMA-376, part 1, 20.1.2.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from colorsys import hls_to_rgb, rgb_to_hls
from typing import Any

__all__ = ["colour_in", "contrast", "darker", "hsl", "lighter", "luminance", "rgb"]

SCHEME = ("dk1", "lt1", "dk2", "lt2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")
"""The places of a colour scheme, in the order of its file."""

_FULL = 100_000
"""The whole, in the thousandths of a percent of DrawingML."""


def hsl(colour: str) -> tuple[float, float, float]:
    """Return the hue, saturation and lightness of ``#rrggbb``, each from 0 to 1."""
    red, green, blue = (part / 255 for part in bytes.fromhex(colour[1:]))
    hue, light, much = rgb_to_hls(red, green, blue)
    return hue, much, light


def rgb(hue: float, much: float, light: float) -> str:
    """Return ``#rrggbb`` of a hue, saturation and lightness."""
    parts = hls_to_rgb(hue % 1.0, min(max(light, 0.0), 1.0), min(max(much, 0.0), 1.0))
    return f"#{bytes(round(255 * part) for part in parts).hex()}"


def luminance(colour: str) -> float:
    """Return a colour's relative luminance, 0 for black to 1 for white (WCAG 2.2)."""
    parts = [part / 255 for part in bytes.fromhex(colour[1:])]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return how much two colours stand out from each other, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lighter(colour: str, light: float) -> float:
    """Return which part of the way to black a colour keeps to become so light."""
    return (1.0 - light) / max(1.0 - hsl(colour)[2], 1e-6)


def darker(colour: str, light: float) -> float:
    """Return which part of its lightness a colour keeps to become so dark."""
    return light / max(hsl(colour)[2], 1e-6)


def colour_in(fill: Any, scheme: Mapping[str, str], mapping: Mapping[str, str]) -> str | None:
    """Return the colour that an element holds (``a:solidFill``, ``p:bgRef``, a place of a scheme).

    None where it holds none, or one that only a program for slides can tell.
    """
    for each in fill:
        kind = str(each.tag).rpartition("}")[2]
        found: str | None = None
        if kind == "srgbClr":
            found = _hex(each.get("val"))
        elif kind == "sysClr":
            found = _hex(each.get("lastClr"))
        elif kind == "schemeClr":
            place = each.get("val", "")
            found = scheme.get(mapping.get(place, place))
        if found is not None:
            return _changed(found, each)
    return None


def _hex(value: str | None) -> str | None:
    try:
        return f"#{bytes.fromhex(value or '').hex()}" if len(value or "") == 6 else None
    except ValueError:
        return None


def _changed(colour: str, element: Any) -> str:
    hue, much, light = hsl(colour)
    for each in element:
        kind = str(each.tag).rpartition("}")[2]
        try:
            part = int(each.get("val", "0")) / _FULL
        except ValueError:
            continue
        match kind:
            case "lumMod":
                light *= part
            case "lumOff":
                light += part
            case "satMod":
                much *= part
            case "satOff":
                much += part
            case "tint":
                light = 1.0 - (1.0 - light) * part
            case "shade":
                light *= part
    return rgb(hue, much, light)
