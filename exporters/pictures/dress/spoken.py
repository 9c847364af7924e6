"""The fixed words of pictures, as they are said in the language that a picture wears."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from .worn import Worn, worn

__all__ = ["listed", "say", "spoken"]

_HOLE = re.compile(r"\{(\w+)\}")


def say(words: str, /, **values: object) -> str:
    """Return fixed words in the language that is worn: ``say("page {number}", number=4)``.

    The English words are the key. Values are put in as they are, whatever they hold.
    """
    told = worn().words.get(words, words)
    if not values:
        return told
    return _HOLE.sub(lambda hole: str(values.get(hole[1], hole[0])), told)


def spoken(text: str) -> str:
    """Return a text of known words and numbers, each known word in the language that is worn.

    It is for what operators say of themselves ("3×3 conv, 64, 2 groups"): the words stay in their
    order, and one that is not known stays as it is.
    """
    language = worn()
    if not language.words:
        return text
    return _known(language).sub(lambda found: language.words[found[0]], text)


@lru_cache(maxsize=16)
def _known(language: Worn) -> re.Pattern[str]:
    """Return what finds the longest known words."""
    plain = [words for words in language.words if "{" not in words]
    either = "|".join(map(re.escape, sorted(plain, key=lambda words: (-len(words), words))))
    return re.compile(rf"(?<![A-Za-z])(?:{either or '(?!)'})(?![A-Za-z])")


def listed(names: Sequence[str], most: int) -> str:
    """Return names in a row, the first of them where there are many: ``a, b and 7 more``."""
    if len(names) <= most + 1:
        return ", ".join(names)
    count = f"{len(names) - most:,}"
    return say("{names} and {count} more", names=", ".join(names[:most]), count=count)
