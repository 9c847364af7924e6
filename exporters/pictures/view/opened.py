"""Boxes that are opened in their places: which they are, and what stands in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.nearest import nearest
from archgraph.structure import structure

__all__ = ["Inside", "find_inside", "find_opened", "in_place"]


@dataclass(frozen=True, slots=True)
class Inside:
    """What an opened box shows: nodes of a finer level, each with its operators."""

    level: str
    members: dict[str, Sequence[str]]


def find_opened(
    net: ArchGraph, level: str, members: Mapping[str, Sequence[str]], wanted: Sequence[str]
) -> list[str]:
    """Return the boxes that are meant: by their own names, or all that lie in a stage or module.

    Raises DrawError for what is neither, or holds nothing to show.
    """
    groups = structure(net).groups
    found: list[str] = []
    for name in wanted:
        within = set(groups[name].members) if name in groups else set()
        inside = [
            key
            for key, names in members.items()
            if key == name or all(one in within or one.startswith(f"{name}.") for one in names)
        ]
        if not inside:
            known = [key for key, names in members.items() if len(names) > 1]
            known += [key for key, group in net.groups.items() if group["kind"] == "stage"]
            raise DrawError(f"'{net.name}' has no '{name}' to open{nearest(name, known)}.")
        several = [key for key in inside if len(members[key]) > 1]
        if not several:
            raise DrawError(f"'{name}' cannot be opened: at {level} level it holds nothing more.")
        found += several
    return found


def find_inside(net: ArchGraph, level: str, names: Sequence[str]) -> Inside:
    """Return what stands in a box of these operators: the blocks of a stage, else operators."""
    if level == "stage":
        within = set(names)
        cut = structure(net).cuts["block"].members
        blocks: dict[str, Sequence[str]] = {
            key: own for key, own in cut.items() if within.issuperset(own)
        }
        if len(blocks) > 1 and sum(map(len, blocks.values())) == len(names):
            return Inside("block", blocks)
    return Inside("layer", {name: [name] for name in names})


def in_place(
    members: Mapping[str, Sequence[str]], opened: Mapping[str, Inside]
) -> dict[str, Sequence[str]]:
    """Return the members of all nodes, with those of opened boxes where each box stood."""
    found: dict[str, Sequence[str]] = {}
    for key, names in members.items():
        found |= opened[key].members if key in opened else {key: names}
    return found
