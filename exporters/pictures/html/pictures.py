"""The pictures of an interactive page: every level, and what opens when a box is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archgraph.graph import ArchGraph

from ..view import LEVELS, View

__all__ = ["PagePicture", "Render", "all_pictures"]

Render = Callable[[ArchGraph, str], tuple[View, str]]
"""Draws a network at a level at its natural size; gives what is shown, and the SVG."""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One picture: ``members`` are the graph's nodes behind each box, ``opens`` what it holds."""

    key: str
    title: str
    svg: str
    members: dict[str, tuple[str, ...]]
    opens: dict[str, str]


def all_pictures(net: ArchGraph, render: Render) -> list[PagePicture]:
    """Return the picture of each level, and of each stage and block that can be opened."""
    found: dict[str, PagePicture] = {}
    title = str(net.graph.get("title") or net.name)
    for level in LEVELS:
        _add(found, net, net, level, f"level:{level}", title, render)
    return list(found.values())


def _add(
    found: dict[str, PagePicture],
    whole: ArchGraph,
    net: ArchGraph,
    level: str,
    key: str,
    title: str,
    render: Render,
) -> None:
    view, svg = render(net, level)
    opens: dict[str, str] = {}
    for name, node in view.nodes.items():
        inside = [member for member in node.members if member in whole]
        if level == "layer" or len(inside) < 2 or name in whole:
            continue
        target = f"open:{name}"
        if target in (key, *opens.values()):
            continue
        opens[name] = target
        if target not in found:
            label = whole.groups.get(name, {}).get("label", name)
            finer = "block" if level == "stage" and _has_blocks(whole, inside) else "layer"
            _add(found, whole, whole.module(name), finer, target, label, render)
    # What feeds a part stands for the tensor outside, though it may be called as the input is.
    outside = set() if net is whole else set(net.sources)
    members = {
        name: tuple(member for member in node.members if member not in outside)
        for name, node in view.nodes.items()
    }
    found[key] = PagePicture(key, title, svg, members, opens)


def _has_blocks(net: ArchGraph, names: list[str]) -> bool:
    return len({net.nodes[name].get("block") for name in names} - {None}) > 1
