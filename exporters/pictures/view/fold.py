"""Runs of blocks with the same structure, told by their operators and not by their names."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.graph import ArchGraph

__all__ = ["Folds", "runs"]

Signature = tuple[object, ...]


class Folds:
    """Which blocks are shown once for several: how many, of which operators, and who is hidden."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.all: dict[str, list[str]] = {}
        self.hidden: dict[str, str] = {}
        """The operators that are not shown, and the one that stands for each."""
        self.hosts: dict[str, str] = {}
        """The blocks that are not shown, and the one that stands for each."""

    def add(self, blocks: dict[str, list[str]], equal: Sequence[Sequence[str]]) -> None:
        """Leave the first of each run of equal blocks."""
        for first, *others in equal:
            self.counts[first] = 1 + len(others)
            self.all[first] = [name for key in (first, *others) for name in blocks[key]]
            for key in others:
                self.hosts[key] = first
                self.hidden.update(zip(blocks[key], blocks[first], strict=True))
                del blocks[key]


def runs(net: ArchGraph, members: dict[str, list[str]]) -> list[list[str]]:
    """Return lists of two or more consecutive groups that are equal and follow one another.

    Groups are equal when their operators, settings, shapes and inner edges are; they follow one
    another when the next reads the one before and nothing else, through one tensor that nobody
    else reads.
    """
    signatures = {key: _signature(net, names) for key, names in members.items()}
    owner = {name: key for key, names in members.items() for name in names}
    found: list[list[str]] = []
    last: list[str] = []
    for key in members:
        before = _only_source(net, members[key], owner, key)
        if (
            last
            and before == last[-1]
            and signatures[key] == signatures[before]
            and _only_reader(net, members[before], owner, before) == key
        ):
            last.append(key)
            continue
        if len(last) > 1:
            found.append(last)
        last = [key]
    return [*found, last] if len(last) > 1 else found


def _signature(net: ArchGraph, names: list[str]) -> Signature:
    place = {name: index for index, name in enumerate(names)}
    return tuple(
        (
            net.op(name),
            net.nodes[name]["shape"],
            net.nodes[name]["device"],
            tuple(place.get(source, -1) for source in net.inputs_of(name)),
        )
        for name in names
    )


def _only_source(net: ArchGraph, names: list[str], owner: dict[str, str], key: str) -> str | None:
    outside = {source for name in names for source in net.inputs_of(name) if owner[source] != key}
    return owner[outside.pop()] if len(outside) == 1 else None


def _only_reader(net: ArchGraph, names: list[str], owner: dict[str, str], key: str) -> str | None:
    readers = {owner[t] for name in names for t in net.succ[name] if owner[t] != key}
    leaving = {name for name in names if any(owner[t] != key for t in net.succ[name])}
    return readers.pop() if len(readers) == 1 and len(leaving) == 1 else None
