"""The search for the arrangement that shows the volumes largest on a canvas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from ..text import text_width
from .arrange import arrange
from .model import Volumes
from .place import Group
from .projection import Scale
from .scene import Scene
from .words import SIZE

__all__ = ["fit", "groups"]

TEXTS = (1.6, 1.4, 1.2, 1.0)
LARGEST_GAP = 64.0
SMALLEST_GAP = 12.0
LEAST_MAP, LEAST_TALL = 6.0, 62.0
"""Points that the smallest and the largest map must be high for a picture to be worth showing."""


@dataclass(frozen=True, slots=True)
class _Plan:
    rows: tuple[tuple[Group, ...], ...]
    touching: bool


def fit(volumes: Volumes, size: tuple[float, float] | None) -> tuple[float, Scene] | None:
    """Return the best arrangement for (width, height) in points, and how good it is.

    None where no arrangement is large enough to be read. Without a size, one row as large as it
    needs to be.
    """
    if size is None:
        rows = (groups(volumes, touching=len(volumes.columns) > 12),)
        return 1.0, arrange(volumes, rows, _scale(volumes, 16.0, 1.8, 1.0), 20.0)
    best: tuple[float, Scene] | None = None
    for plan in _plans(volumes, size):
        for text in TEXTS:
            found = _largest(volumes, plan, size, text)
            if found is None:
                continue
            scale, scene = found
            good = scale.maps * text**1.2 * 0.92 ** (len(plan.rows) - 1)
            good *= 1.0 if plan.touching else 1.5
            if best is None or good > best[0]:
                best = good, scene
    return best


def groups(volumes: Volumes, *, touching: bool) -> tuple[Group, ...]:
    """Return the columns one by one, or those of equal maps with nothing in between together."""
    found: list[Group] = []
    for index, column in enumerate(volumes.columns):
        if touching and found and _touches(volumes, volumes.columns[index - 1], column):
            found[-1] = (*found[-1], index)
        else:
            found.append((index,))
    return tuple(found)


def _touches(
    volumes: Volumes, before: dict[int | None, str], after: dict[int | None, str]
) -> bool:
    if set(before) != {None} or set(after) != {None}:
        return False
    one, other = volumes.view.nodes[before[None]], volumes.view.nodes[after[None]]
    same = len(one.shape) == 3 and one.shape[1:] == other.shape[1:] and one.kind != "input"
    words = [link.words for link in volumes.links if link.target == other.id]
    return same and not any(words)


def _plans(volumes: Volumes, size: tuple[float, float]) -> Iterator[_Plan]:
    seen = set()
    for touching in (False, True):
        parts = groups(volumes, touching=touching)
        if parts in seen:
            continue
        seen.add(parts)
        most = 1 if volumes.devices else min(5, len(parts))
        for count in range(1, most + 1):
            yield _Plan(_broken(volumes, parts, count), touching)


def _broken(volumes: Volumes, parts: Sequence[Group], count: int) -> tuple[tuple[Group, ...], ...]:
    """Return the groups in rows of widths as equal as can be."""
    widths = [_guess(volumes, group) for group in parts]
    low, high = max(widths), sum(widths)
    for _ in range(24):
        middle = (low + high) / 2
        low, high = (low, middle) if len(_rows(widths, middle)) <= count else (middle, high)
    rows, start = [], 0
    for length in _rows(widths, high):
        rows.append(tuple(parts[start : start + length]))
        start += length
    return tuple(rows)


def _rows(widths: Sequence[float], most: float) -> list[int]:
    """Return how many groups stand in each row where none is wider than ``most``."""
    counts, total = [0], 0.0
    for width in widths:
        if counts[-1] and total + width > most:
            counts.append(0)
            total = 0.0
        counts[-1] += 1
        total += width
    return counts


def _guess(volumes: Volumes, group: Group) -> float:
    """Return about how wide a group is drawn, in points."""
    scale = _scale(volumes, 14.0, 1.5, 1.0)
    solids = [
        scale.solid(key, volumes.view.nodes[key].shape, 0.0, 0.0)
        for index in group
        for key in volumes.columns[index].values()
    ]
    return sum(solid.width for solid in solids) + max(solid.dx for solid in solids) + 30.0


def _scale(volumes: Volumes, maps: float, channels: float, text: float) -> Scale:
    """Return a scale whose longest vector is about as tall as the tallest map."""
    nodes = volumes.view.nodes.values()
    lanes = [n for n in nodes if not volumes.devices or n.device is not None]
    tall = max((n.shape[1] for n in lanes if len(n.shape) == 3), default=225)
    longest = max((n.shape[0] for n in lanes if len(n.shape) == 1), default=1)
    return Scale(maps, channels, 0.9 * maps * sqrt(tall / longest), text)


def _largest(
    volumes: Volumes, plan: _Plan, size: tuple[float, float], text: float
) -> tuple[Scale, Scene] | None:
    """Return the largest scale at which a plan fits: first the maps, then channels, then gaps."""
    gap = SMALLEST_GAP * text

    def try_scale(maps: float, channels: float, gap: float) -> tuple[Scale, Scene] | None:
        scale = _scale(volumes, maps, channels, text)
        scene = arrange(volumes, plan.rows, scale, gap)
        return (scale, scene) if scene.width <= size[0] and scene.height <= size[1] else None

    low, high, best = 0.0, 90.0, None
    for _ in range(9):
        maps = (low + high) / 2
        found = try_scale(maps, _channels(volumes, plan, maps, text), gap)
        if found:
            low, best = maps, found
        else:
            high = maps
    if best is None or not _readable(volumes, best[0]):
        return None
    scale = best[0]
    low, high = scale.channels, scale.maps * 0.3
    for _ in range(5):
        channels = (low + high) / 2
        found = try_scale(scale.maps, channels, gap)
        low, high, best = (channels, high, found) if found else (low, channels, best)
    low, high = gap, LARGEST_GAP * text
    for _ in range(6):
        middle = (low + high) / 2
        found = try_scale(scale.maps, best[0].channels, middle)
        low, high, best = (middle, high, found) if found else (low, middle, best)
    return best


def _channels(volumes: Volumes, plan: _Plan, maps: float, text: float) -> float:
    """Return the least unit of channels; where volumes touch, their numbers shall fit below."""
    return 0.085 * maps


def _readable(volumes: Volumes, scale: Scale) -> bool:
    maps = [n.shape[1:] for n in volumes.view.nodes.values() if len(n.shape) == 3]
    if not maps:
        return True
    least, most = min(map(min, maps)), max(map(max, maps))
    return scale.maps * sqrt(least) >= LEAST_MAP and scale.maps * sqrt(most) >= LEAST_TALL
