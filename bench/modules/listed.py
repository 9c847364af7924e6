"""All modules of the list."""

from __future__ import annotations

from bench.modules import composed, languages, plain, seeing_and_hearing, vision
from bench.modules.entry import Entry

__all__ = ["every"]


def every() -> list[Entry]:
    """Return the list, what is plain first."""
    rooms = (plain, languages, seeing_and_hearing, composed, vision)
    return [entry for room in rooms for entry in room.entries()]
