"""The words that pictures say by themselves, as a table for the documentation.

python -m bench.words    # into docs/look.md
"""

from __future__ import annotations

from pathlib import Path

from archgraph.exporters.pictures.dress.own_words import all_words, language
from bench.page import put

PAGE = Path(__file__).parents[1] / "docs" / "look.md"


def table() -> str:
    """Return each word with its Korean."""
    korean = language("ko")
    rows = [f"| `{_cell(words)}` | {_cell(korean[words])} |" for words in all_words()]
    return "\n".join(["| words | Korean |", "|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    put(PAGE, "words", table())
