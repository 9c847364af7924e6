"""Decks of people's own whose master, colours and fonts slides take (private)."""

from .colours import contrast, darker, hsl, lighter, luminance, rgb
from .deck import Place, Template, template_of
from .fonts import stretch_of
from .heading import Heading

__all__ = [
    "Heading",
    "Place",
    "Template",
    "contrast",
    "darker",
    "hsl",
    "lighter",
    "luminance",
    "rgb",
    "stretch_of",
    "template_of",
]
