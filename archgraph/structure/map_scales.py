"""On which scale each operator works: the size of its maps, and how often they were enlarged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from archgraph.open_extents import Open
from archgraph.ops import Op
from archgraph.tensors import Extent
from archgraph.wiring import WiredGraph

__all__ = ["CHANGED", "Scale", "scales"]

CHANGED = 1.5
"""Maps, or rows of tokens, that differ by less are on one scale: a border without padding."""

LETTER = 512
"""The size that stands for an extent that is left open."""


class Scale(NamedTuple):
    """``rises`` counts how often maps were enlarged on the way, ``places`` how many a map has."""

    rises: int
    places: int


def scales(net: WiredGraph, order: Sequence[str]) -> dict[str, Scale]:
    """Return the scale of each operator; what no operator tells is as in what it reads."""
    found: dict[str, Scale] = {}
    for name in order:
        data = net.nodes[name]
        # Of a skip and what was enlarged to meet it, the latter tells; else the larger tensor.
        before = max(
            (
                (found[source].rises, _elements(net.nodes[source]["shape"]), found[source])
                for source in net.pred[name]
            ),
            default=(0, 0, Scale(0, 0)),
        )[2]
        places = _places(data["op"], data["shape"])
        rises = _enlarges(data["op"])
        if places is None or (places > before.places > 0 and not rises):
            places = before.places  # more rows of features are no larger map
        small, large = sorted((places, before.places))
        if small > 0 and large < CHANGED * small:
            found[name] = before
        else:
            found[name] = Scale(before.rises + (0 < before.places < places), places)
    return found


def _enlarges(op: Op) -> bool:
    return op.family == "resampling" or (op.family == "conv" and op.words.enlarges)


def _places(op: Op, extents: Sequence[Extent] | None) -> int | None:
    """Return on how many places an operator does the same; None where that does not show."""
    if not extents:
        return None
    shape = _numbers(extents)
    axes = 0
    if op.family in ("conv", "pool"):
        axes = len(op.words.window) or len(op.words.to)
    elif op.family == "resampling":
        axes = 2
    if (op.family == "input" or not op.known) and len(shape) > 2:
        axes = 2
    if not axes and (op.family != "linear" or op.arity != 1):
        return None
    told = [each for each in (shape[-axes:] if axes else shape[:-1]) if each is not None]
    return math.prod(told)


def _numbers(extents: Sequence[Extent]) -> list[int | None]:
    return [
        each.at(dict.fromkeys(each.letters, LETTER)) if isinstance(each, Open) else each
        for each in extents
    ]


def _elements(extents: Sequence[Extent] | None) -> int:
    return math.prod(each or 1 for each in _numbers(extents or ()))
