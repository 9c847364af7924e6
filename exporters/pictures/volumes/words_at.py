"""The words at a volume: its extents along its edges, its name below or on its front."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import sqrt

from ..text.widths import ASCENT, DESCENT, shortened, text_width
from ..view import ViewNode
from .placed_volumes import Word
from .projection import Scale, Solid
from .series_names import common_name

__all__ = [
    "NAME",
    "SIZE",
    "channel_unit",
    "fits_upright",
    "lead",
    "number_width",
    "short_name",
    "volume_words",
]

NAME, SIZE = 9.5, 7.5
"""Points of a volume's name and of the numbers at its edges, at text scale 1."""

LONGEST = 96.0
"""How wide a name may be, in points at text scale 1."""


def lead(node: ViewNode, text: float) -> float:
    """Return the room that the numbers need to the left of a volume, in points."""
    if len(node.shape) == 1:
        return 0.0
    return max(text_width(str(extent), SIZE * text) for extent in node.shape[1:]) + 4.0


def volume_words(
    nodes: Sequence[ViewNode], solids: Sequence[Solid], text: float, *, upright: bool
) -> list[Word]:
    """Return the words of volumes that touch each other (or of one); all have the same maps.

    ``upright`` puts the names of touching volumes on their fronts.
    """
    words = _map_words(nodes[0], solids[0], text)
    words += _channel_words(nodes, solids, text)
    name, first = NAME * text, nodes[0].id
    if upright and len(nodes) > 1:
        return words + [
            _upright(node, solid, name) for node, solid in zip(nodes, solids, strict=True)
        ]
    middle = (solids[0].x + solids[-1].right) / 2
    base = max(word.rect[3] for word in words) + 1.5 + ASCENT * name
    return [*words, Word(first, short_name(nodes, text), middle, base, name, bold=True)]


def short_name(nodes: Sequence[ViewNode], text: float) -> str:
    """Return the name that stands below volumes, cut where it is too long."""
    return shortened(common_name(nodes), NAME * text, LONGEST * text, bold=True)


def _map_words(node: ViewNode, solid: Solid, text: float) -> list[Word]:
    """Return the height at the left edge and the width at the upper left one."""
    if len(node.shape) == 1:
        return []
    size = SIZE * text
    height, width = map(str, node.shape[1:])
    low = min(solid.y + solid.height * 0.8 + size * 0.36, solid.bottom)
    x, y = solid.x + solid.dx / 2 - 2.0, solid.y - solid.dy / 2 - DESCENT * size + 0.5
    return [
        Word(node.id, height, solid.x - 2.5, low, size, "end", beside=True),
        Word(node.id, width, x, y, size, "end"),
    ]


def _channel_words(nodes: Sequence[ViewNode], solids: Sequence[Solid], text: float) -> list[Word]:
    """Return the channels below the front; of several that are too thin, how many have them."""
    size = SIZE * text
    pairs = list(zip(nodes, solids, strict=True))
    runs = [[pair] for pair in pairs]
    labels = [_channels(node.repeat, node.shape[0]) for node in nodes]
    thin = any(
        text_width(label, size) > solid.width - 1.0
        for label, solid in zip(labels, solids, strict=True)
    )
    if len(pairs) > 1 and thin:
        runs = [list(run) for _, run in groupby(pairs, key=lambda pair: pair[0].shape[0])]
    words = []
    for run in runs:
        middle = (run[0][1].x + run[-1][1].right) / 2
        base = solids[0].bottom + 2.0 + ASCENT * size
        label = _channels(sum(node.repeat for node, _ in run), run[0][0].shape[0])
        words.append(Word(run[0][0].id, label, middle, base, size))
    return words


def _channels(count: int, channels: int) -> str:
    return str(channels) if count == 1 else f"{count} × {channels}"


def channel_unit(nodes: Sequence[ViewNode], text: float) -> float:
    """Return the unit of channels at which the numbers of touching volumes fit below them."""
    runs = [(c, list(run)) for c, run in groupby(nodes, key=lambda node: node.shape[0])]
    if len(runs) == 1:
        return 0.0  # one number below all

    def unit(count: int, repeat: int, channels: int) -> float:
        wide = text_width(_channels(repeat, channels), SIZE * text) + 2.0
        return wide / (count * sqrt(channels))

    each = max(unit(1, node.repeat, node.shape[0]) for node in nodes)
    joined = max(unit(len(run), sum(n.repeat for n in run), c) for c, run in runs)
    return min(each, joined)


def number_width(nodes: Sequence[ViewNode], text: float) -> float:
    """Return how wide the number below volumes of the same channels may be."""
    label = _channels(sum(node.repeat for node in nodes), nodes[0].shape[0])
    return text_width(label, SIZE * text)


def _upright(node: ViewNode, solid: Solid, size: float) -> Word:
    """Return a volume's name on its front, from bottom to top."""
    x, y = solid.x + solid.width / 2 + size * 0.36, solid.y + solid.height / 2
    return Word(node.id, node.label.name, x, y, size, bold=True, upright=True, inside=True)


def fits_upright(node: ViewNode, scale: Scale) -> bool:
    """Return whether a volume's front is large enough for its name."""
    size = NAME * scale.text
    solid = scale.solid(node.id, node.shape, 0.0, 0.0)
    wide = text_width(node.label.name, size, bold=True)
    return wide <= solid.height - 6 and solid.width >= size * 1.15
