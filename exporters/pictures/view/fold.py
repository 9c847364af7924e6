"""Which of several equal blocks is shown, and which are hidden behind it."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence

__all__ = ["Folds"]


class Folds:
    """Which blocks are shown once for several: how many, of which operators, and who is hidden."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.all: dict[str, list[str]] = {}
        self.hidden: dict[str, str] = {}
        """The operators that are not shown, and the one that stands for each."""
        self.hosts: dict[str, str] = {}
        """The blocks that are not shown, and the one that stands for each."""

    def stand_in(self, operator: str) -> str:
        """Return the operator that is shown for another, which may be folded within a fold."""
        while operator in self.hidden:
            operator = self.hidden[operator]
        return operator

    def add(
        self, blocks: MutableMapping[str, Sequence[str]], equal: Sequence[Sequence[str]]
    ) -> None:
        """Leave the first of each run of equal blocks."""
        for first, *others in equal:
            self.counts[first] = 1 + len(others)
            self.all[first] = [name for key in (first, *others) for name in blocks[key]]
            for key in others:
                self.hosts[key] = first
                self.hidden.update(zip(blocks[key], blocks[first], strict=True))
                del blocks[key]
