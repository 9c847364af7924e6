"""Assembles the page: template, style, script, and all that they show as one JSON object."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template

from ...dress.fonts_named import SANS
from ...dress.worn import worn
from ...pages import Page, Writer
from .compact import compact

__all__ = ["WRITER", "write"]

MODULES = (
    "numbers",
    "network",
    "growing",
    "routing",
    "settling",
    "clipping",
    "nesting",
    "state",
    "painting",
    "zooming",
    "searching",
    "opening",
    "colouring",
    "columns",
    "table",
    "facts",
    "screen",
    "address",
    "keys",
    "main",
)
"""The modules of the script, each after those that it imports."""

_FONTS = SANS.stack.replace("'", '"')
"""What the style says of fonts."""

_IMPORT = re.compile(r'(?m)^import (\{[^}]*\}) from "\./(\w+)\.js";$')
_EXPORT = re.compile(r"(?m)^export (?=(?:const|function) (\w+))")


def write(pages: Sequence[Page]) -> bytes:
    """Return one HTML file that needs no network: diagram, facts and costs, linked.

    ``pages`` are those of ``explore``. The page works with the keyboard alone and prints.
    """
    network, around = pages[0].data["network"], pages[0].data["around"]
    data = json.dumps(compact(pages), ensure_ascii=False, separators=(",", ":"))
    # Nothing inside may end the element that holds it.
    data = data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    folder = source()
    page = Template(folder.joinpath("page.html").read_text("utf-8")).substitute(
        {key: escape(words) for key, words in around.items()},
        title=escape(network["title"]),
        css=folder.joinpath("page.css").read_text("utf-8").replace(_FONTS, _stack()),
        script=script(),
        data=data,
    )
    return page.encode()


def _stack() -> str:
    font = worn().font
    return _FONTS if font is SANS else font.stack


def source() -> Traversable:
    """Return the folder of the page's template, style and modules."""
    return files(__package__).joinpath("page")


def script() -> str:
    """Return the modules as one script: each in a function that returns what it exports."""
    folder = source()
    parts = ["const modules = {};"]
    for name in MODULES:
        text = folder.joinpath(f"{name}.js").read_text("utf-8")
        given = ", ".join(_EXPORT.findall(text))
        text = _EXPORT.sub("", _IMPORT.sub(r"const \1 = modules.\2;", text))
        parts.append(f"modules.{name} = (() => {{\n{text}return {{ {given} }};\n}})();")
    return "\n".join(parts)


WRITER = Writer(write, takes="levels")
