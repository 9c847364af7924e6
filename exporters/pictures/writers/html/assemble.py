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


def write(pages: Sequence[Page]) -> bytes:
    """Return one HTML file that needs no network: diagram, facts and costs, linked.

    ``pages`` are those of ``explore``, whose data the script reads. The page works with the
    keyboard alone and prints.
    """
    network, around = pages[0].data["network"], pages[0].data["around"]
    pictures = {page.data["picture"]["key"]: _picture(page) for page in pages}
    data = json.dumps(network | {"pictures": pictures}, ensure_ascii=False, separators=(",", ":"))
    # Nothing inside may end the element that holds it.
    data = data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    source = files(__package__)
    page = Template(source.joinpath("page.html").read_text("utf-8")).substitute(
        {key: escape(words) for key, words in around.items()},
        title=escape(network["title"]),
        css=source.joinpath("page.css").read_text("utf-8"),
        script=source.joinpath("page.js").read_text("utf-8"),
        data=data,
    )
    return page.encode()


def _picture(page: Page) -> dict[str, Any]:
    """Return a picture with its markup."""
    picture = {key: value for key, value in page.data["picture"].items() if key != "key"}
    return picture | {"svg": svg_text(page.drawing), "nodes": page.data["nodes"]}


WRITER = Writer(write, takes="levels")
