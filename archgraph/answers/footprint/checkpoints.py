"""Checkpointing: what training keeps where blocks are computed again for their gradients.

As torch.utils.checkpoint does it: of a block only what it reads is kept from the forward to the
backward pass; there its forward pass runs again, and what its own gradients need lies there until
they are computed (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archgraph.answers.footprint.places import Places
from archgraph.answers.footprint.training import Needs
from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.nearest import nearest
from archgraph.structure import structure

__all__ = ["CHECKPOINTS", "Recomputed", "blocks_of", "recomputed"]

CHECKPOINTS = ("block", "stage")


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What lies in memory when blocks are computed again.

    ``block`` is the block of each node that is in one. ``kept`` are the places that are kept from
    the forward to the backward pass: those that blocks read of what is outside, with these blocks,
    and those that gradients outside of blocks need. ``inside`` are by block the places that it
    makes itself for its own gradients: they are made again, and lie there while these are computed.
    """

    block: Mapping[str, str]
    kept: Mapping[int, Sequence[str]]
    inside: Mapping[str, Sequence[int]]


def blocks_of(net: ArchGraph, level: str) -> dict[str, str]:
    """Return the block or stage of each node that lies in one of several nodes.

    Raises FormatError for another level, and where there is none.
    """
    if level not in CHECKPOINTS:
        raise FormatError(
            f"there is no checkpoint '{level}'{nearest(level, CHECKPOINTS)}; "
            f"there are {' and '.join(CHECKPOINTS)}."
        )
    group = structure(net).cuts[level].group
    sizes: dict[str, int] = {}
    for key in group.values():
        sizes[key] = sizes.get(key, 0) + 1
    found = {name: key for name, key in group.items() if sizes[key] > 1}
    if not found:
        raise FormatError(f"'{net.name}' has no {level}s that could be computed again.")
    return found


def recomputed(block: Mapping[str, str], places: Places, needs: Needs) -> Recomputed:
    """Return what lies where, of blocks that are computed again."""
    kept: dict[int, dict[str, None]] = {}
    inside: dict[str, list[int]] = {}
    maker = [block.get(place.output[0]) for place in places.places]
    for name, read in places.reads.items():
        own = block.get(name)
        for place in read:
            if own is not None and maker[place] != own:
                kept.setdefault(place, {})[own] = None
    for place, users in needs.users.items():
        for own in dict.fromkeys(block.get(name) for name in users):
            if own is None:
                kept.setdefault(place, {})
            elif maker[place] == own:
                inside.setdefault(own, []).append(place)
    return Recomputed(block, {place: tuple(keys) for place, keys in kept.items()}, inside)
