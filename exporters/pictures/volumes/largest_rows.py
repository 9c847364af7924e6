"""The search for the scale that shows volumes in rows by map size largest on a canvas."""

from __future__ import annotations

from functools import partial

from .columns import Volumes
from .largest import CHANNELS, TEXTS, most_that, readable, scale_of
from .map_rows import Cells, cells_of, in_map_rows, is_clear
from .placed_volumes import Scene

__all__ = ["fit_rows"]

COLUMNS = 0.8
"""What columns of an encoder and a decoder apart count against those in the order of the data."""
WIDEST = 0.35
"""The largest unit of channels for one unit of maps."""
TALL = 45.0
"""Points that the largest map must be high: with several rows it is smaller than in one."""
TRIES = 4
"""How often maps are drawn a little smaller where lines or words are in each other's way."""
MOST_GAP = 60.0
"""How much wider the gaps between columns may be to fill a canvas."""


def fit_rows(volumes: Volumes, size: tuple[float, float] | None) -> tuple[float, Scene] | None:
    """Return the best arrangement in rows for (width, height) in points, and how good it is.

    None where nothing comes up again to larger maps, or where it is too small to be read.
    """
    best: tuple[float, Scene] | None = None
    worth = 1.0
    for cells in cells_of(volumes):
        for text, more in TEXTS.items():
            found = _largest(volumes, cells, size, text)
            if found is None:
                break
            good = found[0] * more * worth
            if best is None or good > best[0]:
                best = good, found[1]
            if size is None:
                return best
        worth = COLUMNS
    return best


def _largest(
    volumes: Volumes, cells: Cells, size: tuple[float, float] | None, text: float
) -> tuple[float, Scene] | None:
    """Return the largest unit of maps that fits, and its picture, its channels as wide as fits."""

    def placed(maps: float, channels: float, gap: float) -> Scene:
        return in_map_rows(volumes, cells, scale_of(volumes, maps, channels, text), gap)

    def fits(maps: float, channels: float, gap: float) -> bool:
        return _holds(size, placed(maps, channels, gap))

    if size is None:
        scene = placed(8.0, 1.6, 20.0)
        return (1.0, scene) if is_clear(scene) else None
    maps = most_that(lambda m: fits(m, CHANNELS * m, 0.0), 0.0, size[1] / 8, steps=9)
    for _ in range(TRIES):
        if not readable(volumes, scale_of(volumes, maps, CHANNELS * maps, text), TALL):
            break
        fit_here = partial(fits, maps)
        channels = most_that(partial(fit_here, gap=0.0), CHANNELS * maps, WIDEST * maps)
        gap = most_that(partial(fit_here, channels), 0.0, MOST_GAP)
        scene = placed(maps, channels, gap)
        if is_clear(scene):
            return maps, scene
        maps *= 0.96
    return None


def _holds(size: tuple[float, float] | None, scene: Scene) -> bool:
    return size is None or (scene.width <= size[0] and scene.height <= size[1])
