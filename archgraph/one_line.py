"""Texts of others as one line that a terminal shows and obeys in nothing."""

from __future__ import annotations

from archgraph.limits import MESSAGE

__all__ = ["in_one_line"]


def in_one_line(text: str) -> str:
    """Return a text of at most ``limits.MESSAGE`` characters that a terminal shows as it is.

    White space becomes single blanks, what steers a terminal an escape as Python writes it. What
    is too long lacks its middle: the start says what is wrong, the end what would be right.
    """
    half = MESSAGE // 2
    if len(text) > MESSAGE:
        text = f"{text[:half]} … {text[-half:]}"
    line = "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode()
        for each in " ".join(text.split())
    )
    return line if len(line) <= MESSAGE else f"{line[: half - 2]} … {line[1 - half :]}"
