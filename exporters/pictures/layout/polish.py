"""Finishes a picture in layers: boxes change places across the flow where fewer lines cross then.

Each change is laid out in full, so that what counts is what a reader will see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from ..view import View
from .cells import Layering
from .crossings import crossings, disorder
from .frame_names import labelled
from .readable import LEAST, score
from .scene import Scene, Space
from .soundness import is_sound

__all__ = ["polished"]

WORK = 6000
"""How many boxes and lines are laid out again at most, so that the time is bounded."""
MOST = 60
"""A tangle with more crossings is one however its boxes stand."""


def polished(view: View, scene: Scene, space: Space) -> Scene:
    """Return the scene with fewer crossings, where boxes may change places and it gets better."""
    if scene.layering is None or scene.again is None or space is None:
        return scene
    best, layering = scene, scene.layering
    value, least = score(scene, space), disorder(scene)
    known = {tuple(layering.row.values())}
    tries = WORK // (len(view.nodes) + len(view.edges))
    while 0 < len(crossed := crossings(best)) <= MOST:
        # What joins lines that cross goes first.
        order = dict.fromkeys([*chain.from_iterable(crossed), *layering.row])
        for row in _changes(layering, order):
            if tuple(row.values()) in known:
                continue
            if not tries:
                return labelled(best)
            tries -= 1
            known.add(tuple(row.values()))
            found = scene.again(replace(layering, row=row))
            if found is None or found.scale < LEAST:
                continue
            mess = disorder(found)
            found.penalty += mess
            # What only fills more of its canvas is no better.
            better = mess < least and score(found, space) > value
            if better and is_sound(view, [found]):
                best, value, least = found, score(found, space), mess
                layering = replace(layering, row=row)
                break
        else:
            break
    return labelled(best)


def _changes(layering: Layering, order: Iterable[str]) -> Iterator[dict[str, int]]:
    """Yield rows in which a box stands in another, and what stood there in its own.

    The main path, in row 0, stays as it is, and each box in its band.
    """
    row, layer = layering.row, layering.layer
    for key in order:
        if not row.get(key):  # it is on the main path, or touches the box above it
            continue
        low, high = min(row.values()) - 1, max(row.values()) + 1
        for place in sorted(range(low, high + 1), key=lambda r: (abs(r - row[key]), r)):
            if place in (0, row[key]):
                continue
            other = [k for k in row if row[k] == place and layer[k] == layer[key]]
            yield {**row, **dict.fromkeys(other, row[key]), key: place}
