"""Which nodes of a network a table adds up into one row: its blocks, stages or devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archgraph.graph import ArchGraph

__all__ = ["GROUPINGS", "Group", "groups_of"]

GROUPINGS = ("layer", "block", "stage", "device")


@dataclass(frozen=True, slots=True)
class Group:
    """One row's nodes, in the order of the graph."""

    name: str
    label: str
    nodes: tuple[str, ...]


def groups_of(net: ArchGraph, by: str, names: Sequence[str]) -> list[Group]:
    """Return the groups of ``names`` in the order in which they begin; none for ``layer``.

    A node that belongs to no block or stage is a group of its own. In a graph without any, such
    as a plain file, the modules take their place: a block is the innermost one around a node, a
    stage the outermost.
    """
    if by == "layer":
        return []
    marked = any(by in data for _, data in net.nodes(data=True))
    members: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    for name in names:
        data = net.nodes[name]
        if by == "device":
            device = data.get("device")
            key = "none" if device is None else str(device)
            labels[key] = "no device" if device is None else f"device {device}"
        elif marked:
            group = data.get(by)
            key = str(group or name)
            labels[key] = net.groups[key]["label"] if group in net.groups else _label(data, name)
        else:
            module = name.rpartition(".")[0] if by == "block" else name.partition(".")[0]
            key = module or name
            labels.setdefault(key, key)
        members.setdefault(key, []).append(name)
    return [
        Group(key, labels[key] + _lane(net, by, nodes), tuple(nodes))
        for key, nodes in members.items()
    ]


def _label(data: dict[str, Any], name: str) -> str:
    return str(data.get("label") or name)


def _lane(net: ArchGraph, by: str, nodes: list[str]) -> str:
    """Tell apart the two lanes' parts of one layer, which bear the same label."""
    devices = {net.nodes[name].get("device") for name in nodes}
    if by == "device" or len(devices) != 1 or None in devices:
        return ""
    return f" · device {devices.pop()}"
