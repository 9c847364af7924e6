"""A cut through the tree: at one level of detail, which operators stand together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archgraph.ops import Input
from archgraph.structure.acyclic import pieces
from archgraph.wiring import WiredGraph

__all__ = ["Cut", "Piece", "joined", "made_cut"]

Members = Mapping[str, tuple[str, ...]]
"""The operators of each group, and each operator that is in none, by id, in topological order."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Which operators stand together at a level; contracting them leaves a DAG.

    ``members`` hold every operator once, ``own`` the same before what only passes data on joined
    what it reads. ``group`` is the id of the group that each operator itself lies in: one that the
    network declares, or a module of a network that declares nothing. ``runs`` are lists of equal
    groups that follow one another. ``declared`` says whether the network declares groups of this
    level.
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


def joined(net: WiredGraph, order: Sequence[str], group: Mapping[str, str]) -> dict[str, list[str]]:
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
            quiet = op.silent or op.family == "activation"
            source = next(iter(sources)) if quiet and len(sources) == 1 else None
            alone = source is None or isinstance(net.op(source), Input)
            key = name if source is None or alone else owner[source]
        owner[name] = key
        members.setdefault(key, []).append(name)
    return members


def made_cut(
    net: WiredGraph,
    order: Sequence[str],
    written: Mapping[str, int],
    group: Mapping[str, str],
    taken: set[str],
) -> tuple[dict[str, tuple[str, ...]], dict[str, str], list[Piece]]:
    """Return the members of a cut, the group of each operator, and the pieces of split groups.

    Groups stand in the ``order`` of their first operators, these in the order ``written``.
    A piece with one operator is that operator; the ids of others are none of ``taken``.
    """
    whole = joined(net, order, group)
    place = {name: index for index, name in enumerate(order)}
    found: dict[str, tuple[str, ...]] = {}
    split: list[Piece] = []
    group = dict(group)
    for key, parts in pieces(net, whole).items():
        if len(parts) == 1:
            found[key] = tuple(parts[0])
            continue
        for number, part in enumerate(parts, 1):
            own = sorted((name for name in part if name in group), key=written.__getitem__)
            piece = part[0]
            if len(own) > 1:
                piece = f"{key}~{number}"
                while piece in taken:
                    piece += "~"
                taken.add(piece)
                split.append(Piece(piece, key, number, tuple(own)))
                group |= dict.fromkeys(own, piece)
            else:
                group.pop(part[0])
            found[piece] = tuple(part)
    ordered = sorted(found, key=lambda key: place[found[key][0]])
    members = {key: tuple(sorted(found[key], key=written.__getitem__)) for key in ordered}
    return members, group, split
