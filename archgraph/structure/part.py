"""A part of a network that was found: units, and parts in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Part"]


@dataclass(slots=True, eq=False)
class Part:
    """Some units together: ``holds`` are those that lie in it directly, and the parts in it.

    ``what`` is what a person would call it, ``level`` the named cut that shows it as one box.
    """

    what: str
    holds: list[str | Part] = field(default_factory=list)
    level: Literal["stage", "block", ""] = ""

    def units(self) -> Iterator[str]:
        """Give all units in it."""
        waiting: list[str | Part] = [self]
        while waiting:
            each = waiting.pop()
            if isinstance(each, str):
                yield each
            else:
                waiting += reversed(each.holds)
