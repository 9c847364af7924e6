"""The pages of an interactive picture: what is shown first, each level, and each box's inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.structure import structure

from ..captions import subtitle_of, title_of
from ..choices import Choices
from ..compose import compose
from ..layout.lanes import has_lanes
from ..layout.scene import Scene
from ..look.colour import colouring
from ..pages import Page
from ..sheet import Sheet
from ..single import laid_out
from ..text.widths import plain
from ..view import LEVELS, View, build_view, said
from .costs_data import LEVEL_WORDS, network_data, totals_line
from .insides import Ends, Insides, flows

__all__ = ["level_pages"]

LARGE = 600
"""A level with more boxes than this is not drawn as a whole: its boxes are opened one by one."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A picture, and what the page needs to know of it: see ``level_pages``."""

    key: str
    kind: str
    title: str
    view: View
    scene: Scene
    flows: Ends
    opens: Mapping[str, str]
    ports: Sequence[str] = ()


def level_pages(nets: Sequence[ArchGraph], choices: Choices) -> list[Page]:
    """Return a page for each view of a network, and for the inside of each box that opens.

    The first is what ``choices`` ask for. Every page's ``data`` has ``network``, the costs and
    facts of the whole network, ``around``, the words and colours around it, ``picture``, what the
    page shows, ``nodes``, the rows of each box among the costs and the picture of its inside, and
    ``flows``, the rows of what each line bears. Boxes without rows hold what is in their insides.
    """
    (net,) = nets
    color, theme = choices.color, Sheet.of(choices).theme
    if color != "op" and not net.has_metric(color):
        # Refuses what there is not.
        colouring(net, build_view(net, "block"), color, theme)
    drawn = list(_drawn(net, choices))
    placed = any(node.device is not None for node in drawn[0].view.nodes.values())
    by = "device" if color == "device" and placed else "op"
    whole = {
        "network": network_data(net, choices),
        "around": {
            "totals": totals_line(net),
            "base": "by device" if color == "device" else "by kind",
            "theme": "dark" if choices.theme == "dark" else "light",
        },
    }
    rows = {name: number for number, name in enumerate(net)}
    whole_sheet = replace(choices, fit="none", title=None, legend=True)
    sheet = Sheet.of(whole_sheet, title_of(net), subtitle_of(net))
    return [_page(net, each, by, sheet, rows, bool(choices.set), whole) for each in drawn]


def _drawn(net: ArchGraph, choices: Choices) -> Iterator[_Drawn]:
    """Yield the views of a network, the first one first, and the inside of each box."""
    first = list(_roots(net, choices))
    _, view, scene = first[0]
    down = scene.down and not has_lanes(view)
    insides = Insides(net, said(net, choices.facts), down=down, settings=choices.set)
    for key, view, scene in first:
        title = LEVEL_WORDS.get(key, "As asked")
        opens = insides.openings(view)
        yield _Drawn(key, "view", title, view, scene, flows(net, view), opens)
    for each in insides.found.values():
        yield _Drawn(
            each.key,
            "inside",
            each.title,
            each.view,
            each.scene,
            each.flows,
            each.opens,
            each.ports,
        )


def _roots(net: ArchGraph, choices: Choices) -> Iterator[tuple[str, View, Scene]]:
    """Yield the views that boxes are opened from: the one asked for, then the others."""
    asked = "open" if choices.open else choices.level
    for key in dict.fromkeys([asked, *LEVEL_WORDS]):
        if key != asked and key in LEVELS and not _is_small(net, key):
            continue
        each = choices if key == asked else replace(choices, level=key, open=())
        space = Sheet.of(each).space if each.searches else None
        view, scenes = laid_out(net, each, space, several=False)
        yield key, view, scenes[0]


def _is_small(net: ArchGraph, level: str) -> bool:
    return len(structure(net).cuts[level].members) <= LARGE


def _page(
    net: ArchGraph,
    each: _Drawn,
    by: str,
    sheet: Sheet,
    rows: Mapping[str, int],
    hides: bool,
    whole: Mapping[str, Any],
) -> Page:
    found = colouring(net, each.view, by, sheet.theme)
    scene = replace(each.scene, scale=1.0, x=0.0, y=0.0)
    # What is hidden inside of a box still counts in it.
    nodes = {
        key: {
            "head": plain(node.label.head),
            "rows": []
            if key in each.opens and not hides
            else [rows[member] for member in node.members if member in rows],
            "opens": each.opens.get(key),
        }
        for key, node in each.view.nodes.items()
    }
    data = {
        "picture": {
            "key": each.key,
            "kind": each.kind,
            "title": plain(each.title),
            "ports": list(each.ports),
            "frames": _frames(each.view, scene),
            "legend": [(words, tone.fill) for words, tone in found.legend],
        },
        "nodes": nodes,
        "flows": {
            pair: [rows[name] for name in names if name in rows]
            for pair, names in each.flows.items()
        },
    }
    # Boxes move where others open; what is written beside them is in their facts.
    view = replace(each.view, notes={})
    return Page(compose(view, scene, found, sheet), view, data={**data, **whole})


def _frames(view: View, scene: Scene) -> dict[str, list[str]]:
    """Return what stands in each frame that is in one piece, and so can be closed."""
    kind = view.framed
    keys = [frame.key for frame in scene.frames]
    inside = {
        key: [name for name, node in view.nodes.items() if kind and getattr(node, kind) == key]
        for key in keys
        if keys.count(key) == 1
    }
    return {key: names for key, names in inside.items() if len(names) > 1}
