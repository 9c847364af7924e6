"""Fonts by name: the sans and the serif that come with archgraph, and any that is installed."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SANS", "SERIF", "Font"]


@dataclass(frozen=True, slots=True)
class Font:
    """A family of fonts, as each format names it.

    ``family`` is the name in its files, which are those of plain and of bold letters: without a
    folder they come with archgraph. ``stack`` are the families that a browser takes, ``office`` is
    the one that office programs have, ``core`` that of PostScript and Graphviz, ``tex`` those that
    TeX tries, the last first; ``roman`` tells whether letters have serifs.
    """

    family: str
    stack: str
    plain: str
    bold: str
    office: str
    core: str
    tex: tuple[str, ...]
    roman: bool = False
    own: bool = False
    """Whether it is none of ours, and may lack signs that pictures have."""


SANS = Font(
    "Archgraph Sans",
    "Helvetica, Arial, 'Liberation Sans', Arimo, sans-serif",
    "ArchgraphSans-Regular.ttf",
    "ArchgraphSans-Bold.ttf",
    "Arial",
    "Helvetica",
    ("Liberation Sans", "Arial"),
)
"""As wide as Helvetica and Arial."""

SERIF = Font(
    "Archgraph Serif",
    "'Times New Roman', Times, 'Liberation Serif', Tinos, serif",
    "ArchgraphSerif-Regular.ttf",
    "ArchgraphSerif-Bold.ttf",
    "Times New Roman",
    "Times",
    ("TeX Gyre Termes", "Liberation Serif", "Times New Roman"),
    roman=True,
)
"""As wide as Times."""
