"""The room that a slide's title, footers and decoration leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

__all__ = ["Place", "largest_room"]

Place = tuple[float, float, float, float]
"""Left, top, width and height in points."""

MARGIN = 16.0
"""What stays free at the slide's sides, at least."""
INDENT = 0.06
"""The part of a slide's width that stays free at most, where a title begins so far inside."""
CLEAR = 4.0
"""What stays free around an obstacle."""
MOST = 40
"""So many obstacles are looked at, the largest."""
LEAST = 0.35
"""The part of a slide that a picture should have; decoration that leaves less is drawn over."""
WHOLE = 0.5
"""What covers more of a slide is its background."""


def largest_room(
    size: tuple[float, float],
    title: Place | None,
    footers: Sequence[Place],
    decoration: Iterable[Place],
) -> Place:
    """Return the largest rectangle of a slide on which there is nothing.

    It begins where the ``title`` does; ``decoration`` is what a master draws besides.
    """
    area = size[0] * size[1]
    small = [each for each in decoration if each[2] * each[3] < WHOLE * area]
    side = max(MARGIN, min(title[0], INDENT * size[0])) if title else MARGIN
    fixed = [*footers, *([title] if title else [])]
    found = _largest(size, [*fixed, *sorted(small, key=_area, reverse=True)[:MOST]], side)
    if _area(found) < LEAST * area:
        found = max(found, _largest(size, fixed, side), key=_area)
    return found if found[2] > 0 and found[3] > 0 else (0.0, 0.0, *size)


def _area(place: Place) -> float:
    return place[2] * place[3]


def _largest(size: tuple[float, float], taken: Sequence[Place], side: float) -> Place:
    left, right, top, bottom = side, size[0] - side, MARGIN, size[1] - MARGIN
    walls = [(x - CLEAR, y - CLEAR, x + w + CLEAR, y + h + CLEAR) for x, y, w, h in taken]
    xs = sorted(
        {left, right, *(x for wall in walls for x in (wall[0], wall[2]) if left < x < right)}
    )
    best: Place = (0.0, 0.0, 0.0, 0.0)
    for number, start in enumerate(xs):
        for end in xs[number + 1 :]:
            between = [wall for wall in walls if wall[0] < end and wall[2] > start]
            ends = sorted([(top, top), (bottom, bottom), *((w[1], w[3]) for w in between)])
            low = top
            for above, below in pairwise(ends):
                low = max(low, min(above[1], bottom))
                high = min(below[0], bottom)
                if (end - start) * (high - low) > _area(best):
                    best = (start, low, end - start, high - low)
    return best
