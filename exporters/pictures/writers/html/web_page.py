"""Assembles the page: template, style, script, and all that they show as one JSON object."""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.ops import Op
from archgraph.units import figure, spaced_shape

from ...choices import Choices
from ...text.widths import plain
from ...view import op_text, words_of
from .page_pictures import PagePicture, Render, all_pictures

__all__ = ["write"]

LEVEL_WORDS = {"level:stage": "Stages", "level:block": "Blocks", "level:layer": "Layers"}


def write(net: ArchGraph, render: Render, choices: Choices) -> str:
    """Return one HTML file that needs no network: diagram, facts and costs, linked.

    ``render`` draws a network at a level; the level and the colour of ``choices``, and what they
    open, are what the page shows first. The page works with the keyboard alone and prints.
    """
    pictures = all_pictures(net, render, choices.level, choices.open)
    data = json.dumps(_data(net, pictures, choices), ensure_ascii=False, separators=(",", ":"))
    # Nothing inside may end the element that holds it.
    data = data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    source = files(__package__)
    return Template(source.joinpath("page.html").read_text("utf-8")).substitute(
        title=escape(_title(net)),
        totals=escape(_totals(net)),
        base="by device" if choices.color == "device" else "by kind",
        theme="dark" if choices.theme == "dark" else "light",
        css=source.joinpath("page.css").read_text("utf-8"),
        script=source.joinpath("page.js").read_text("utf-8"),
        data=data,
    )


def _title(net: ArchGraph) -> str:
    return plain(str(net.graph.get("title") or net.name))


def _totals(net: ArchGraph) -> str:
    parts = [f"input {spaced_shape(net.input_shape)}"] if net.sources else []
    for name in ("params", "macs", "activation_bytes"):
        metric = net.metric(name)
        words = {"params": " parameters", "activation_bytes": " activations"}.get(name, "")
        parts.append(figure(net.total(name), metric) + words)
    return " · ".join(parts) + " (one image, inference)"


def _data(net: ArchGraph, pictures: list[PagePicture], choices: Choices) -> dict[str, Any]:
    index = {name: number for number, name in enumerate(net)}
    return {
        "title": _title(net),
        "first": f"{'place' if choices.open else 'level'}:{choices.level}",
        "metric": choices.color if choices.color in net.metrics else "",
        "log": choices.scale != "linear",
        "batch": "one image, inference",
        "levels": list(LEVEL_WORDS.items()),
        "metrics": [
            {"name": m.name, "title": m.title, "unit": m.unit, "reduce": m.reduce}
            for m in net.metrics.values()
        ],
        "totals": {name: net.total(name) for name in net.metrics},
        "facts": _facts(net),
        "rows": [_row(net, name) for name in net],
        "pictures": {
            picture.key: {
                "kind": picture.kind,
                "level": f"level:{picture.level}",
                "title": plain(picture.title),
                "focus": [index[m] for m in picture.focus if m in index],
                "frames": list(picture.frames),
                "svg": picture.svg,
                "nodes": {
                    name: {
                        "rows": [index[m] for m in members if m in index],
                        "opens": picture.opens.get(name),
                        "alone": picture.alone.get(name),
                    }
                    for name, members in picture.members.items()
                },
            }
            for picture in pictures
        },
    }


def _facts(net: ArchGraph) -> list[tuple[str, str]]:
    paper = net.graph.get("paper") or {}
    found = []
    if paper:
        found.append(("paper", f"{paper.get('authors')}: {paper.get('title')} ({paper['year']})"))
    for result in net.graph.get("published", ()):
        error = result.get("top5_error"), result.get("top1_error")
        words = f"top-5 {error[0]} %" if error[0] is not None else f"top-1 {error[1]} %"
        found.append(("error", f"{words}, {result['data']}, {result['setting']}"))
    return [(key, plain(value)) for key, value in found]


def _row(net: ArchGraph, name: str) -> dict[str, Any]:
    data = net.nodes[name]
    op: Op = data["op"]
    label = data.get("label")
    return {
        "name": plain(name),
        "label": None if label is None else plain(str(label)),
        "words": plain(" ".join(words_of(net, name))),
        "op": op.kind,
        "settings": plain(op_text(op)),
        "output": spaced_shape(data["shape"]),
        "device": data["device"],
        "values": {metric: data.get(metric) for metric in net.metrics},
    }
