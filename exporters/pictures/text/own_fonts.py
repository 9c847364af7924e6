"""A font of one's own: an installed family by its name, or a font file."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from archgraph.errors import DrawError, FileError
from archgraph.files import plain_file
from archgraph.limits import FONT
from archgraph.nearest import nearest

from ..dress.fonts_named import SANS, SERIF, Font
from .faces import advances, opened_font, system_folders

__all__ = ["FONTS", "SUFFIXES", "font_named"]

FONTS = {"sans": SANS, "serif": SERIF}
SUFFIXES = (".ttf", ".otf")

_STYLE = re.compile(r"[\s_-]*(regular|roman|book|normal|medium|bold|w\d00)$", re.IGNORECASE)
_SAFE = re.compile(r"[^\w .+-]")


def font_named(name: str) -> Font:
    """Return a font: ``sans``, ``serif``, the name of an installed family, or a font file.

    Raises DrawError, in one sentence, where there is none, or none that can be measured.
    """
    if name in FONTS:
        return FONTS[name]
    if name.lower().endswith(SUFFIXES):
        return _of_file(plain_file(name), name)
    found = _installed(name)
    if found is None:
        known = [*FONTS, *sorted({_family_of(each) for each in _files()})]
        raise DrawError(
            f"there is no font '{name}'{nearest(name, known)}; use sans, serif, an installed "
            "family's name, or a .ttf or .otf file."
        )
    return found


def _of_file(path: Path, name: str) -> Font:
    names = _names(path)
    if names is None or not _is_measured(path):
        raise DrawError(f"'{name}' is no font that can be read; give a .ttf or .otf file.")
    family, _ = names
    beside = sorted(each for each in path.parent.iterdir() if each.suffix.lower() in SUFFIXES)
    return _font(family, path, _bold_of(family, beside[:MOST]) or path)


def _is_measured(path: Path) -> bool:
    """Return whether the widths of a font's letters can be read."""
    try:
        return bool(advances(path))
    except Exception:  # a broken file fails in many ways
        return False


MOST = 200
"""Files beside a font that are looked at for its bold."""


def _installed(name: str) -> Font | None:
    """Return the installed family of this name; files that are called alike are read first."""
    wanted = _squeezed(name)
    near = [path for path in _files() if _squeezed(_family_of(path)).startswith(wanted[:6])]
    for files in (near, _files()):
        alike = [(path, names) for path in files if (names := _names(path))]
        alike = [(path, names) for path, names in alike if _squeezed(names[0]) == wanted]
        plain = [path for path, (_, style) in alike if _plainness(style) == "plain"]
        bold = [path for path, (_, style) in alike if _plainness(style) == "bold"]
        if plain or bold:
            first = (plain or bold)[0]
            names = _names(first)
            assert names is not None
            return _font(names[0], first, bold[0] if bold else first)
    return None


def _bold_of(family: str, files: list[Path]) -> Path | None:
    for path in files:
        names = _names(path)
        if names and names[0] == family and _plainness(names[1]) == "bold":
            return path
    return None


def _font(family: str, plain: Path, bold: Path) -> Font:
    roman = "sans" not in family.lower() and bool(re.search("serif|roman|times", family.lower()))
    usual = SERIF if roman else SANS
    shown = _SAFE.sub("", family).strip() or "sans"
    tex = (*usual.tex, shown) if shown.isascii() else usual.tex
    stack = f"'{shown}', {usual.stack}"
    return Font(family, stack, str(plain), str(bold), shown, shown, tex, roman, own=True)


def _plainness(style: str) -> str:
    words = style.lower()
    if words in ("regular", "book", "roman", "normal", "medium", ""):
        return "plain"
    return words if words == "bold" else "other"


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _family_of(path: Path) -> str:
    """Return about the family's name that a file's name says."""
    return _STYLE.sub("", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", path.stem)).replace("-", " ")


@lru_cache(maxsize=1)
def _files() -> tuple[Path, ...]:
    """Return the installed font files."""
    found = {
        path
        for folder in system_folders()
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
    }
    return tuple(sorted(found))


@lru_cache(maxsize=4096)
def _names(path: Path) -> tuple[str, str] | None:
    """Return a font file's family and style; None where it can't be read."""
    try:
        if path.stat().st_size > FONT:
            return None
        with opened_font(path) as font:
            table = font["name"]
            family = table.getBestFamilyName()
            style = table.getBestSubFamilyName() or "Regular"
            if not family or not font.getBestCmap() or "hmtx" not in font:
                return None
            return str(family), str(style)
    except OSError as error:
        raise FileError(f"cannot read '{path}': {error.strerror or error}.") from None
    except Exception:  # a broken file fails in many ways
        return None
