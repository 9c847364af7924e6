"""The fonts of a picture: the faces that come with archgraph, the system's for other scripts."""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
import warnings
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

__all__ = [
    "FAMILY",
    "FOLDER",
    "Face",
    "bundled",
    "bundled_widths",
    "ignorable",
    "system_face",
    "warn_missing",
]

FAMILY = "Archgraph Sans"
"""The name of the bundled family, metric-compatible with Helvetica and Arial."""

FOLDER = Path(__file__).parent / "fonts"

_FILES = {
    (False, False): "ArchgraphSans-Regular.ttf",
    (True, False): "ArchgraphSans-Bold.ttf",
    (False, True): "ArchgraphSans-Italic.ttf",
    (True, True): "ArchgraphSans-BoldItalic.ttf",
}
_AVOIDED = re.compile("mono|serif|light|thin|italic|oblique|black|condensed|lastresort")


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A font file: the code points that it can show, whether its outlines are TrueType's."""

    path: Path
    codes: Container[int]
    truetype: bool
    family: str = ""
    """The name by which it is asked for."""

    def has(self, char: str) -> bool:
        """Return whether the face has a glyph for this character."""
        return ord(char) in self.codes

    def width(self, text: str, size: float) -> float:
        """Return how wide the face sets a text of its characters, in points, unkerned."""
        advances = _advances(self.path)
        return sum(advances.get(ord(char), 0.0) for char in text) * size / 1000


@lru_cache(maxsize=4)
def bundled(bold: bool = False, italic: bool = False) -> Face:
    """Return the bundled face of this style."""
    return Face(FOLDER / _FILES[bold, italic], bundled_widths(bold, italic), truetype=True)


@lru_cache(maxsize=4)
def bundled_widths(bold: bool = False, italic: bool = False) -> dict[int, float]:
    """Return the advance width of each code point in a bundled face, in 1/1000 of the type size.

    They are read from the table that ``bench/fonts.py`` wrote beside the font, so that a picture
    in the common scripts needs no reader of fonts.
    """
    table = json.loads((FOLDER / _FILES[bold, italic]).with_suffix(".json").read_bytes())
    units = table["units"]
    return {
        code: advance * 1000 / units
        for first, advances in table["advances"]
        for code, advance in enumerate(advances, first)
    }


def ignorable(char: str) -> bool:
    """Return whether a character needs no glyph of its own: joiners, marks of direction."""
    return unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"


@lru_cache(maxsize=1024)
def system_face(char: str, truetype: bool, bold: bool = False) -> Face | None:
    """Return the most fitting system font that has this character; None where there is none.

    Args:
        char: One character that the bundled faces lack.
        truetype: Ask for TrueType outlines, which a PDF can embed.
        bold: Prefer a bold face.
    """
    for path in _system_fonts(bold, truetype):
        face = _face_or_none(path)
        if face and face.has(char) and (face.truetype or not truetype):
            return face
    return None


@lru_cache(maxsize=1024)
def warn_missing(char: str) -> None:
    """Warn, once for each character, that no font can show it."""
    warnings.warn(f"No font on this machine has the character {char!r}.", stacklevel=3)


@lru_cache(maxsize=256)
def _face_or_none(path: Path) -> Face | None:
    """Read a font file, of a collection its first face; None where it isn't a readable font."""
    from fontTools.ttLib import TTFont

    try:
        with TTFont(path, lazy=True, fontNumber=0) as font:
            font.setGlyphOrder(range(1 << 16))  # their names would take longer than all the rest
            family = font["name"].getBestFamilyName() or ""
            return Face(path, frozenset(font.getBestCmap()), "glyf" in font, family)
    except Exception:  # a broken file fails in many ways, and the next one will do
        return None


@lru_cache(maxsize=8)
def _advances(path: Path) -> Mapping[int, float]:
    """Return the advance width of each code point of a font file, in 1/1000 of the type size."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True, fontNumber=0) as font:
        units, metrics = font["head"].unitsPerEm, font["hmtx"].metrics
        named = font.getBestCmap().items()
        return {code: metrics[glyph][0] * 1000 / units for code, glyph in named}


@lru_cache(maxsize=4)
def _system_fonts(bold: bool, truetype: bool) -> tuple[Path, ...]:
    """Return the system's font files, plain sans-serif faces first."""
    suffixes = (".ttf",) if truetype else (".ttf", ".otf", ".ttc")
    found = {
        path
        for folder in _system_folders()
        for path in folder.rglob("*")
        if path.suffix.lower() in suffixes
    }

    def fitness(path: Path) -> tuple[int, str]:
        name = path.name.lower()
        unlike = len(set(_AVOIDED.findall(name)))
        return unlike + (("bold" in name) != bold), str(path)

    return tuple(sorted(found, key=fitness))


def _system_folders() -> list[Path]:
    try:
        home = Path.home()
    except RuntimeError:  # a user that the system has no entry for, as in a container
        home = FOLDER
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA", home)) / "Microsoft/Windows/Fonts"
        return [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts", local]
    shared = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]
    return [*shared, home / ".local/share/fonts", home / ".fonts"]
