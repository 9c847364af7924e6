"""Which nodes of a network a table adds up into one row: its blocks, stages or devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

    They are those that pictures show. Where a network itself says what is in its blocks or
    stages, a node that is in none has a row of its own, even if it only passes data on.
    """
    if by == "layer":
        return []
    if by == "device":
        return _devices(net, names)
    from archgraph.structure import structure  # costs by layer do without

    found = structure(net)
    cut = found.cuts[by]
    members = cut.own if cut.declared else cut.members
    owner = {name: key for key, nodes in members.items() for name in nodes}
    rows: dict[str, list[str]] = {}
    for name in names:
        rows.setdefault(owner[name], []).append(name)
    groups = []
    for key, nodes in rows.items():
        group = found.groups.get(key)
        told = net.nodes[nodes[0]].get("label") if cut.declared else None
        label = group.label if group is not None else str(told or key)
        groups.append(Group(key, label + _lane(net, nodes), tuple(nodes)))
    return groups


def _devices(net: ArchGraph, names: Sequence[str]) -> list[Group]:
    rows: dict[int | None, list[str]] = {}
    for name in names:
        rows.setdefault(net.nodes[name].get("device"), []).append(name)
    return [
        Group("none", "no device", tuple(nodes))
        if device is None
        else Group(str(device), f"device {device}", tuple(nodes))
        for device, nodes in rows.items()
    ]


def _lane(net: ArchGraph, nodes: list[str]) -> str:
    """Tell apart the two lanes' parts of one layer, which bear the same label."""
    devices = {net.nodes[name].get("device") for name in nodes}
    if len(devices) != 1 or None in devices:
        return ""
    return f" · device {devices.pop()}"
