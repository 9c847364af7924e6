"""What is said of a network around its picture: title, totals."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import shape_text
from archgraph.units import count_text

from .dress.spoken import say, spoken

__all__ = ["per_of", "subtitle_of", "title_of", "totals_of"]

MOST = 2
"""The shapes of more inputs would be a long line."""

IMAGE = 3
"""Channels, height and width."""


def title_of(net: ArchGraph) -> str:
    """Return what people call a network."""
    return str(net.graph.get("title") or net.name)


def totals_of(net: ArchGraph, per: str = "") -> str:
    """Return parameters and MACs in words; ``per`` says of what the MACs are."""
    params, macs = net.total("params"), net.total("macs")
    return " · ".join(
        (
            say("unknown parameters")
            if params is None
            else say("{count} parameters", count=count_text(params)),
            say("unknown MACs")
            if macs is None
            else say(f"{{count}} {' '.join(filter(None, ('MACs', per)))}", count=count_text(macs)),
        )
    )


def subtitle_of(net: ArchGraph) -> str:
    """Return what a network takes and what it costs."""
    shapes = [net.nodes[name]["shape"] for name in net.sources]
    takes = say(
        "input {shape}",
        shape=say(" and ").join(spoken(shape_text(each)).replace("×", " × ") for each in shapes),
    )
    if len(shapes) > MOST:
        takes = say("{count} inputs", count=len(shapes))
    unread = [name for name in net.sources if not net.succ[name]]
    if unread and len(unread) < len(shapes):
        takes += say(" ({names} not read)", names=say(" and ").join(unread[:MOST]))
    return f"{takes} · {totals_of(net, per_of(net))}"


def per_of(net: ArchGraph) -> str:
    """Return of what its MACs are: of one image, or of one input of another kind."""
    shapes = [net.nodes[name]["shape"] for name in net.sources]
    images = shapes and all(each is not None and len(each) == IMAGE for each in shapes)
    return "per image" if images else "for one input"
