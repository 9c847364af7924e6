"""Slices of a network without blocks that can be shown, cut where little passes.

Slices of a topological order never close a cycle, so that any network can be shown in a few.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from archgraph.graph import ArchGraph
from archgraph.structure import group_flow, in_flow

__all__ = ["slices"]

COUNT = 8
"""Slices at least; each holds at most its share of the arithmetic, unless it is one box."""

PLACES = 400
"""At most so many places are considered for cuts."""


def slices(net: ArchGraph, boxes: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the boxes of a network in slices, by id, in the order in which they run.

    No slice holds more than an eighth of the MACs (where they are unknown or none, of the
    operators), and as few tensors as can be pass from each to those behind it.
    """
    flow, order = group_flow(net, boxes), in_flow(net, boxes)
    place = {key: number for number, key in enumerate(order)}
    change = [0] * (len(order) + 2)
    for key in order:
        last = max((place[reader] for reader in flow.succ[key]), default=place[key])
        # A tensor passes every place behind what makes it, up to its last reader.
        change[place[key] + 1] += 1
        change[last + 1] -= 1
    passing = list(itertools.accumulate(change))
    return _cut(order, _weights(net, boxes, order), passing)


def _weights(net: ArchGraph, boxes: Mapping[str, Sequence[str]], order: Sequence[str]) -> list[int]:
    costs = [[net.nodes[name]["macs"] for name in boxes[key]] for key in order]
    known = [sum(each) for each in costs if None not in each]
    if len(known) == len(costs) and any(known):
        return known
    return [len(each) for each in costs]


def _cut(order: Sequence[str], weights: Sequence[int], passing: Sequence[int]) -> list[list[str]]:
    """Cut a row where little passes; ``passing`` are the tensors in front of each place."""
    before = [0, *itertools.accumulate(weights)]
    most = before[-1] / COUNT
    inner = sorted(range(1, len(order)), key=lambda at: (passing[at], at))[:PLACES]
    # Where a heavy box stands, there must be a place on both sides of it.
    heavy = (at for at, weight in enumerate(weights) if weight > most / 2)
    inner += [side for at in heavy for side in (at, at + 1)]
    places = sorted({0, len(order), *inner})
    best: dict[int, tuple[float, int]] = {0: (0.0, 0)}
    for here, stop in enumerate(places[1:], 1):
        for start in reversed(places[:here]):
            if before[stop] - before[start] > most and start != places[here - 1]:
                break
            cost = best[start][0] + passing[stop] + 1
            if stop not in best or cost < best[stop][0]:
                best[stop] = (cost, start)
    cuts, at = [len(order)], len(order)
    while at:
        at = best[at][1]
        cuts.append(at)
    return [list(order[one:other]) for one, other in itertools.pairwise(reversed(cuts))]
