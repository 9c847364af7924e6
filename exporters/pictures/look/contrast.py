"""How colours stand out from each other, by WCAG 2.2."""

from __future__ import annotations

__all__ = ["contrast", "luminance", "readable"]


def contrast(one: str, other: str) -> float:
    """Return how much two colours stand out from each other, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(fill: str) -> str:
    """Return black or white, whichever stands out more on ``fill``."""
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, fill))


def luminance(colour: str) -> float:
    """Return a colour's relative luminance, 0 for black to 1 for white (WCAG 2.2)."""
    parts = [part / 255 for part in bytes.fromhex(colour[1:])]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
