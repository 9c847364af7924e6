"""A picture that shows itself in a notebook, as wide as the notebook lets it be."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from .day_and_night import light_and_dark
from .drawing import Drawing
from .writers.svg import svg_text

__all__ = ["Picture", "bundle"]


class Picture:
    """A picture or a chart that shows itself in a notebook; ``save`` writes it into a file.

    Where it has its drawing in ``dark`` colours too, it follows the notebook's.
    """

    def __init__(
        self,
        drawing: Drawing,
        what: str,
        write: Callable[[Path], Path],
        dark: Drawing | None = None,
    ) -> None:
        self._drawing, self._what, self._write, self._dark = drawing, what, write, dark

    def __repr__(self) -> str:
        """Return what a terminal shows: whose picture it is, and how it becomes a file."""
        return f"{self._what}; .save('picture.svg') writes it (.pdf, .png, .pptx, …)"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return bundle(self._drawing, repr(self), self._dark)

    def save(self, path: str | Path) -> Path:
        """Write the picture in the format that the suffix says; return the path."""
        return self._write(Path(path))


def bundle(drawing: Drawing, words: str, dark: Drawing | None = None) -> dict[str, str]:
    """Return a drawing by media type: HTML with the picture, the picture alone, and words.

    No script is needed, so that it also shows where none may run. With its drawing in ``dark``
    colours the HTML has those of the notebook.
    """
    svg = svg_text(drawing)
    inline = _inline(drawing, svg)
    if dark is not None:
        inline = light_and_dark(inline, _inline(dark, svg_text(dark)))
    return {"text/html": inline, "image/svg+xml": svg, "text/plain": words}


def _inline(drawing: Drawing, svg: str) -> str:
    """Return a picture as an element of a page."""
    # The picture grows with the notebook, up to twice its size on a slide.
    style = f'style="width:100%;max-width:{2 * drawing.width:g}px;height:auto"'
    inline = re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', style, svg.partition("\n")[2], count=1)
    # An id may stand once in a page, which may hold the same network twice.
    return re.sub(r'<g id="', '<g data-name="', inline)
