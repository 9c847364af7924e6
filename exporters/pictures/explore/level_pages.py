"""The pages of an interactive picture, as large as they need to be, with all that they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archgraph.graph import ArchGraph

from ..captions import subtitle_of, title_of
from ..choices import Choices
from ..compose import compose
from ..drawing import Drawing
from ..layout.steps import BOTH
from ..look.colour import colouring
from ..pages import Page
from ..sheet import Sheet
from ..single import laid_out
from ..text.widths import plain
from ..view import View, build_view
from .costs_data import network_data, totals_line
from .openings import Explored, explored

__all__ = ["level_pages"]


def level_pages(nets: Sequence[ArchGraph], choices: Choices) -> list[Page]:
    """Return a page for each level of a network, and for each box that can be opened.

    The level and the colour of ``choices``, and what they open, are what is shown first. Every
    page's ``data`` has ``network``, the costs and facts of the whole network and how it is shown at
    first, ``around``, the words and colours around it, ``picture``, what the page shows, and
    ``nodes``, what opens where and each box's rows among the costs.
    """
    (net,) = nets
    network = network_data(net, choices)
    around = {
        "totals": totals_line(net),
        "base": "by device" if choices.color == "device" else "by kind",
        "theme": "dark" if choices.theme == "dark" else "light",
    }
    rows = {name: number for number, name in enumerate(net)}
    return [
        Page(
            each.drawing, each.view, data=_data(each, rows) | {"network": network, "around": around}
        )
        for each in explored(net, _Render(net, choices), choices.level, choices.open)
    ]


class _Render:
    """Draws a network, or a part of it, at its natural size."""

    def __init__(self, net: ArchGraph, choices: Choices) -> None:
        self.net, self.choices = net, choices
        self.runs_down: dict[str, bool] = {}
        color, theme = choices.color, Sheet.of(choices).theme
        if color != "op" and color not in net.metrics:
            # Refuses what there is not.
            colouring(net, build_view(net, choices.level), color, theme)

    def __call__(self, part: ArchGraph, level: str, opened: Sequence[str]) -> tuple[View, Drawing]:
        # What opens in its place leaves the flow of the rest as it was.
        ways = (self.runs_down[level],) if opened else BOTH
        asked = replace(self.choices, level=level, open=tuple(opened), fit="none")
        view, scenes = laid_out(part, asked, None, several=False, directions=ways)
        if part is self.net and not opened:
            self.runs_down[level] = scenes[0].down
        placed = any(node.device is not None for node in view.nodes.values())
        by = "device" if self.choices.color == "device" and placed else "op"
        sheet = Sheet.of(asked, title_of(part), subtitle_of(part))
        found = colouring(part, view, by, sheet.theme)
        return view, compose(view, scenes[0], found, sheet)


def _data(each: Explored, rows: dict[str, int]) -> dict[str, Any]:
    picture = {
        "key": each.key,
        "kind": each.kind,
        "level": f"level:{each.level}",
        "title": plain(each.title),
        "focus": [rows[m] for m in each.focus if m in rows],
        "frames": list(each.frames),
    }
    nodes = {
        name: {
            "rows": [rows[m] for m in members if m in rows],
            "opens": each.opens.get(name),
            "alone": each.alone.get(name),
        }
        for name, members in each.members.items()
    }
    return {"picture": picture, "nodes": nodes}
