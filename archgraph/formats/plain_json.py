"""JSON with infinite and undefined numbers: masks and paddings are full of them, JSON has none."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from archgraph.forms import shown
from archgraph.limits import NESTING

__all__ = ["plain_json", "read_json"]

_NUMBER = "number"
_DIGITS = 100
"""More digits than any count or size has; Python takes long to read some thousand."""
_WORDS = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


def plain_json(value: object, *, indent: int | None = None) -> str:
    """Return plain data as JSON; −∞ is written as ``{"number": "-inf"}``.

    Raises TypeError for what is no plain data.
    """
    try:
        return json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    except ValueError:
        told = _told(value)
        return json.dumps(told, indent=indent, ensure_ascii=False, allow_nan=False)


def _told(value: object) -> object:
    """Return plain data with words for the numbers that JSON lacks."""
    if isinstance(value, float) and not math.isfinite(value):
        return {_NUMBER: str(float(value))}
    if isinstance(value, dict):
        return {key: _told(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_told(each) for each in value]
    return value


def read_json(text: str) -> Any:
    """Return what a JSON text holds; ValueError, in words, where it is none or is ambiguous."""
    text = text.removeprefix("\ufeff")
    try:
        return json.loads(
            text, parse_constant=_refused, parse_int=_whole, object_pairs_hook=_object
        )
    except RecursionError:
        raise ValueError(f"it holds values in values, deeper than {NESTING}") from None


def _object(pairs: list[tuple[str, Any]]) -> object:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"the key {shown(twice)} stands twice in one object")
    if len(found) == 1 and _NUMBER in found:
        word = found[_NUMBER]
        if isinstance(word, str) and word in _WORDS:
            return _WORDS[word]
    return found


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise ValueError(f"it holds a number of {len(digits):,} digits")
    return int(digits)


def _refused(word: str) -> None:
    raise ValueError(f"it holds {word}, which is no number of JSON")
