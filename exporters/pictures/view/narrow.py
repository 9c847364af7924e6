"""Labels for lanes, where many boxes stand in a row: more lines, fewer words on each."""

from __future__ import annotations

from dataclasses import replace

from .model import View, ViewNode

__all__ = ["narrowed"]


def narrowed(view: View) -> View:
    """Return a view whose boxes are as narrow as their words allow."""
    nodes = {key: _narrow(node) for key, node in view.nodes.items()}
    return replace(view, nodes=nodes)


def _narrow(node: ViewNode) -> ViewNode:
    lines = [part for line in node.lines for part in line.split(" · ")]
    if node.kind == "pool":
        window, _, rest = lines[0].partition(" ")
        kind, _, stride = rest.partition(", ")
        lines = [kind, f"{window}, {stride}" if stride else window, *lines[1:]]
        return replace(node, form="box", lines=tuple(lines))
    short = [line.replace(" conv, ", ", ") for line in lines[1:]]
    return replace(node, lines=(lines[0], *short))
