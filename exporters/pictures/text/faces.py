"""The fonts of a picture: the faces that come with archgraph, the system's for other scripts."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import unicodedata
import warnings
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from archgraph.errors import DrawError

from ..dress.fonts_named import SANS, Font
from ..dress.worn import worn

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

__all__ = [
    "FAMILY",
    "FOLDER",
    "Face",
    "advances",
    "bundled",
    "bundled_widths",
    "ignorable",
    "opened_font",
    "signs",
    "system_face",
    "system_folders",
    "warn_missing",
]

FAMILY = SANS.family
"""The name of the bundled family, metric-compatible with Helvetica and Arial."""

FOLDER = Path(__file__).parent / "fonts"

_ITALICS = {False: "ArchgraphSans-Italic.ttf", True: "ArchgraphSans-BoldItalic.ttf"}
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
        wide = advances(self.path)
        return sum(wide.get(ord(char), 0.0) for char in text) * size / 1000


def bundled(bold: bool = False, italic: bool = False) -> Face:
    """Return the face of this style of the font that is worn; only the sans has italics."""
    return _face(worn().font, bold, italic)


def bundled_widths(bold: bool = False, italic: bool = False) -> Mapping[int, float]:
    """Return the advance width of each code point in such a face, in 1/1000 of the type size."""
    return _widths(_path(worn().font, bold, italic))


def signs(bold: bool = False) -> Face:
    """Return the face of the sans, which has signs that a font of one's own may lack."""
    return _face(SANS, bold, False)


@lru_cache(maxsize=16)
def _face(font: Font, bold: bool, italic: bool) -> Face:
    path = _path(font, bold, italic)
    if not font.own:
        return Face(path, _widths(path), truetype=True, family=font.family)
    found = _face_or_none(path)
    if found is None:
        raise DrawError(f"the font '{path}' cannot be read.")
    return found


def _path(font: Font, bold: bool, italic: bool) -> Path:
    if italic and font is SANS:
        return FOLDER / _ITALICS[bold]
    return FOLDER / (font.bold if bold else font.plain)


@lru_cache(maxsize=16)
def _widths(path: Path) -> Mapping[int, float]:
    """Return the advance width of each code point of a font file, in 1/1000 of the type size.

    Those of a font that comes with archgraph are read from the table that ``bench/fonts.py`` wrote
    beside it, so that a picture in the common scripts needs no reader of fonts.
    """
    if path.parent != FOLDER:
        return advances(path)
    table = json.loads(path.with_suffix(".json").read_bytes())
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
def system_face(char: str, truetype: bool, bold: bool = False, roman: bool = False) -> Face | None:
    """Return the most fitting system font that has this character; None where there is none.

    Args:
        char: One character that the bundled faces lack.
        truetype: Ask for TrueType outlines, which a PDF can embed.
        bold: Prefer a bold face.
        roman: Prefer one with serifs.
    """
    for path in _system_fonts(bold, truetype, roman):
        face = _face_or_none(path)
        if face and face.has(char) and (face.truetype or not truetype):
            return face
    return None


@lru_cache(maxsize=1024)
def warn_missing(char: str) -> None:
    """Warn, once for each character, that no font can show it."""
    warnings.warn(f"No font on this machine has the character {char!r}.", stacklevel=3)


def opened_font(path: Path) -> TTFont:
    """Open a font file, of a collection its first face, without the names of its glyphs.

    These would take longer than all the rest, and a broken file's could not be read.
    """
    from fontTools.ttLib import TTFont

    # What it finds odd in a font is nothing that a user could mend.
    log = logging.getLogger("fontTools")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    font = TTFont(path, lazy=True, fontNumber=0)
    font.setGlyphOrder(range(1 << 16))
    return font


@lru_cache(maxsize=256)
def _face_or_none(path: Path) -> Face | None:
    """Read a font file, of a collection its first face; None where it isn't a readable font."""
    try:
        with opened_font(path) as font:
            family = font["name"].getBestFamilyName() or ""
            return Face(path, frozenset(font.getBestCmap()), "glyf" in font, family)
    except Exception:  # a broken file fails in many ways, and the next one will do
        return None


@lru_cache(maxsize=8)
def advances(path: Path) -> Mapping[int, float]:
    """Return the advance width of each code point of a font file, in 1/1000 of the type size."""
    with opened_font(path) as font:
        units, metrics = font["head"].unitsPerEm, font["hmtx"].metrics
        named = font.getBestCmap().items()
        return {code: metrics[glyph][0] * 1000 / units for code, glyph in named}


@lru_cache(maxsize=8)
def _system_fonts(bold: bool, truetype: bool, roman: bool) -> tuple[Path, ...]:
    """Return the system's font files, plain faces first, without serifs or with them."""
    suffixes = (".ttf",) if truetype else (".ttf", ".otf", ".ttc")
    found = {
        path
        for folder in system_folders()
        for path in folder.rglob("*")
        if path.suffix.lower() in suffixes
    }

    def fitness(path: Path) -> tuple[int, str]:
        name = path.name.lower()
        unlike = len(set(_AVOIDED.findall(name)) ^ ({"serif"} if roman else set()))
        return unlike + (("bold" in name) != bold), str(path)

    return tuple(sorted(found, key=fitness))


def system_folders() -> list[Path]:
    """Return the folders in which fonts are installed."""
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
