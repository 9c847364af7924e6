"""JSON with infinite and undefined numbers: masks and paddings are full of them, JSON has none."""

from __future__ import annotations

import json
import math
from typing import Any

__all__ = ["plain_json", "read_json"]

_NUMBER = "number"
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


def read_json(text: str | bytes) -> Any:
    """Return what a JSON text holds; ValueError or RecursionError where it is none."""
    return json.loads(text, parse_constant=_refused, object_hook=_number)


def _number(found: dict[str, Any]) -> object:
    word = found.get(_NUMBER)
    return _WORDS[word] if len(found) == 1 and word in ("inf", "-inf", "nan") else found


def _refused(word: str) -> None:
    raise ValueError(f"it holds {word}, which is no number of JSON")
