"""The search for the arrangement that shows the volumes largest on a canvas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Literal

from ..layout.even_lines import cut
from .columns import Column, Volumes
from .place_row import Group
from .placed_volumes import Scene
from .projection import AWAY_Y, Scale
from .series_names import is_series
from .stack_rows import arrange
from .words_at import channel_unit

__all__ = ["CHANNELS", "TEXTS", "fit", "groups", "most_that", "readable", "scale_of"]

TEXTS = {1.0: 1.0, 1.2: 1.12, 1.4: 1.18, 1.6: 1.2}
"""Scales of text, and how much each counts beside larger maps."""
LARGEST_GAP = 64.0
SMALLEST_GAP = 12.0
CHANNELS = 0.085
"""The least unit of channels for one unit of maps."""
ROW_WIDE, ROW_TALL = 0.8, 0.7
"""What each further row counts against size on a slide, and on a page that is taller than wide."""
TOUCHING: dict[Touching, float] = {"none": 1.0, "series": 0.85, "all": 0.5}
"""What volumes without space between them count against size."""
HIGHEST = 1.35
"""How much longer a pixel may be drawn upwards, to fill a canvas that is not as wide as the row."""
LEAST_MAP, LEAST_TALL = 6.0, 62.0
"""Points that the smallest and the largest map must be high for a picture to be worth showing."""


Touching = Literal["none", "series", "all"]
"""Which volumes of equal maps touch: none, those of one series (conv3_1, conv3_2, …), or all."""


@dataclass(frozen=True, slots=True)
class _Plan:
    rows: tuple[tuple[Group, ...], ...]
    touching: Touching


def fit(
    volumes: Volumes, size: tuple[float, float] | None, least: float = 0.0
) -> tuple[float, Scene] | None:
    """Return the best arrangement for (width, height) in points, and how good it is.

    None where none is large enough to be read, or better than ``least``. Without a size, one
    row as large as it needs to be.
    """
    if size is None and least > 1.0:
        return None
    if size is None:
        rows = (groups(volumes, "series" if len(volumes.columns) > 12 else "none"),)
        return 1.0, arrange(volumes, rows, scale_of(volumes, 16.0, 1.8, 1.0), 20.0, notes=True)
    row = ROW_WIDE if size[0] > 1.2 * size[1] else ROW_TALL
    found: list[tuple[float, _Plan, Scale]] = []
    best = least
    for plan in _plans(volumes):
        factor = TOUCHING[plan.touching] * row ** (len(plan.rows) - 1)
        most = 0.0
        for text, worth in TEXTS.items():
            # Larger text leaves less room for the maps.
            if most and most * worth * factor < best:
                continue
            scale = _largest(volumes, plan, size, text)
            if scale is None:
                break
            most = scale.maps
            good = scale.maps * worth * factor
            best = max(best, good)
            found.append((good, plan, scale))
    for good, plan, scale in sorted(found, key=lambda one: -one[0]):
        if good < least:
            break
        scene = _finished(volumes, plan, size, scale)
        if scene is not None:
            return good, scene
    return None


def groups(volumes: Volumes, touching: Touching) -> tuple[Group, ...]:
    """Return the columns one by one, or those of equal maps with nothing in between together."""
    found: list[Group] = []
    for index, column in enumerate(volumes.columns):
        before = volumes.columns[index - 1]
        if touching != "none" and found and _touches(volumes, before, column, touching):
            found[-1] = (*found[-1], index)
        else:
            found.append((index,))
    return tuple(found)


def _touches(volumes: Volumes, before: Column, after: Column, touching: Touching) -> bool:
    if set(before) != {None} or set(after) != {None}:
        return False
    one, other = volumes.view.nodes[before[None]], volumes.view.nodes[after[None]]
    same = len(one.shape) == 3 and one.shape[1:] == other.shape[1:] and one.kind != "input"
    words = [link.words for link in volumes.links if link.target == other.id]
    pooled = one.kind == "pool" and other.kind != "pool"
    named = touching == "all" or pooled or is_series(one.label.span[1], other.label.span[0])
    return same and named and not any(words)


def _plans(volumes: Volumes) -> Iterator[_Plan]:
    seen: set[tuple[Group, ...]] = set()
    choices: tuple[Touching, ...] = ("none", "series", "all")
    for touching in choices:
        parts = groups(volumes, touching)
        if parts in seen:
            continue
        seen.add(parts)
        most = 1 if volumes.devices else min(5, len(parts))
        for count in range(1, most + 1):
            yield _Plan(_broken(volumes, parts, count), touching)


def _broken(volumes: Volumes, parts: Sequence[Group], count: int) -> tuple[tuple[Group, ...], ...]:
    """Return the groups in rows of widths as equal as can be."""
    starts = cut([_guess(volumes, group) for group in parts], count, 0.0)
    return tuple(map(tuple, (parts[a:b] for a, b in pairwise([*starts, len(parts)]))))


def _guess(volumes: Volumes, group: Group) -> float:
    """Return about how wide a group is drawn, in points."""
    scale = scale_of(volumes, 14.0, 1.5, 1.0)
    solids = [
        scale.solid(key, volumes.view.nodes[key].shape, 0.0, 0.0)
        for index in group
        for key in volumes.columns[index].values()
    ]
    return sum(solid.width for solid in solids) + max(solid.dx for solid in solids) + 30.0


def scale_of(
    volumes: Volumes, maps: float, channels: float, text: float, rise: float = 1.0
) -> Scale:
    """Return a scale whose longest vector is about as tall as the tallest map."""
    nodes = volumes.view.nodes.values()
    lanes = [n for n in nodes if not volumes.devices or n.device is not None]
    tall = max((n.shape[1] for n in lanes if len(n.shape) == 3), default=225)
    longest = max((n.shape[0] for n in lanes if len(n.shape) == 1), default=1)
    return Scale(maps, channels, 0.9 * maps * rise * sqrt(tall / longest), text, rise)


def _largest(volumes: Volumes, plan: _Plan, size: tuple[float, float], text: float) -> Scale | None:
    """Return the scale at which a plan just fits; None where that is too small to be read."""
    nodes = volumes.view.nodes
    parts = [group for row in plan.rows for group in row if len(group) > 1]
    shown = [[nodes[volumes.columns[index][None]] for index in group] for group in parts]
    unit = max((channel_unit(group, text) for group in shown), default=0.0)
    tall = max((n.shape[1] for n in nodes.values() if len(n.shape) == 3), default=225)

    def scaled(maps: float) -> Scale:
        return scale_of(volumes, maps, max(CHANNELS * maps, unit), text)

    def fits(maps: float) -> bool:
        gap = SMALLEST_GAP * text
        return _fits(arrange(volumes, plan.rows, scaled(maps), gap, notes=False), size)

    scale = scaled(most_that(fits, 0.0, size[1] / ((1 + AWAY_Y) * sqrt(tall)), steps=7))
    return scale if readable(volumes, scale) else None


def _fits(scene: Scene, size: tuple[float, float]) -> bool:
    return scene.width <= size[0] and scene.height <= size[1]


def _finished(
    volumes: Volumes, plan: _Plan, size: tuple[float, float], scale: Scale
) -> Scene | None:
    """Return the picture with all its words: the maps as large as fits, then the rest wider."""
    for _ in range(12):
        wide, gap = _widened(volumes, plan, size, scale)
        scene = arrange(volumes, plan.rows, wide, gap, notes=True)
        if _fits(scene, size):
            return scene
        scale = scale_of(volumes, scale.maps * 0.96, scale.channels, scale.text)
    return None


def _widened(
    volumes: Volumes, plan: _Plan, size: tuple[float, float], scale: Scale
) -> tuple[Scale, float]:
    """Return the scale with channels, then the gap, as wide as the canvas allows, then as high."""

    def fits(channels: float, gap: float, rise: float = 1.0) -> bool:
        wide = scale_of(volumes, scale.maps, channels, scale.text, rise)
        return _fits(arrange(volumes, plan.rows, wide, gap, notes=False), size)

    gap = SMALLEST_GAP * scale.text
    channels = most_that(lambda c: fits(c, gap), scale.channels, scale.maps * 0.3)
    gap = most_that(lambda g: fits(channels, g), gap, LARGEST_GAP * scale.text)
    rise = most_that(lambda r: fits(channels, gap, r), 1.0, HIGHEST)
    return scale_of(volumes, scale.maps, channels, scale.text, rise), gap


def most_that(fits: Callable[[float], bool], low: float, high: float, steps: int = 5) -> float:
    """Return nearly the largest number from ``low`` to ``high`` that fits; ``low`` at least."""
    for _ in range(steps):
        middle = (low + high) / 2
        if high > low and fits(middle):
            low = middle
        else:
            high = middle
    return low


def readable(volumes: Volumes, scale: Scale, tall: float = LEAST_TALL) -> bool:
    """Return whether the smallest and the largest map, ``tall`` at least, are seen well."""
    maps = [n.shape[1:] for n in volumes.view.nodes.values() if len(n.shape) == 3]
    if not maps:
        return True
    least, most = min(map(min, maps)), max(map(max, maps))
    return scale.maps * sqrt(least) >= LEAST_MAP and scale.maps * sqrt(most) >= tall
