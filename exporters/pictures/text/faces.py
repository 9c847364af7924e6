"""The fonts of a picture: the faces that come with archgraph, the system's for other scripts."""

from __future__ import annotations

import os
import sys
import unicodedata
import warnings
from functools import lru_cache
from pathlib import Path

from .sfnt import Face, read_face

__all__ = ["FAMILY", "FOLDER", "bundled", "ignorable", "system_face", "warn_missing"]

FAMILY = "Archgraph Sans"
"""The name of the bundled family, metric-compatible with Helvetica and Arial."""

FOLDER = Path(__file__).parent / "fonts"

_FILES = {
    (False, False): "ArchgraphSans-Regular.ttf",
    (True, False): "ArchgraphSans-Bold.ttf",
    (False, True): "ArchgraphSans-Italic.ttf",
    (True, True): "ArchgraphSans-BoldItalic.ttf",
}
_AVOIDED = (
    "mono",
    "serif",
    "light",
    "thin",
    "italic",
    "oblique",
    "black",
    "condensed",
    "lastresort",
)


@lru_cache(maxsize=4)
def bundled(bold: bool = False, italic: bool = False) -> Face:
    """Return the bundled face of this style."""
    return read_face(FOLDER / _FILES[bold, italic])


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
    try:
        return read_face(path)
    except (OSError, ValueError):
        return None


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
        unlike = sum(word in name for word in _AVOIDED)
        return unlike + (("bold" in name) != bold), str(path)

    return tuple(sorted(found, key=fitness))


def _system_folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA", home)) / "Microsoft/Windows/Fonts"
        return [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts", local]
    shared = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]
    return [*shared, home / ".local/share/fonts", home / ".fonts"]
