"""The groups that a network declares: ``net.groups``, joined by the attributes of the nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archgraph.structure.group import Kind
from archgraph.wiring import WiredGraph

__all__ = ["Declared", "declared_groups", "declared_owners", "group_labels"]


@dataclass(frozen=True, slots=True)
class Declared:
    """A stage or a block that the network names, and its operators in topological order."""

    kind: Kind
    label: str
    members: Sequence[str]


def declared_groups(net: WiredGraph, order: Sequence[str]) -> dict[str, Declared]:
    """Return the declared groups that have operators, by id."""
    members: dict[str, dict[str, None]] = {}
    kinds: dict[str, Kind] = {}
    levels: tuple[Kind, Kind] = ("stage", "block")
    for name in order:
        for level in levels:
            key = net.nodes[name].get(level)
            if key:
                members.setdefault(key, {})[name] = None
                kinds.setdefault(key, level)
    labels = {key: group["label"] for key, group in net.groups.items()}
    return {
        key: Declared(kinds[key], labels.get(key, key), list(names))
        for key, names in members.items()
    }


def group_labels(net: WiredGraph, name: str) -> list[str]:
    """Return what the block and the stage are called that an operator says it is in."""
    data, groups = net.nodes[name], net.groups
    keys = [data[level] for level in ("block", "stage") if data.get(level)]
    return [groups[key]["label"] if key in groups else key for key in keys]


def declared_owners(net: WiredGraph, level: str) -> dict[str, str] | None:
    """Return the declared group of each operator at a level; None where nothing is declared."""
    found = {name: data[level] for name, data in net.nodes(data=True) if data.get(level)}
    return found or None
