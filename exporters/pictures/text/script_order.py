"""Right-to-left text in drawing order, for file formats that place letters one by one.

The Unicode bidirectional algorithm is python-bidi's, for one line whose base direction is left to
right; the forms in which Arabic letters join are arabic-reshaper's. Both are imported only where a
text has such letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arabic_reshaper import ArabicReshaper

__all__ = ["drawing_order"]

_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))
_MARK = "\N{COMBINING GRAPHEME JOINER}"
"""Set behind each bracket, it comes out before those that stand in right-to-left text."""


def drawing_order(text: str) -> str:
    """Return the characters from left to right as they are drawn.

    An accent comes before its letter there: fonts draw it to the right of the pen.
    """
    directions = set(map(unicodedata.bidirectional, text))
    if directions.isdisjoint(_RIGHT_TO_LEFT):
        return text
    from bidi import get_display
    from bidi.mirror import MIRRORED

    joined = _reshaper().reshape(text) if "AL" in directions else text
    brackets = re.escape("".join(set(joined) & MIRRORED.keys()))
    if not brackets:
        return str(get_display(joined, base_dir="L"))
    # python-bidi puts brackets in their places, but leaves it to us to turn them round.
    marked = get_display(re.sub(f"[{brackets}]", rf"\g<0>{_MARK}", joined), base_dir="L")
    return re.sub(
        f"([{brackets}]){_MARK}|{_MARK}([{brackets}])",
        lambda found: found[1] or MIRRORED[found[2]],
        marked,
    )


@lru_cache(maxsize=1)
def _reshaper() -> ArabicReshaper:
    """Return what joins letters, without the ligature of four that few fonts have."""
    from arabic_reshaper import ArabicReshaper

    return ArabicReshaper({"delete_harakat": False, "ARABIC LIGATURE ALLAH": False})
