"""The nearest right names for a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["nearest"]


def nearest(wrong: str, right: Iterable[str], count: int = 3) -> str:
    """Return ``; did you mean 'a' or 'b'?`` without its end mark, or nothing when none is near."""
    close = difflib.get_close_matches(str(wrong), list(right), n=count, cutoff=0.6)
    return f" (did you mean {' or '.join(repr(name) for name in close)}?)" if close else ""
