"""Which part of a network runs when: names below the steps of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archgraph.graph import ArchGraph
from archgraph.structure import cut, structure

from ..drawing import Box, Curve, Group, Item, Paint, Text
from ..look.theme import Theme
from ..text.widths import shortened, text_width
from ..view import LEVELS

__all__ = ["Segment", "depth_of", "labels", "segments", "stripes"]

SIZE = 9.0
NARROWEST = 10.5
"""Between two upright names, in points."""
LONGEST = 74.0
ENOUGH = 0.85
"""The share of steps whose part has a name at a level that is shown."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Steps that follow one another and belong together: from ``start`` up to before ``end``."""

    label: str
    start: int
    end: int


def segments(net: ArchGraph, steps: Sequence[str], width: float) -> list[Segment]:
    """Return the parts of a run at the finest level whose names have room in ``width`` points."""
    for level in reversed(LEVELS):
        found = _at(net, steps, level)
        shown = [found[index] for index, _ in _placed(found, len(steps), 0.0, width)]
        named = sum(each.end - each.start for each in shown)
        if named >= ENOUGH * len(steps) and _telling(found, steps):
            return found
    return found


def _telling(found: Sequence[Segment], steps: Sequence[str]) -> bool:
    """Return whether names tell parts apart: "3×3" again and again does not."""
    first = len({*steps})  # the backward pass runs what has a name already
    names = [each.label for each in found if each.start < first]
    return len({*names}) > len(names) / 2


def _at(net: ArchGraph, steps: Sequence[str], level: str) -> list[Segment]:
    owner = {name: key for key, names in cut(net, level).items() for name in names}
    if level == LEVELS[-1]:
        owner = _layers(net, steps)
    groups = structure(net).groups
    found: list[Segment] = []
    for at, name in enumerate(steps):
        key = owner[name]
        label = groups[key].label if key in groups else str(net.nodes[key].get("label") or key)
        label = _brief(label)
        if found and label == found[-1].label:
            found[-1] = Segment(label, found[-1].start, at + 1)
        else:
            found.append(Segment(label, at, at + 1))
    return found


def _brief(label: str) -> str:
    """Return a dotted name that is too long without what stands in front: it tells least."""
    words = label.split(".")
    while len(words) > 1 and text_width(".".join(words), SIZE) > LONGEST:
        words.pop(0)
    return shortened(".".join(words), SIZE, LONGEST)


def _layers(net: ArchGraph, steps: Sequence[str]) -> dict[str, str]:
    """Return the layer of each step: what has no weights belongs to the one that ran before it."""
    found: dict[str, str] = {}
    head = None
    for name in steps:
        if name in found:  # the backward pass runs the same again
            break
        if head is None or (net.nodes[name]["params"] != 0 and net.op(name).family != "norm"):
            head = name
        found[name] = head
    return found


def _placed(
    found: Sequence[Segment], count: int, left: float, width: float
) -> list[tuple[int, float]]:
    """Return which segments have room for an upright name, and the middle of each."""
    placed: dict[int, tuple[int, float]] = {}
    # The longest parts first. A cell as wide as a name holds one, so only its neighbours are near.
    for index in sorted(range(len(found)), key=lambda at: found[at].start - found[at].end):
        middle = left + width * (found[index].start + found[index].end) / 2 / count
        cell = int(middle / NARROWEST)
        near = (placed[at][1] for at in (cell - 1, cell, cell + 1) if at in placed)
        if all(abs(middle - other) >= NARROWEST for other in near):
            placed[cell] = index, middle
    return [placed[cell] for cell in sorted(placed)]


def _flat(found: Sequence[Segment], count: int, width: float) -> bool:
    return all(
        text_width(each.label, SIZE) <= width * (each.end - each.start) / count - 4
        for each in found
    )


def depth_of(found: Sequence[Segment], count: int, width: float) -> float:
    """Return how much room the names take below the axis, in points."""
    if _flat(found, count, width):
        return SIZE + 7
    shown = [found[index].label for index, _ in _placed(found, count, 0.0, width)]
    return max((text_width(each, SIZE) for each in shown), default=0.0) + 8


def labels(
    found: Sequence[Segment], count: int, left: float, width: float, floor: float, theme: Theme
) -> Group:
    """Return the names below an axis, lying where all have room, else upright."""
    items: list[Item] = []
    if _flat(found, count, width):
        for each in found:
            x = left + width * (each.start + each.end) / 2 / count
            items.append(Text(x, floor + SIZE + 3, each.label, SIZE, theme.ink))
    else:
        for index, x in _placed(found, count, left, width):
            words = found[index].label
            items.append(Text(x + 3.2, floor + 5, words, SIZE, theme.ink, "end", rotate=-90))
    for each in found[1:]:
        x = left + width * each.start / count
        items.append(Curve((x, floor), (((x, floor + 3),),), Paint(None, theme.line, 0.6)))
    return Group("labels", ("labels",), tuple(items))


def stripes(
    found: Sequence[Segment],
    count: int,
    left: float,
    width: float,
    rows: tuple[float, float],
    theme: Theme,
) -> list[Item]:
    """Return a light background behind every other segment, between two heights."""
    top, floor = rows
    paint = Paint(theme.frame_fill)
    items: list[Item] = []
    for each in found[1::2]:
        x, wide = left + width * each.start / count, width * (each.end - each.start) / count
        items.append(Box(x, top, wide, floor - top, paint))
    return items
