"""Ids and labels of found groups: ``stage2.block1`` is "residual block 2.1"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archgraph.structure.found_blocks import LAYER
from archgraph.structure.part import Part
from archgraph.wiring import WiredGraph

__all__ = ["FoundGroup", "named"]


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """A found group: its label, its operators in topological order, the cut that shows it."""

    label: str
    members: Sequence[str]
    level: str


def named(
    net: WiredGraph,
    host: str | None,
    parts: Sequence[str | Part],
    members: Mapping[str, Sequence[str]],
    place: Mapping[str, int],
    taken: set[str],
) -> dict[str, FoundGroup]:
    """Return parts of a group as groups by id, each after the one around it.

    ``members`` are the operators of each unit; ids are none of ``taken``, and are added to them.
    """
    found: dict[str, FoundGroup] = {}
    waiting = [(parts, f"{host}." if host else "", "")]
    for holds, path, number in waiting:  # grows while it is read
        inner = [each for each in holds if isinstance(each, Part)]
        total = Counter(each.what for each in inner)
        stages = sum(_word(each) == "stage" for each in inner)
        words = Counter[str]()
        numbers = Counter[str]()
        for part in inner:
            names = [name for unit in part.units() for name in members[unit]]
            names.sort(key=place.__getitem__)
            word = _word(part)
            words[word] += 1
            key = path + (word if word in ENDS else f"{word}{words[word]}")
            while key in taken:
                key += "~"
            taken.add(key)
            numbers[part.what] += 1
            label = part.what
            if part.what == LAYER:
                label = net.op(
                    next((n for n in names if net.op(n).layer or not net.op(n).quiet), names[0])
                ).words.text()
            elif part.level == "block" and number:
                label = f"{part.what} {number}.{sum(numbers.values()) - numbers[LAYER]}"
            elif total[part.what] > 1:
                again = f"({numbers[part.what]})" if word == "stage" else f"{numbers[part.what]}"
                label = f"{part.what} {again}"
            found[key] = FoundGroup(label, names, part.level)
            inside = str(words[word]) if word == "stage" and stages > 1 else ""
            waiting.append((part.holds, f"{key}.", inside))
    return found


ENDS = ("stem", "head")


def _word(part: Part) -> str:
    """Return what an id says of a part: its level, or which end of the network it is."""
    if part.what in ENDS:
        return part.what
    return part.level or "part"
