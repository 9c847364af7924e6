"""Right-to-left text in drawing order, for file formats that place letters one by one.

A short form of the Unicode bidirectional algorithm for one line whose base direction is left to
right, without embedded levels; Arabic letters take the forms in which they join.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["drawing_order"]

_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_LAM = "\N{ARABIC LETTER LAM}"
_STRONG = {"R": "R", "AL": "R", "L": "L"}


def drawing_order(text: str) -> str:
    """Return the characters from left to right as they are drawn."""
    if all(unicodedata.bidirectional(char) not in ("R", "AL") for char in text):
        return text
    joined = _joined(text)
    return "".join(_reversed_runs(joined, _levels(joined)))


def _levels(text: str) -> list[int]:
    """Return 0 for left-to-right characters, 1 for right-to-left, 2 for numbers among them."""
    kinds = [unicodedata.bidirectional(char) for char in text]
    levels: list[int | None] = []
    strong = "L"
    for place, kind in enumerate(kinds):
        strong = _STRONG.get(kind, strong)
        around = kinds[place - 1 : place] + kinds[place + 1 : place + 2]
        if kind in _STRONG:
            levels.append(0 if strong == "L" else 1)
        elif kind in ("EN", "AN") or (kind in ("ES", "CS") and around in (["EN"] * 2, ["AN"] * 2)):
            levels.append(0 if strong == "L" else 2)
        elif kind == "NSM":
            levels.append(levels[-1] if levels else 0)
        else:
            levels.append(None)
    return _with_neutrals(levels)


def _with_neutrals(levels: list[int | None]) -> list[int]:
    """Give blanks and punctuation the direction of both their sides, else left to right."""
    before, sides = 0, []
    for level in levels:
        before = before if level is None else level
        sides.append(before)
    after, resolved = 0, []
    for level, left in zip(reversed(levels), reversed(sides), strict=True):
        after = after if level is None else level
        resolved.append(level if level is not None else int(left > 0 and after > 0))
    return resolved[::-1]


def _reversed_runs(text: str, levels: list[int]) -> list[str]:
    """Turn the runs of numbers, then everything that runs right to left with them."""
    clusters: list[tuple[str, int]] = []
    for char, level in zip(text, levels, strict=True):
        if unicodedata.combining(char) and clusters:
            clusters[-1] = (clusters[-1][0] + char, clusters[-1][1])
        else:
            clusters.append((char.translate(_MIRRORED) if level == 1 else char, level))
    for least in (2, 1):
        start = 0
        while start < len(clusters):
            end = start
            while end < len(clusters) and clusters[end][1] >= least:
                end += 1
            clusters[start:end] = clusters[start:end][::-1]
            start = max(end, start + 1)
    return [cluster for cluster, _ in clusters]


def _joined(text: str) -> str:
    """Replace each Arabic letter by its isolated, initial, medial or final form."""
    forms = _forms()
    letters = list(text)
    for place, char in enumerate(text):
        if char not in forms:
            continue
        to_left = "initial" in forms[char] and _joins_right(text[place + 1 :], forms)
        to_right = "final" in forms[char] and _joins_left(text[:place], forms)
        name = {(1, 1): "medial", (1, 0): "initial", (0, 1): "final"}.get(
            (int(to_left), int(to_right)), "isolated"
        )
        letters[place] = forms[char].get(name, char)
        if text[place - 1 : place] == _LAM and text[place] in _lam_alef():
            onwards = letters[place - 1] == forms[_LAM]["medial"]
            letters[place - 1] = _lam_alef()[char]["final" if onwards else "isolated"]
            letters[place] = ""
    return "".join(letters)


def _joins_right(after: str, forms: dict[str, dict[str, str]]) -> bool:
    char = next((char for char in after if not unicodedata.combining(char)), "")
    return "final" in forms.get(char, ())


def _joins_left(before: str, forms: dict[str, dict[str, str]]) -> bool:
    char = next((char for char in reversed(before) if not unicodedata.combining(char)), "")
    return "initial" in forms.get(char, ())


@lru_cache(maxsize=1)
def _forms() -> dict[str, dict[str, str]]:
    """Return the presentation forms of each Arabic letter, from Unicode's own table."""
    return _decomposed((*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD)), before="")


@lru_cache(maxsize=1)
def _lam_alef() -> dict[str, dict[str, str]]:
    """Return, for each alef, its forms when written in one with the lam before it."""
    return _decomposed(range(0xFEF5, 0xFEFD), before=_LAM)


def _decomposed(codes: Iterable[int], before: str) -> dict[str, dict[str, str]]:
    forms: dict[str, dict[str, str]] = {}
    for code in codes:
        kind, *parts = unicodedata.decomposition(chr(code)).split() or [""]
        letters = "".join(chr(int(part, 16)) for part in parts)
        if len(letters) == len(before) + 1 and letters.startswith(before):
            forms.setdefault(letters[-1], {})[kind.strip("<>")] = chr(code)
    return forms
