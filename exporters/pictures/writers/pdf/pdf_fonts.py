"""Which font a PDF sets each character in: the bundled one, the system's, a reader's own."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby

from archgraph.errors import DrawError

from ...dress.worn import worn
from ...text.faces import FOLDER, Face, bundled, ignorable, signs, system_face, warn_missing
from ...text.script_order import drawing_order

__all__ = ["base_font", "font_runs"]

_KOREAN, _JAPANESE, _CHINESE = "HYGothic-Medium", "HeiseiKakuGo-W5", "STSong-Light"


def base_font() -> str:
    """Return the bundled upright face, registered with reportlab."""
    return _embedded(bundled()) or "Helvetica"


def font_runs(text: str, bold: bool, italic: bool) -> list[tuple[str, str]]:
    """Return the text in drawing order, cut into runs of one registered font: (font, run).

    A character that the bundled face lacks is set in a system font that can be embedded; where
    there is none, Chinese, Japanese and Korean are set in a font that PDF readers bring along.
    Warns about characters that no font has.
    """
    shown = "".join(char for char in drawing_order(text) if not ignorable(char))
    hangul = any("\uac00" <= char <= "\ud7a3" for char in shown)
    kana = any("\u3040" <= char <= "\u30ff" for char in shown)
    eastern = _KOREAN if hangul else _JAPANESE if kana else _CHINESE
    fonts = [(_font(char, bold, italic, eastern), char) for char in shown]
    return [
        (font, "".join(char for _, char in run))
        for font, run in groupby(fonts, key=lambda pair: pair[0])
    ]


def _font(char: str, bold: bool, italic: bool, eastern: str) -> str:
    face = bundled(bold, italic)
    if worn().font.own and not face.has(char) and signs(bold).has(char):
        face = signs(bold)
    if not face.has(char):
        other = system_face(char, truetype=True, bold=bold, roman=worn().font.roman)
        name = _embedded(other) if other else None
        if name:
            return name
        if _is_eastern(char):
            return _readers_own(eastern)
        warn_missing(char)
    name = _embedded(face)
    if name is None and worn().font.own:
        raise DrawError(
            f"a PDF cannot hold the font '{worn().font.family}', whose outlines are not "
            "TrueType's, or broken; use a .ttf file, or .svg or .png."
        )
    return name or "Helvetica"


def _is_eastern(char: str) -> bool:
    wide = unicodedata.east_asian_width(char) in "WF"
    return wide and unicodedata.category(char) in ("Lo", "Lm", "Po", "Ps", "Pe", "Nl")


@lru_cache(maxsize=256)
def _embedded(face: Face) -> str | None:
    """Register a face with reportlab; None where its file can't be embedded."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    name = face.path.stem if face.path.parent == FOLDER else str(face.path)
    try:
        registerFont(TTFont(name, str(face.path)))
    except Exception:  # of broken files it raises many things besides its own error
        return None
    return name


@lru_cache(maxsize=3)
def _readers_own(name: str) -> str:
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont

    registerFont(UnicodeCIDFont(name))
    return name
