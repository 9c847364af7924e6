"""Words that repeat, alone or in groups, written once: ``12 × [attention – MLP 3072]``."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["repeated"]

LONGEST = 12
"""Words in a group at most."""


def repeated(words: Sequence[str]) -> list[str]:
    """Return words with what repeats written once: the pieces of a row.

    Of all groups that begin at a word the one that stands for most words is taken.
    """
    found: list[str] = []
    at = 0
    while at < len(words):
        period, times = max(
            ((size, _times(words, at, size)) for size in range(1, LONGEST + 1)),
            key=lambda each: (each[0] * each[1] if each[1] > 1 else 0, -each[0]),
        )
        if times < 2:
            found.append(words[at])
            at += 1
            continue
        group = list(words[at : at + period])
        if period == 1:
            found.append(f"{times} × {group[0]}")
        else:
            group[0] = f"{times} × [{group[0]}"
            group[-1] += "]"
            found += group
        at += period * times
    return found


def _times(words: Sequence[str], at: int, size: int) -> int:
    """Return how often a group of ``size`` words stands from ``at`` on."""
    group = words[at : at + size]
    times = 1
    while len(group) == size and words[at + times * size : at + (times + 1) * size] == group:
        times += 1
    return times
