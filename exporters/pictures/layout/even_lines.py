"""Lines as even as can be: where to cut a sequence of lengths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

__all__ = ["cut", "cuts", "fill"]


def cuts(
    lengths: Sequence[float], gap: float, counts: Sequence[int] = range(1, 15)
) -> Iterator[list[int]]:
    """Yield where the lines start, for one line, two and more, as even as the lengths allow."""
    seen: set[int] = set()
    for count in counts:
        if count > len(lengths):
            return
        starts = cut(lengths, count, gap)
        if len(starts) not in seen:
            seen.add(len(starts))
            yield starts


def cut(lengths: Sequence[float], count: int, gap: float) -> list[int]:
    """Return where each of ``count`` lines starts so that the longest is as short as can be.

    Binary search on the length, filling lines greedily; the number of lines may come out lower.
    """
    low, high = max(lengths), sum(lengths) + gap * len(lengths)
    for _ in range(40):
        middle = (low + high) / 2
        if len(fill(lengths, middle, gap)) <= count:
            high = middle
        else:
            low = middle
    return fill(lengths, high, gap)


def fill(lengths: Sequence[float], limit: float, gap: float) -> list[int]:
    """Return where each line starts when lines are filled one after the other up to ``limit``."""
    starts, used = [0], lengths[0]
    for index, length in enumerate(lengths[1:], 1):
        if used + gap + length > limit + 1e-6:
            starts.append(index)
            used = length
        else:
            used += gap + length
    return starts
