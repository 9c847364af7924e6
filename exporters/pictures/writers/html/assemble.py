"""Assembles the page: template, style, script, and all that they show as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from ...pages import Page, Writer
from ..svg import svg_text

__all__ = ["WRITER", "write"]

LEVEL_WORDS = {"level:stage": "Stages", "level:block": "Blocks", "level:layer": "Layers"}


def write(pages: Sequence[Page]) -> bytes:
    """Return one HTML file that needs no network: diagram, facts and costs, linked.

    ``pages`` are those of ``explore``, whose data the script reads. The page works with the
    keyboard alone and prints.
    """
    first = pages[0].data["first"]
    data = json.dumps(_data(pages), ensure_ascii=False, separators=(",", ":"))
    # Nothing inside may end the element that holds it.
    data = data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    source = files(__package__)
    page = Template(source.joinpath("page.html").read_text("utf-8")).substitute(
        title=escape(pages[0].data["network"]["title"]),
        totals=escape(first["totals"]),
        base="by device" if first["device"] else "by kind",
        theme="dark" if first["dark"] else "light",
        css=source.joinpath("page.css").read_text("utf-8"),
        script=source.joinpath("page.js").read_text("utf-8"),
        data=data,
    )
    return page.encode()


def _data(pages: Sequence[Page]) -> dict[str, Any]:
    """Return what the script reads, with the pictures by their keys."""
    first, network = pages[0].data["first"], pages[0].data["network"]
    return {
        "title": network["title"],
        "first": first["shown"],
        "metric": first["metric"],
        "log": first["log"],
        "batch": "one image, inference",
        "levels": list(LEVEL_WORDS.items()),
        **{key: network[key] for key in ("metrics", "totals", "facts", "rows")},
        "pictures": {page.data["picture"]["key"]: _picture(page) for page in pages},
    }


def _picture(page: Page) -> dict[str, Any]:
    """Return a picture with its markup."""
    shown = page.data["picture"]
    keys = ("kind", "level", "title", "focus", "frames")
    said = {key: shown[key] for key in keys}
    return {**said, "svg": svg_text(page.drawing), "nodes": shown["nodes"]}


WRITER = Writer(write, takes="levels")
