"""How many threads this process may run at once."""

from __future__ import annotations

import os

__all__ = ["available_threads"]


def available_threads() -> int:
    """Return on how many threads this process may run at once."""
    affinity = getattr(os, "sched_getaffinity", None)  # macOS and Windows have none
    return len(affinity(0)) if affinity else os.cpu_count() or 1
