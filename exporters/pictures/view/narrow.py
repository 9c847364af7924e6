"""Labels for lanes, where many boxes stand in a row: more lines, fewer words on each."""

from __future__ import annotations

from dataclasses import replace

from .labels import wrapped
from .model import View, ViewNode

__all__ = ["ROOMS", "narrowed"]

ROOMS = (112.0, 84.0)
"""Points for a line of facts, in narrow boxes and in the narrowest."""


def narrowed(view: View, room: float = ROOMS[-1]) -> View:
    """Return a view whose boxes are as narrow as their words allow, facts in lines of ``room``."""
    nodes = {key: _narrow(node, room) for key, node in view.nodes.items()}
    return replace(view, nodes=nodes)


def _narrow(node: ViewNode, room: float) -> ViewNode:
    lines = [part for line in node.lines for part in line.split(" · ")]
    if node.kind == "pool":
        label, _, words = lines[0].rpartition(": ")
        if " to " in words:  # "avg pool to 7×7"
            kind, _, rest = words.partition(" to ")
            window, stride = f"to {rest}", ""
        else:
            window, _, rest = words.partition(" ")
            kind, _, stride = rest.partition(", ")
        head = f"{label}: {kind}" if label else kind
        lines = [head, f"{window}, {stride}" if stride else window, *lines[1:]]
        return replace(node, form="box", lines=tuple(lines))
    short = [line.replace(" conv, ", ", ") for line in lines[1:]]
    parts = [part for line in short for part in wrapped(line, room)]
    return replace(node, lines=(lines[0], *parts))
