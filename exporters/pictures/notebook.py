"""Networks shown inline in a notebook: their picture, as wide as the notebook lets it be."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archgraph.errors import ArchGraphError
from archgraph.graph import ArchGraph

from .draw import draw, drawings
from .writers.svg import svg_text

__all__ = ["Picture", "mimebundle"]


class Picture:
    """A picture of networks that shows itself in a notebook; ``save`` writes it into a file."""

    def __init__(self, nets: Sequence[ArchGraph], options: Mapping[str, Any]) -> None:
        self._nets, self._options = list(nets), dict(options)
        self._svg = _svg(self._nets, self._options)

    def __repr__(self) -> str:
        """Return what a terminal shows: whose picture it is, and how it becomes a file."""
        names = ", ".join(net.name for net in self._nets)
        return f"Picture of {names}; .save('picture.svg') writes it (.pdf, .png, .pptx, …)"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return _bundle(self._svg, repr(self))

    def save(self, path: str | Path) -> Path:
        """Write the picture in the format that the suffix says; return the path."""
        return draw(self._nets, path, **self._options)


def mimebundle(net: ArchGraph) -> dict[str, str]:
    """Return the network by media type: HTML with the picture, the picture alone, and words.

    A network that cannot be drawn, such as one without nodes, has the words alone.
    """
    try:
        return _bundle(_svg([net], {}), str(net))
    except ArchGraphError:
        return {"text/plain": str(net)}


def _svg(nets: Sequence[ArchGraph], options: Mapping[str, Any]) -> tuple[str, float]:
    """Return one page as SVG, and its width in points."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a coarser level is shown can be seen
        (page,) = drawings(nets, pages=False, **options)
    return svg_text(page), page.width


def _bundle(picture: tuple[str, float], words: str) -> dict[str, str]:
    svg, width = picture
    # The picture grows with the notebook, up to twice its size on a slide.
    style = f'style="width:100%;max-width:{2 * width:g}px;height:auto"'
    inline = re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', style, svg.partition("\n")[2], count=1)
    return {"text/html": inline, "image/svg+xml": svg, "text/plain": words}
