"""The canvas of a picture: how wide and high it is, and what stands on it besides the picture."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass

from archgraph.errors import DrawError
from archgraph.limits import CANVAS
from archgraph.nearest import nearest
from archgraph.options import written

from .template import Place, Template, stretch_of, template_of
from .template.fonts import UNKNOWN

__all__ = [
    "CANVASES",
    "SIZES",
    "SMALLEST",
    "USUAL",
    "Canvas",
    "canvas_for",
    "canvas_of",
    "stretch_for",
]

POINTS = {"in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pt": 1.0, "texpt": 72 / 72.27}
"""Points in each unit of length; a point is 1/72 inch, as in PDF, and not TeX's 1/72.27."""

OF_DOCUMENTS = ("textwidth", "linewidth", "columnwidth", "hsize")
"""Lengths of TeX, which only a document knows."""

LEAST = 72.0
"""Points of the smallest canvas, an inch: on less not one box has room."""

PAGE = 8.4 * 72
"""How high a picture grows where only its width is given, in points.

That are the 9 inches of text on a letter page, less a caption of three lines.
"""

PRINTED, SHOWN = 5 / 6, 2 / 3
"""How large pictures come out on paper and on a beamer's slide, against how they are laid out.

Layouts keep labels of 9 pt and other words of 7.2 pt. In print these are 7.5 and 6 pt. A beamer's
slide is 12.8 cm wide and shown as large as any: there they are 6 and 4.8 pt, where a slide of 10
inches has 12 and 9.5 pt and beamer's own smallest letters 6 pt.
"""

USUAL = "16:9"
"""The canvas where none is asked for."""

SMALLEST = 9.0
"""What labels have at least where nothing is zoomed, in points."""

SIZES = "a width or size such as 3.3in, 8.9cm or 240x400"


@dataclass(frozen=True, slots=True)
class Canvas:
    """What a picture has to fit on, in points of 1/72 inch.

    Without a ``width`` it is as large as the picture; with a width alone as high as that needs, up
    to a page. The picture is laid out for a canvas so much larger that ``zoom`` makes it this one.
    ``margin`` stands around it, None for that of slides. On paper the caption says what a
    ``title`` would. ``dpi`` are the pixels of an inch of its image, None for those of a screen.
    On a slide of a ``template`` it is the room that this leaves at ``place``, (left, top, and the
    slide's own width and height); ``above`` it the slide itself has a place for the title.
    """

    width: float | None = None
    height: float | None = None
    zoom: float = 1.0
    margin: float | None = None
    title: bool = True
    dpi: float | None = None
    template: Template | None = None
    place: Place | None = None
    above: bool = False

    @property
    def larger(self) -> str:
        """The name of one with room for more: a paper's whole width, or as large as it takes."""
        narrow = not self.title and (self.width or 0.0) < (CANVASES["page"].width or 0.0)
        return "page" if narrow else "none"


def _paper(width: float, height: float | None = None) -> Canvas:
    return Canvas(width, height, PRINTED, 2.0, title=False, dpi=300.0)


def _beamer(width: float, height: float) -> Canvas:
    unit = POINTS["cm"]
    return Canvas(width * unit, height * unit, SHOWN, 8.0, dpi=300.0)


CANVASES = {
    "16:9": Canvas(960.0, 540.0),
    "4:3": Canvas(720.0, 540.0),
    "a4": Canvas(595.0, 842.0),
    "none": Canvas(),
    "column": _paper(3.3 * 72),
    "page": _paper(6.5 * 72),
    "beamer": _beamer(12.8, 9.6),
    "beamer169": _beamer(16.0, 9.0),
}
"""The canvases that have names; "none" is as large as the picture."""

_SIZE = re.compile(r"(\d+\.?\d*|\.\d+)(?:[x×](\d+\.?\d*|\.\d+))?\s*(\w*)")


def canvas_of(text: str) -> Canvas:
    """Return the canvas that a name or a size says: ``column``, ``3.3in``, ``240x400``.

    A width needs its unit; a width and a height without one are points. DrawError says in one
    sentence what is wrong with any other text.
    """
    if text in CANVASES:
        return CANVASES[text]
    length = text.strip().lower().removeprefix("\\")
    if length in OF_DOCUMENTS:
        raise DrawError(
            f"only your document knows its {length}: let it print \\the\\{length}, such as "
            f"345.0pt, and use {written('fit', '345texpt')}; {written('fit', 'page')} is "
            "6.5 inches, a letter page with margins of an inch."
        )
    found = _SIZE.fullmatch(text.strip().lower()) if len(text) < 40 else None
    if found is None:
        raise DrawError(
            f"there is no canvas '{text}'{nearest(text, CANVASES)}; the canvases are "
            f"{', '.join(CANVASES)}, or {SIZES}."
        )
    width, height, unit = found.groups()
    if unit not in POINTS and (unit or height is None):
        what = f"the unit '{unit}'" if unit else "no unit"
        raise DrawError(
            f"the canvas '{text}' has {what}; write in, cm, mm or pt behind the number, as in "
            f"{width}cm."
        )
    sides = [float(side) * POINTS[unit or "pt"] for side in (width, height) if side is not None]
    if min(sides) < LEAST:
        raise DrawError(f"the canvas '{text}' is less than an inch (72 pt): nothing fits on it.")
    if max(sides) > CANVAS:
        raise DrawError(f"the canvas '{text}' is more than {CANVAS / 72:.0f} inches.")
    return _paper(*sides)


ASIDE = 4.0
"""What stays free around a picture in its room on a slide, in points."""


def canvas_for(fit: str | None, template: str | None = None) -> Canvas:
    """Return the canvas that ``fit`` says, else the usual one.

    With a template it is the room on its slides, which are as large as the template's unless
    ``fit`` gives them another size. DrawError says what is wrong with either.
    """
    canvas = canvas_of(fit or USUAL)
    if template is None:
        return canvas
    deck = template_of(template)
    size = deck.size
    if fit is not None:
        if canvas.width is None or canvas.height is None:
            raise DrawError(
                f"slides have a width and a height, but {written('fit', fit)} gives none; use "
                f"{written('fit', USUAL)}, or leave it to the template."
            )
        size = (canvas.width, canvas.height)
    x, y, width, height = deck.sized(size)
    return Canvas(
        width, height, margin=ASIDE, template=deck, place=(x, y, *size), above=deck.titled
    )


def stretch_for(template: str | None) -> float:
    """Return how much wider than ours the font of a template is; warn where that is not known."""
    if template is None:
        return 1.0
    font = template_of(template).fonts[1]
    factor = stretch_of(font)
    if factor is not None:
        return factor
    warnings.warn(
        f"how wide the template's font '{font}' is, is not known; text has room for "
        f"{UNKNOWN - 1:.0%} more than in Arial.",
        stacklevel=9,
    )
    return UNKNOWN
