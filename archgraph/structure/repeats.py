"""Motifs: groups with the same structure, told by their operators and not by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archgraph.graph import ArchGraph

__all__ = ["motifs", "runs"]

Members = Mapping[str, Sequence[str]]
"""The operators of each group, in topological order."""


def motifs(net: ArchGraph, members: Members) -> dict[str, int]:
    """Return a number for each group, the same for equal ones.

    Groups are equal when their operators, settings, shapes, devices and inner edges are.
    """
    kinds: dict[object, int] = {}
    kind: dict[str, int] = {}
    inputs: dict[str, tuple[str, ...]] = {}
    for name in dict.fromkeys(name for names in members.values() for name in names):
        data = net.nodes[name]
        kind[name] = kinds.setdefault((data["op"], data["shape"], data["device"]), len(kinds))
        inputs[name] = net.inputs_of(name)
    known: dict[object, int] = {}
    found: dict[str, int] = {}
    for key, names in members.items():
        place = {name: index for index, name in enumerate(names)}
        sign = tuple(
            (kind[name], *(place.get(source, -1) for source in inputs[name])) for name in names
        )
        found[key] = known.setdefault(sign, len(known))
    return found


def runs(net: ArchGraph, members: Members) -> list[list[str]]:
    """Return lists of two or more consecutive groups that are equal and follow one another.

    They follow one another when the next reads the one before and nothing else, through one
    tensor that nobody else reads.
    """
    motif = motifs(net, members)
    owner = {name: key for key, names in members.items() for name in names}
    found: list[list[str]] = []
    last: list[str] = []
    for key in members:
        before = _only_source(net, members[key], owner, key)
        if (
            last
            and before == last[-1]
            and motif[key] == motif[before]
            and _only_reader(net, members[before], owner, before) == key
        ):
            last.append(key)
            continue
        if len(last) > 1:
            found.append(last)
        last = [key]
    return [*found, last] if len(last) > 1 else found


def _only_source(
    net: ArchGraph, names: Sequence[str], owner: Mapping[str, str], key: str
) -> str | None:
    outside = {source for name in names for source in net.pred[name] if owner[source] != key}
    return owner[outside.pop()] if len(outside) == 1 else None


def _only_reader(
    net: ArchGraph, names: Sequence[str], owner: Mapping[str, str], key: str
) -> str | None:
    readers = {owner[t] for name in names for t in net.succ[name] if owner[t] != key}
    leaving = {name for name in names if any(owner[t] != key for t in net.succ[name])}
    return readers.pop() if len(readers) == 1 and len(leaving) == 1 else None
