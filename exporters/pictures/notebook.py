"""A network shown inline in a notebook: its picture, as wide as the notebook lets it be."""

from __future__ import annotations

import re
import warnings

from archgraph.errors import ArchGraphError
from archgraph.graph import ArchGraph

from .draw import drawings
from .writers.svg import svg_text

__all__ = ["mimebundle"]


def mimebundle(net: ArchGraph) -> dict[str, str]:
    """Return the network by media type: HTML with the picture, the picture alone, and words.

    A network that cannot be drawn, such as one without nodes, has the words alone.
    """
    found = {"text/plain": str(net)}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a coarser level is shown can be seen
            (page,) = drawings(net, pages=False)
    except ArchGraphError:
        return found
    svg = svg_text(page)
    # The picture grows with the notebook, up to twice its size on a slide.
    style = f'style="width:100%;max-width:{2 * page.width:g}px;height:auto"'
    inline = re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', style, svg.partition("\n")[2], count=1)
    return {"text/html": inline, "image/svg+xml": svg, **found}
