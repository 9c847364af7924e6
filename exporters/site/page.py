"""The frame of every page: one file that fetches nothing, light and dark, readable without style.

Its policy lets a browser run no script but the page's own, and load no picture but the site's.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files

from .page_contents import Picture

__all__ = ["Menu", "anchor", "asset", "data_element", "figure", "whole_page"]


@dataclass(frozen=True, slots=True)
class Menu:
    """The pages that every page leads to: their titles, by where they lie in the site."""

    pages: tuple[tuple[str, str], ...]

    def html(self, here: str) -> str:
        """Return the menu of the page that lies at ``here``."""
        up = "../" * here.count("/")
        items = []
        for target, title in self.pages:
            at = ' aria-current="page"' if target == here else ""
            items.append(f'<li><a href="{escape(up + target)}"{at}>{escape(title)}</a></li>')
        return f'<nav aria-label="Site"><ul>{"".join(items)}</ul></nav>'


@cache
def asset(name: str) -> str:
    """Return a file that pages consist of: their style or a script."""
    return files(__package__).joinpath("page").joinpath(name).read_text("utf-8")


def whole_page(
    title: str, about: str, header: str, body: str, *, menu: str = "", script: str = ""
) -> str:
    """Return a whole page; ``title`` and ``about`` are text, the rest is HTML.

    ``script`` names the file of the page's own script, which is all that may run there.
    """
    code = asset(script) if script else ""
    runs = f"'sha256-{b64encode(sha256(code.encode()).digest()).decode()}'" if code else "'none'"
    policy = (
        f"default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'; script-src {runs}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{escape(title)}</title>\n"
        f'<meta name="description" content="{escape(about)}">\n'
        f"<style>\n{asset('style.css')}</style>\n</head>\n<body>\n"
        f'<header>\n<a class="skip" href="#main">To the content</a>\n{menu}\n{header}\n</header>\n'
        f'<main id="main">\n{body}\n</main>\n'
        "<footer><p>Counted and drawn by archgraph. Figures are for one image; "
        "every count names its convention.</p></footer>\n"
        + (f'<script type="module">{code}</script>\n' if code else "")
        + "</body>\n</html>\n"
    )


def data_element(name: str, value: object) -> str:
    """Return what a page's script reads: plain values, of which nothing can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f'<script type="application/json" id="{escape(name)}">{text}</script>'


def anchor(target: str, text: str) -> str:
    """Return a link; both are text."""
    return f'<a href="{escape(target)}">{escape(text)}</a>'


def figure(picture: Picture, title: str) -> str:
    """Return a picture, for light and dark pages, that leads to its file.

    On paper it is the light one, whatever the reader's screen shows.
    """
    light, dark = escape(picture.file), escape(picture.dark)
    source = (
        f'<source media="screen and (prefers-color-scheme: dark)" srcset="{dark}">' if dark else ""
    )
    described = f"{title}: {picture.caption}" if title else picture.caption
    return (
        f'<figure><a href="{light}"><picture>{source}'
        f'<img src="{light}" alt="{escape(described)}">'
        f"</picture></a><figcaption>{escape(picture.caption)}</figcaption></figure>"
    )
