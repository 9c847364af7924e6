"""Boxes that are opened in their places: which they are, and what stands in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.names import nearest

from .collapse import collapse

__all__ = ["Inside", "find_inside", "find_opened", "in_place"]


@dataclass(frozen=True, slots=True)
class Inside:
    """What an opened box shows: nodes of a finer level, each with its operators."""

    level: str
    members: dict[str, list[str]]


def find_opened(
    net: ArchGraph, level: str, members: Mapping[str, Sequence[str]], wanted: Sequence[str]
) -> list[str]:
    """Return the boxes that are meant: by their own names, or all that lie in a stage or module.

    Raises DrawError for what is neither, or holds nothing to show.
    """
    found: list[str] = []
    for name in wanted:
        inside = [
            key
            for key, names in members.items()
            if key == name or all(_lies_in(net, one, name) for one in names)
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


def _lies_in(net: ArchGraph, node: str, name: str) -> bool:
    data = net.nodes[node]
    return name in (data.get("stage"), data.get("block")) or node.startswith(f"{name}.")


def find_inside(net: ArchGraph, level: str, names: Sequence[str]) -> Inside:
    """Return what stands in a box of these operators: the blocks of a stage, else operators."""
    if level == "stage":
        within = set(names)
        blocks = {k: v for k, v in collapse(net, "block").items() if within.issuperset(v)}
        if len(blocks) > 1 and sum(map(len, blocks.values())) == len(names):
            return Inside("block", blocks)
    return Inside("layer", {name: [name] for name in names})


def in_place(
    members: Mapping[str, list[str]], opened: Mapping[str, Inside]
) -> dict[str, list[str]]:
    """Return the members of all nodes, with those of opened boxes where each box stood."""
    found: dict[str, list[str]] = {}
    for key, names in members.items():
        found |= opened[key].members if key in opened else {key: names}
    return found
