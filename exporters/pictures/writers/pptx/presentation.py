"""PPTX: one slide per drawing, of native shapes that can be edited, moved and read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from archgraph.errors import DrawError
from archgraph.options import written

from ...drawing import Drawing, Themed
from ...pages import Page, Writer
from ...text.widths import plain
from .drawingml import EMU
from .inks import Inks
from .native_charts import chart_frame
from .own_master import fitted, footers, own_deck
from .slide import Slide
from .slide_title import title_of_slide, title_size

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.slide import SlideLayout

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

    template = drawings[0].template
    inks = Inks.of(drawings[0].background, template, drawings[0].font)
    letters: float | None = None
    if template is None:
        deck, layout = own_deck(inks, drawings[0].font.office), _TITLE_ONLY
    else:
        deck, layout = Presentation(BytesIO(template.data)), template.layout
        letters = title_size(map(title_of_slide, drawings), template, width, height)
    fitted(deck, round(width * EMU), round(height * EMU))
    _describe(deck, drawings[0])
    for drawing in drawings:
        _add_slide(deck, deck.slide_layouts[layout], drawing, inks, letters)
    file = BytesIO()
    deck.save(file)
    return _timeless(file.getvalue())


def _add_slide(
    deck: Presentation,
    layout: SlideLayout,
    drawing: Drawing,
    inks: Inks,
    letters: float | None,
) -> None:
    from pptx.dml import color
    from pptx.oxml import parse_xml

    slide = deck.slides.add_slide(layout)
    tree: Any = slide.shapes._spTree
    for shape in list(slide.shapes):
        tree.remove(shape._element)
    made = Slide(drawing, inks, letters)
    shapes = made.shapes() + (footers(layout, made.number) if drawing.template else "")
    for shape in parse_xml(f"<p:spTree {_SPACES}>{shapes}</p:spTree>"):
        tree.append(shape)
    for number, plot in made.plots.items():
        (shape,) = tree.xpath(f'.//p:sp[p:nvSpPr/p:cNvPr/@id="{number}"]')
        frame = chart_frame(plot, inks, slide.part, number)
        (chart,) = parse_xml(f"<p:spTree {_SPACES}>{frame}</p:spTree>")
        shape.getparent().replace(shape, chart)
    if drawing.background and not isinstance(drawing.background, Themed):
        fill = slide.background.fill
        fill.solid()
        rgb: Any = color.RGBColor  # it has no types
        fill.fore_color.rgb = rgb.from_string(drawing.background.lstrip("#").upper())
    if inks.flips:
        _flip(slide, inks)
    notes = slide.notes_slide.notes_text_frame if drawing.notes else None
    if notes is not None:
        notes.text = "\n".join(plain(row) for row in drawing.notes.split("\n"))


def _flip(slide: Any, inks: Inks) -> None:
    """Let a slide have its template's text as ground, and its ground as text."""
    from pptx.oxml import parse_xml

    same = ("accent1", "accent2", "accent3", "accent4", "accent5", "accent6", "hlink", "folHlink")
    roles = {**inks.mapping, **{name: name for name in same}}
    places = " ".join(f'{role}="{place}"' for role, place in roles.items())
    map_over = slide._element.find("{*}clrMapOvr")
    for old in list(map_over):
        map_over.remove(old)
    map_over.append(parse_xml(f"<a:overrideClrMapping {_SPACES} {places}/>"))


def _describe(deck: Presentation, drawing: Drawing) -> None:
    facts = deck.core_properties
    facts.title, facts.subject = plain(drawing.title)[:255], plain(drawing.description)[:255]
    facts.author = facts.last_modified_by = "archgraph"
    facts.created = facts.modified = _DATE
    facts.revision = 1


def _timeless(data: bytes) -> bytes:
    """Return the same package with every file dated alike."""
    result = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(result, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return result.getvalue()


WRITER = Writer(write, takes="pages", heeds=("template",))
