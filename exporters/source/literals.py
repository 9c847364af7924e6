"""Numbers as Python source."""

from __future__ import annotations

import math
from typing import Any

from .python_names import quoted

__all__ = ["Extents", "literal", "plain"]


class Extents(tuple[int, ...]):
    """The shape of a tensor, whose numbers stay as many where they are equal."""


def plain(value: Any) -> Any:
    """Return a pair of equal numbers as one number, as people write it."""
    return value[0] if type(value) is tuple and len(set(value)) == 1 else value


def literal(value: Any) -> str:
    """Return a number, a pair of them, a shape or a word as Python source."""
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return quoted(value) if isinstance(value, str) else repr(plain(value)).replace("e+", "e")
