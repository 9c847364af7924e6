"""How large a title may be to stand in the place that a template has for it."""

from __future__ import annotations

from collections.abc import Iterable

from ...drawing import Drawing
from ...dress.worn import worn
from ...template import Heading, Template, stretch_of
from ...template.fonts import UNKNOWN
from ...text.widths import plain, text_width

__all__ = ["title_of_slide", "title_size"]

LINE = 1.2
"""A line's height, per point of size."""
SPARE = 1.15
"""A title has so much room to spare: where its font is not installed, a wider one stands in."""
LEAST = 12.0
"""No title is smaller, in points."""


def title_of_slide(drawing: Drawing) -> str:
    """Return the title that stands in a template's place and not in the drawing, or nothing."""
    return plain(next((group.title for group in drawing.groups("title")), ""))


def title_size(titles: Iterable[str], template: Template, wide: float, high: float) -> float | None:
    """Return the size in points at which all titles of a deck fit, None for the usual one.

    Slides are ``wide`` × ``high``, to which the template is stretched. PowerPoint itself shrinks
    a title only once somebody types in it, and so a long one would lie over the picture. All have
    one size, so that no title jumps from a slide to the next.
    """
    place = template.heading
    if place is None:
        return None
    found = min(
        (_fitting(each, place, template, wide, high) for each in titles), default=place.size
    )
    return None if found == place.size else found


def _fitting(words: str, place: Heading, template: Template, wide: float, high: float) -> float:
    width = place.width * wide / template.size[0]
    height = place.height * high / template.size[1]
    stretch = SPARE * (stretch_of(template.fonts[0]) or UNKNOWN) / worn().stretch
    told = words.upper() if place.capitals else words

    def fits(size: float) -> bool:
        rows = _rows([stretch * text_width(w, size, place.bold) for w in told.split()], size, width)
        return rows is not None and (rows == 1 or rows * LINE * size <= height)

    size = place.size
    while size > LEAST and not fits(size):
        size -= 1.0
    return min(place.size, max(size, LEAST))


def _rows(words: list[float], size: float, width: float) -> int | None:
    """Return in how many lines words of these widths are set; None where one is too wide."""
    blank = text_width(" ", size)
    rows, at = 1, 0.0
    for word in words:
        if word > width:
            return None
        if at and at + blank + word > width:
            rows, at = rows + 1, 0.0
        at += word + (blank if at else 0.0)
    return rows
