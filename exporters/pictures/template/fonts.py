"""How much wider than Helvetica's the letters of a template's font are."""

from __future__ import annotations

__all__ = ["stretch_of"]

UNKNOWN = 1.15
"""What text in a font that is not listed has room for: few text faces are wider."""

_NARROW = (
    "Arial, Arial Narrow, Arial Nova, Arimo, Avenir Next, Calibri, Calibri Light, Cambria, "
    "Candara, "
    "Carlito, Corbel, Franklin Gothic Book, Garamond, Gill Sans, Gill Sans MT, Gill Sans Nova, "
    "Helvetica, Helvetica Neue, Lato, Liberation Sans, Liberation Serif, Perpetua, Source Sans 3, "
    "Source Sans Pro, TeX Gyre Heros, Times, Times New Roman, Tw Cen MT"
)
_WIDER = {
    "aptos": 1.06,
    "aptos display": 1.06,
    "arial black": 1.3,
    "book antiqua": 1.04,
    "bookman old style": 1.12,
    "century gothic": 1.16,
    "consolas": 1.14,
    "constantia": 1.04,
    "courier new": 1.24,
    "dejavu sans": 1.2,
    "fira sans": 1.06,
    "georgia": 1.08,
    "ibm plex sans": 1.08,
    "inter": 1.12,
    "montserrat": 1.22,
    "noto sans": 1.1,
    "open sans": 1.1,
    "palatino linotype": 1.04,
    "poppins": 1.18,
    "roboto": 1.03,
    "rockwell": 1.08,
    "segoe ui": 1.06,
    "tahoma": 1.05,
    "trebuchet ms": 1.06,
    "ubuntu": 1.08,
    "verdana": 1.22,
}
"""Bounds, rounded up: a box with a little room to spare does no harm."""

_KNOWN = {**dict.fromkeys(_NARROW.lower().split(", "), 1.0), **_WIDER}


def stretch_of(font: str) -> float | None:
    """Return how wide text in a font is at most, as a multiple of its width in Helvetica.

    None for one that is not known; ``UNKNOWN`` is right for nearly all of these.
    """
    return _KNOWN.get(" ".join(font.lower().split()))
