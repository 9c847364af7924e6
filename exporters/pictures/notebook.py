"""Networks shown inline in a notebook: pictures and their usual one."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from archgraph.errors import ArchGraphError
from archgraph.graph import ArchGraph

from .draw import draw, drawings
from .drawing import Drawing
from .self_showing import Picture, bundle

__all__ = ["mimebundle", "picture"]


def picture(nets: Sequence[ArchGraph], options: Mapping[str, Any]) -> Picture:
    """Return what ``draw`` shows of networks as a picture that shows itself."""
    nets, options = list(nets), dict(options)
    what = f"Picture of {', '.join(net.name for net in nets)}"
    return Picture(_drawn(nets, options), what, lambda path: draw(nets, path, **options))


def mimebundle(net: ArchGraph) -> dict[str, str]:
    """Return the network by media type: its usual picture, and words.

    A network that cannot be drawn, such as one without nodes, has the words alone.
    """
    try:
        return bundle(_drawn([net], {}), str(net))
    except ArchGraphError:
        return {"text/plain": str(net)}


def _drawn(nets: Sequence[ArchGraph], options: Mapping[str, Any]) -> Drawing:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a coarser level is shown can be seen
        (page,) = drawings(nets, pages=False, **options)
    return page
