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
from .single import laid_out_once

__all__ = ["mimebundle", "picture"]


def picture(nets: Sequence[ArchGraph], options: Mapping[str, Any]) -> Picture:
    """Return what ``draw`` shows of networks as a picture that shows itself."""
    nets, options = list(nets), dict(options)
    what = f"Picture of {', '.join(net.name for net in nets)}"
    drawn, dark = _drawn(nets, options)
    return Picture(drawn, what, lambda path: draw(nets, path, **options), dark)


def mimebundle(net: ArchGraph) -> dict[str, str]:
    """Return the network by media type: its usual picture, and words.

    A network that cannot be drawn, such as one without nodes, has the words alone.
    """
    try:
        drawn, dark = _drawn([net], {})
        return bundle(drawn, str(net), dark)
    except ArchGraphError:
        return {"text/plain": str(net)}


def _drawn(nets: Sequence[ArchGraph], options: Mapping[str, Any]) -> tuple[Drawing, Drawing | None]:
    """Return a picture, and the same in dark colours where none were chosen."""
    with warnings.catch_warnings(), laid_out_once():
        warnings.simplefilter("ignore")  # that a coarser level is shown can be seen
        (page,) = drawings(nets, pages=False, **options)
        if any(options.get(name) is not None for name in ("theme", "look")):
            return page, None
        (dark,) = drawings(nets, pages=False, **{**options, "theme": "dark"})
    return page, dark
