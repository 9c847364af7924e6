"""The nearest right names for a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice

__all__ = ["nearest"]

_LONG, _MANY = 100, 10_000
"""Names that are longer are no slip of a finger; of more, comparing takes its time."""


def nearest(wrong: str, right: Iterable[str], count: int = 3) -> str:
    """Return `` (did you mean 'a' or 'b'?)``, or nothing when no right name is near."""
    if len(wrong) > _LONG:
        return ""
    by_lower: dict[str, str] = {}
    for name in islice(right, _MANY):
        if len(name) <= _LONG:
            by_lower.setdefault(name.lower(), name)
    found = difflib.get_close_matches(wrong.lower(), by_lower, n=count, cutoff=0.6)
    close = [by_lower[name] for name in found]
    return f" (did you mean {' or '.join(repr(name) for name in close)}?)" if close else ""
