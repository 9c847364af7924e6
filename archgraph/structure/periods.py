"""Groups that repeat together: of A B A B A B the three pairs, each a group around both.

So a run of equal groups exists that can be told once: (W-MSA, SW-MSA) × 3.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

from archgraph.structure.group import Group
from archgraph.structure.repeats import Motifs, follow, period_of
from archgraph.wiring import WiredGraph

__all__ = ["with_periods"]


def with_periods(
    net: WiredGraph,
    groups: Mapping[str, Group],
    written: Mapping[str, int],
    motifs: Motifs,
    taken: set[str],
) -> dict[str, Group]:
    """Return groups with one around each repetition of several that stand in a row."""
    inside: dict[str | None, list[Group]] = {}
    for group in groups.values():
        inside.setdefault(group.parent, []).append(group)
    around: dict[str, Group] = {}
    """The new group that each group lies in."""
    for within in inside.values():
        row = sorted(within, key=lambda group: written[group.members[0]])
        at = 0
        while at < len(row):
            size, times = period_of([group.motif for group in row], at)
            if size > 1:
                for period in _that_follow(net, row[at : at + size * times], size, motifs):
                    made = _around(period, written, motifs, taken)
                    around |= dict.fromkeys((group.id for group in period), made)
            at += size * times
    found: dict[str, Group] = {}
    for key, group in groups.items():
        outer = around.get(key)
        if outer is not None:
            found.setdefault(outer.id, outer)
            group = Group(key, outer.id, group.label, group.kind, group.members, group.motif)
        found[key] = group
    return found


def _that_follow(
    net: WiredGraph, row: Sequence[Group], size: int, motifs: Motifs
) -> list[Sequence[Group]]:
    """Return the periods of a row where each follows the one before; [] where they do not."""
    periods = [row[at : at + size] for at in range(0, len(row), size)]
    names = [[name for group in period for name in group.members] for period in periods]
    whole = follow(net, names, motifs)
    parts = all(_touch(net, period) for period in periods)
    return periods if whole and parts else []


def _touch(net: WiredGraph, period: Sequence[Group]) -> bool:
    """Return whether each group of a period reads the one before."""
    return all(
        not {source for name in later.members for source in net.pred[name]}.isdisjoint(
            first.members
        )
        for first, later in itertools.pairwise(period)
    )


def _around(
    period: Sequence[Group], written: Mapping[str, int], motifs: Motifs, taken: set[str]
) -> Group:
    first, last = period[0], period[-1]
    key = f"{first.id}+{last.id.rpartition('.')[2]}"
    while key in taken:
        key += "~"
    taken.add(key)
    members = sorted((n for group in period for n in group.members), key=written.__getitem__)
    label = _together(first.label, last.label)
    return Group(key, first.parent, label, "found", tuple(members), motifs.of(members))


def _together(first: str, last: str) -> str:
    """Return the label of several: ``block 3.1–2`` for ``block 3.1`` to ``block 3.2``."""
    one, other = re.fullmatch(r"(.*?)(\d+)", first), re.fullmatch(r"(.*?)(\d+)", last)
    if one and other and one[1] == other[1]:
        return f"{first}–{other[2]}"
    return f"{first} … {last}"
