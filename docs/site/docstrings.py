"""Docstrings as Markdown: examples become code, what explains names one by one becomes a list."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

EXAMPLE = re.compile(r"^>>> .*?(?=\n\s*\n|\Z)", re.M | re.S)
NAMES = r"``\w+``(?:, ``\w+``)*"
LISTED = re.compile(rf"^({NAMES})(:| \(.*?\):|\n? {{2,}})\s*(?=\S)", re.M)


class Docstrings(Extension):
    """Rewrites each docstring as it is read; in the code it stays as people read it there."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Mark its examples as code and its lists as lists."""
        if obj.docstring:
            text = EXAMPLE.sub(r"```pycon\n\g<0>\n```", obj.docstring.value)
            obj.docstring.value = LISTED.sub(as_item, text)


def as_item(found: re.Match[str]) -> str:
    """Return the beginning of an item: its names, what they take, a colon."""
    names, rest = found.groups()
    return f"- {names}{rest.strip() or ':'} "
