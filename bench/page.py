"""Tables that a command makes, put between their marks in a page of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

from archgraph.files import read_text, write_text

__all__ = ["put"]


def put(page: Path, mark: str, text: str) -> None:
    """Put a text between two marks of a page."""
    before = read_text(page)
    between = re.compile(rf"(<!-- {mark}: .*? -->\n).*?(\n<!-- end of {mark} -->)", re.DOTALL)
    if not between.search(before):
        raise SystemExit(f"{page} has no place for the table '{mark}'")
    write_text(page, between.sub(lambda found: f"{found[1]}\n{text}\n{found[2]}", before))
