"""What is said of a network around its picture: title, totals."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import shape_text
from archgraph.units import count_text

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
            "unknown parameters" if params is None else f"{count_text(params)} parameters",
            "unknown MACs" if macs is None else f"{count_text(macs)} MACs{per}",
        )
    )


def subtitle_of(net: ArchGraph) -> str:
    """Return what a network takes and what it costs."""
    shapes = [net.nodes[name]["shape"] for name in net.sources]
    takes = f"input {' and '.join(shape_text(each).replace('×', ' × ') for each in shapes)}"
    if len(shapes) > MOST:
        takes = f"{len(shapes)} inputs"
    unread = [name for name in net.sources if not net.succ[name]]
    if unread and len(unread) < len(shapes):
        takes += f" ({' and '.join(unread[:MOST])} not read)"
    return f"{takes} · {totals_of(net, f' {per_of(net)}')}"


def per_of(net: ArchGraph) -> str:
    """Return of what its MACs are: of one image, or of one input of another kind."""
    shapes = [net.nodes[name]["shape"] for name in net.sources]
    images = shapes and all(each is not None and len(each) == IMAGE for each in shapes)
    return "per image" if images else "for one input"
