"""How well an arrangement can be read: the size of its text, and how it fills the canvas."""

from __future__ import annotations

from .scene import Scene, Space, Upright

__all__ = ["LEAST", "MOST", "NARROWED", "SPLIT", "TORN", "WRAP", "score"]

LEAST = 0.9
"""Labels of 10 pt and secondary text of 8 pt are not drawn smaller than 9 and 7.2 pt."""

MOST = 1.9
"""Nor larger than a slide's body text."""

COMFORT = 1.2
WRAP, SPLIT = 0.05, 0.12
"""What each further line costs, and lines that end inside a group, against the size of text."""

TORN = 0.3
"""What each further frame of one block that repeats costs: it reads as another block."""

WIDE, HIGH = 0.35, 0.6
"""What a used width gains, and what a used height costs, where a picture takes what it needs."""

NARROWED = 0.12
"""What boxes with fewer words on a line cost."""


def score(scene: Scene, space: Space) -> float:
    """Return how good a scene is, the larger the better."""
    if space is None:
        return -abs(scene.width / scene.height - 16 / 9)
    if isinstance(space, Upright):
        wide, high = scene.width * scene.scale / space[0], scene.height * scene.scale / space[1]
        return round(scene.scale + WIDE * wide - HIGH * high - scene.penalty, 3)
    used = scene.width * scene.height * scene.scale**2 / (space[0] * space[1])
    # Text beyond a comfortable size counts less.
    size = scene.scale if scene.scale < COMFORT else COMFORT + 0.4 * (scene.scale - COMFORT)
    return round(size + 0.35 * used - scene.penalty, 3)
