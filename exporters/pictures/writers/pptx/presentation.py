"""PPTX: one slide per drawing, of native shapes that can be edited, moved and read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from archgraph.errors import DrawError
from archgraph.options import written

from ...drawing import Drawing
from ...pages import Page, Writer
from ...text.widths import plain
from .drawingml import EMU
from .slide import Slide

if TYPE_CHECKING:
    from pptx.presentation import Presentation

__all__ = ["WRITER", "write"]

_SPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
SMALLEST, LARGEST = 72.0, 56 * 72.0
"""The sides of a slide that PowerPoint takes, in points."""

_TITLE_ONLY = 5
_DATE = datetime(2000, 1, 1)


def write(pages: Sequence[Page]) -> bytes:
    """Return a presentation with one slide per drawing; the same drawings give the same bytes.

    Slides are as large as the largest drawing (960 × 540 pt is PowerPoint's 13.333 × 7.5 in).
    Raises DrawError for one that is larger than PowerPoint takes.
    """
    drawings = [page.drawing for page in pages]
    width = max(SMALLEST, *(drawing.width for drawing in drawings))
    height = max(SMALLEST, *(drawing.height for drawing in drawings))
    if max(width, height) > LARGEST:
        raise DrawError(
            f"a slide is at most 56 inches wide and high, and this picture {width / 72:.0f} × "
            f"{height / 72:.0f}; use {written('fit', '16:9')}, or .svg, .pdf or .html."
        )
    from pptx import Presentation

    deck = Presentation()
    _resize(deck, width, height)
    _describe(deck, drawings[0])
    for drawing in drawings:
        _add_slide(deck, drawing)
    file = BytesIO()
    deck.save(file)
    return _timeless(file.getvalue())


def _add_slide(deck: Presentation, drawing: Drawing) -> None:
    from pptx.dml import color
    from pptx.oxml import parse_xml

    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
    tree: Any = slide.shapes._spTree
    for shape in list(slide.shapes):
        tree.remove(shape._element)
    for shape in parse_xml(f"<p:spTree {_SPACES}>{Slide(drawing).shapes()}</p:spTree>"):
        tree.append(shape)
    if drawing.background:
        fill = slide.background.fill
        fill.solid()
        rgb: Any = color.RGBColor  # it has no types
        fill.fore_color.rgb = rgb.from_string(drawing.background.lstrip("#").upper())
    notes = slide.notes_slide.notes_text_frame if drawing.notes else None
    if notes is not None:
        notes.text = "\n".join(plain(row) for row in drawing.notes.split("\n"))


def _resize(deck: Presentation, width: float, height: float) -> None:
    """Give the deck its size; the empty layouts, made for 10 × 7.5 in, follow."""
    from pptx.util import Length

    old_width, old_height = deck.slide_width or 1, deck.slide_height or 1
    new_width, new_height = Length(round(width * EMU)), Length(round(height * EMU))
    deck.slide_width, deck.slide_height = new_width, new_height
    wider, higher = new_width / old_width, new_height / old_height
    master = deck.slide_master
    for page in (master, *master.slide_layouts):
        for shape in page.placeholders:
            if shape._element.spPr.find(".//{*}xfrm") is None:
                continue  # it takes its place from the master
            place = (shape.left, shape.top, shape.width, shape.height)
            shape.left, shape.width = round(place[0] * wider), round(place[2] * wider)
            shape.top, shape.height = round(place[1] * higher), round(place[3] * higher)


def _describe(deck: Presentation, drawing: Drawing) -> None:
    """Set title, fonts and a dark theme for a dark drawing; drop the template's thumbnail."""
    facts = deck.core_properties
    facts.title, facts.subject = plain(drawing.title)[:255], plain(drawing.description)[:255]
    facts.author = facts.last_modified_by = "archgraph"
    facts.created = facts.modified = _DATE
    facts.revision = 1
    package = deck.part.package
    for key, relation in list(package._rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            package._rels.pop(key)
    master = deck.slide_master
    theme: Any = master.part.part_related_by(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"
    )
    theme._blob = theme.blob.replace(
        b'typeface="Calibri"', f"typeface={quoteattr(drawing.font.office)}".encode()
    )
    if drawing.background and _is_dark(drawing.background):
        colours = master._element.find("{*}clrMap")
        for name, value in {"bg1": "dk1", "tx1": "lt1", "bg2": "dk2", "tx2": "lt2"}.items():
            colours.set(name, value)


def _is_dark(colour: str) -> bool:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128


def _timeless(data: bytes) -> bytes:
    """Return the same package with every file dated alike."""
    result = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(result, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return result.getvalue()


WRITER = Writer(write, takes="pages")
