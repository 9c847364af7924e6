"""A cut through the tree: at one level of detail, which operators stand together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archgraph.graph import ArchGraph
from archgraph.ops import Input
from archgraph.structure.acyclic import pieces

__all__ = ["Cut", "Piece", "joined", "made_cut"]

Members = Mapping[str, tuple[str, ...]]
"""The operators of each group, and each operator that is in none, by id, in topological order."""

_SILENT = ("Flatten", "Dropout", "Identity")
"""Operators that only pass data on; they join what stands before them."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Which operators stand together at a level; contracting them leaves a DAG.

    ``members`` hold every operator once, ``own`` the same before what only passes data on joined
    what it reads. ``group`` is the id of each operator that is in a group itself. ``runs`` are
    lists of equal groups that follow one another. ``declared`` says whether the network itself
    names its groups of this level.
    """

    members: Members
    own: Members
    group: Mapping[str, str]
    runs: Sequence[Sequence[str]]
    declared: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a group that would close a cycle: the first, second, … of ``whole``."""

    id: str
    whole: str
    number: int
    members: tuple[str, ...]


def joined(net: ArchGraph, order: Sequence[str], group: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the operators that stand together, by the group that each is in.

    What is in no group stays alone, but activations and what only passes data on join what they
    read.
    """
    owner: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for name in order:
        key = group.get(name)
        if key is None:
            op, sources = net.op(name), net.pred[name]
            quiet = op.kind in _SILENT or op.family == "activation"
            source = next(iter(sources)) if quiet and len(sources) == 1 else None
            alone = source is None or isinstance(net.op(source), Input)
            key = name if source is None or alone else owner[source]
        owner[name] = key
        members.setdefault(key, []).append(name)
    return members


def made_cut(
    net: ArchGraph, order: Sequence[str], group: Mapping[str, str], taken: set[str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, str], list[Piece]]:
    """Return the members of a cut, the group of each operator, and the pieces of split groups.

    A piece with one operator is that operator; the ids of others are none of ``taken``.
    """
    whole = joined(net, order, group)
    place = {name: index for index, name in enumerate(order)}
    found: dict[str, tuple[str, ...]] = {}
    split: list[Piece] = []
    group = dict(group)
    for key, parts in pieces(net, whole).items():
        for number, part in enumerate(parts, 1):
            name = part[0]
            if len(parts) == 1:
                name = key
            elif len(part) > 1:
                name = f"{key}~{number}"
                while name in taken:
                    name += "~"
                taken.add(name)
                split.append(Piece(name, key, number, tuple(part)))
            found[name] = tuple(part)
            if len(parts) > 1:
                own = [each for each in part if each in group]
                for each in own:
                    group.pop(each)
                group |= dict.fromkeys(own if len(part) > 1 else (), name)
    ordered = sorted(found, key=lambda key: place[found[key][0]])
    return {key: found[key] for key in ordered}, group, split
