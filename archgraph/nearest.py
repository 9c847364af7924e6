"""The nearest right names for a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["nearest"]


def nearest(wrong: str, right: Iterable[str], count: int = 3) -> str:
    """Return `` (did you mean 'a' or 'b'?)``, or nothing when no right name is near."""
    by_lower: dict[str, str] = {}
    for name in right:
        by_lower.setdefault(name.lower(), name)
    found = difflib.get_close_matches(str(wrong).lower(), by_lower, n=count, cutoff=0.6)
    close = [by_lower[name] for name in found]
    return f" (did you mean {' or '.join(repr(name) for name in close)}?)" if close else ""
