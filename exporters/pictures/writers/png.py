"""PNG: the SVG painted with the bundled font, so that it looks the same on every machine."""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from collections.abc import Sequence
from html import escape, unescape
from itertools import groupby

from archgraph.errors import DrawError
from archgraph.limits import PIXELS
from archgraph.options import written

from ..drawing import Drawing, Text
from ..dress.worn import worn
from ..pages import Page, Writer
from ..text.faces import FOLDER, Face, bundled, ignorable, signs, system_face, warn_missing
from ..text.widths import plain, text_width
from .svg import svg_text

__all__ = ["WRITER", "write"]

_TEXT = re.compile(r"(<text [^>]*>)([^<]*)(</text>)")


def write(pages: Sequence[Page], scale: float | None = None) -> bytes:
    """Return one page as a PNG image.

    Letters that the bundled font lacks (Korean, Arabic, …) are taken from the system's fonts.

    Args:
        pages: Exactly one; an image has no pages.
        scale: Pixels per CSS pixel (1/96 inch): 2 gives a 16:9 slide 2560 × 1440 pixels. Without
            it as many as the drawing's ``dpi`` asks for, else 2.

    Raises:
        DrawError: If there are several pages, or the image would be too large to paint.
    """
    import resvg_py

    if len(pages) != 1:
        raise DrawError(
            f"A PNG holds one picture, not {len(pages)}: write .pdf or .pptx for several pages."
        )
    drawing = pages[0].drawing
    scale = scale or (drawing.dpi or 192.0) / 96
    wide, high = (round(side * scale * 4 / 3) for side in (drawing.width, drawing.height))
    if wide * high > PIXELS:
        raise DrawError(
            f"an image of {wide} × {high} pixels is too large to paint; use "
            f"{written('fit', '16:9')}, or .svg, .pdf or .html."
        )
    family = drawing.font.family
    stack, named = (f'font-family="{escape(each)}"' for each in (drawing.font.stack, family))
    page = svg_text(drawing).replace(stack.replace("&#x27;", "'"), named, 1)
    page = _TEXT.sub(_in_runs, page)
    try:
        image = bytes(
            resvg_py.svg_to_bytes(
                svg_string=page,
                zoom=scale,
                dpi=96,  # without it, a size in points counts as none
                font_family=family,
                sans_serif_family=family,
                skip_system_fonts=True,
                font_files=_files(drawing),
            )
        )
    except ValueError as error:
        raise DrawError(
            f"A picture of {drawing.width:g} × {drawing.height:g} pt at scale {scale:g} can't be "
            f"painted: {error}"
        ) from error
    return _sized(image, drawing.dpi) if drawing.dpi else image


def _sized(image: bytes, dpi: float) -> bytes:
    """Return a PNG image that says how large it is, so that LaTeX and others print it so.

    The chunk pHYs holds pixels per metre along both axes (PNG, third edition, 11.3.4.3).
    """
    each = round(dpi / 0.0254)
    facts = b"pHYs" + struct.pack(">IIB", each, each, 1)
    chunk = struct.pack(">I", 9) + facts + struct.pack(">I", zlib.crc32(facts))
    first = image.index(b"IHDR") - 4
    end = first + 12 + struct.unpack(">I", image[first : first + 4])[0]
    return image[:end] + chunk + image[end:]


def _in_runs(text: re.Match[str]) -> str:
    """Return a text element with each run of wide letters in the font that has them, in its place.

    Left to itself, the painter sets the whole text in that font, and forgets which is bold.
    """
    head, words, end = text.groups()
    if words.isascii():
        return text[0]
    size, bold = float(_read(head, "font-size")), 'font-weight="bold"' in head
    runs: list[tuple[str, str, float]] = []
    for face, run in groupby(unescape(words), key=lambda char: _other_face(char, bold)):
        part = "".join(run)
        long = text_width(part, size, bold) if face is None else face.width(part, size)
        runs.append((escape(part), "" if face is None else face.family, long))
    if not any(family for _, family, _ in runs):
        return text[0]
    back = {"middle": 0.5, "end": 1.0}.get(_read(head, "text-anchor"), 0.0)
    x = float(_read(head, "x")) - back * sum(long for *_, long in runs)
    found = []
    for part, family, long in runs:
        font = f' font-family="{escape(family)}"' if family else ""
        found.append(f'<tspan x="{x:.2f}"{font} xml:space="preserve">{part}</tspan>')
        x += long
    start = re.sub(' text-anchor="[a-z]*"', "", head)
    return f"{start}{''.join(found)}{end}"


def _other_face(char: str, bold: bool) -> Face | None:
    """Return the face for a letter that stands by itself, where the font that is worn lacks it."""
    if bundled(bold).has(char):
        return None
    if unicodedata.east_asian_width(char) in "WF":
        return system_face(char, truetype=False, bold=bold, roman=worn().font.roman)
    return signs(bold) if signs(bold).has(char) else None


def _read(head: str, name: str) -> str:
    found = re.search(rf' {name}="([^"]*)"', head)
    return found[1] if found else ""


def _files(drawing: Drawing) -> list[str]:
    """Return the font files that a drawing needs."""
    font = drawing.font
    own = [font.plain, font.bold] if font.own else []
    ours = sorted(map(str, FOLDER.glob("*.ttf")))
    return [*dict.fromkeys(own), *ours, *_foreign(drawing)]


def _foreign(drawing: Drawing) -> list[str]:
    """Return the system's font files for the characters that the bundled faces lack.

    Left to itself, the painter takes any font that has the character, a heavy serif one too.
    """
    files: dict[str, None] = {}
    for text in drawing.shapes():
        if not isinstance(text, Text):
            continue
        face = bundled(text.bold, text.italic)
        for char in plain(text.text):
            if face.has(char) or signs().has(char) or ignorable(char):
                continue
            found = system_face(char, False, text.bold, drawing.font.roman)
            if found:
                files[str(found.path)] = None
            else:
                warn_missing(char)
    return list(files)


WRITER = Writer(write)
