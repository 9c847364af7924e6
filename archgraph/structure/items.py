"""The steps of a network: what stands on its main chain, one after the other.

A step is a node alone, or a region together with the node that it ends in. Regions that are no
blocks are left open, so that what lies in them are steps, too: what a U-Net has below a skip, all
that a skip over the whole network spans, or what is too tangled to be one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archgraph.structure.flow_units import Units
from archgraph.structure.regions import Chain, connected, nested

__all__ = ["Item", "items_of"]

HIGHEST = 6
"""Regions that nest deeper are no blocks."""

DEEPEST = 20
"""So deep open regions are looked at anew, so that the time is bounded."""

MOST_OF_ALL = 0.8
"""A region with more of all units than this says nothing: it is left open."""

MANY = 3
"""A skip over so many regions with layers is no block's."""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One step: ``units`` in topological order, ``last`` of them its result.

    ``entry`` is the node before it, where that leads nowhere else; ``region`` are the chains
    inside it.
    """

    last: str
    units: tuple[str, ...]
    region: Sequence[Chain] = ()
    entry: str | None = None
    skips: bool = False
    """Whether its result is computed from the node before it, too, and directly."""


def items_of(units: Units, main: Chain) -> list[Item]:
    """Return the steps of a chain, in topological order; ``units`` tell what is in it."""
    found: list[Item] = []
    total = sum(1 for _ in main.within())
    looked = 0
    waiting = [main]
    for chain in waiting:  # grows while it is read
        before: str | None = None
        for node in chain.nodes:
            between = chain.before.get(node, [])
            if not between:
                found.append(Item(node, (node,), entry=before))
            elif not _is_open(units, between, total):
                inside = [name for each in between for name in each.within()]
                inside.sort(key=units.place.__getitem__)
                skips = before in units.flow.reads[node]
                found.append(Item(node, (*inside, node), between, before, skips))
            else:
                found.append(Item(node, (node,)))
                looked += sum(1 for chain in between for _ in chain.within())
                waiting += _opened(units, between) if looked < DEEPEST * total else between
            before = node
    return sorted(found, key=lambda item: units.place[item.last])


def _opened(units: Units, between: Sequence[Chain]) -> list[Chain]:
    """Return the chains in an open region.

    Where maps are enlarged in it, shortcuts lead from the way down to the way up. Each way by
    itself has chains that these cross, as a branch has that a shortcut goes around.
    """
    inside = sorted((n for chain in between for n in chain.within()), key=units.place.__getitem__)
    ways: dict[int, list[str]] = {}
    for name in inside:
        ways.setdefault(units.scale[name].rises, []).append(name)
    if len(ways) == len(between) == 1:
        return list(between)
    found: list[Chain] = []
    waiting = [part for names in ways.values() for part in connected(units.flow, names)]
    for part in waiting:  # grows while it is read
        if len(part) == 1:
            found.append(Chain(part))
            continue
        chain, beside = _by_itself(units, part)
        largest = max(map(len, _regions(chain)), default=0)
        if len(ways) == 1 and largest > MOST_OF_ALL * len(inside):
            return list(between)  # as tangled as before
        found.append(chain)
        waiting += beside
    return found


def _by_itself(units: Units, names: Sequence[str]) -> tuple[Chain, list[list[str]]]:
    """Return the main chain of some nodes, as if there were nothing behind them, and the rest."""
    within = set(names)
    flow = units.flow.among(names)
    far: dict[str, int] = {}
    for name in flow.order:
        far[name] = 1 + max((far[source] for source in flow.reads[name]), default=0)
    nest = nested(flow, max(names, key=far.__getitem__), lambda name: name not in within)
    nest.main.nodes = [name for name in nest.main.nodes if name in within]
    # What enters and what leaves may have the main chain between, and are not one.
    sides = ([name for name in side if name in within] for side in (nest.entering, nest.leaving))
    return nest.main, [part for side in sides for part in connected(flow, side)]


def _is_open(units: Units, between: Sequence[Chain], total: int) -> bool:
    """Return whether a region is no block, but holds some."""
    if max(chain.height for chain in between) >= HIGHEST:
        return True
    inside = [name for chain in between for name in chain.within()]
    if len(inside) > MOST_OF_ALL * total:
        return True
    rises = {units.scale[name].rises for name in inside}
    nested = [
        names
        for chain in between
        for names in _regions(chain)
        if any(units.works(name) for name in names)
    ]
    parts = _parts(units, between)
    tangled = len(parts) < len(between)
    working = sum(
        any(units.works(name) for chain in part for name in chain.within()) for part in parts
    )
    if len(rises) > 1 and (working == 1 or tangled or nested):
        return True
    return working == 1 and not tangled and len(nested) >= MANY


def _regions(chain: Chain) -> list[list[str]]:
    """Return the nodes in each region directly in a chain."""
    return [
        [name for each in between for name in each.within()] for between in chain.before.values()
    ]


def _parts(units: Units, between: Sequence[Chain]) -> list[list[Chain]]:
    """Return the chains of a region that hang together."""
    owner = {name: index for index, chain in enumerate(between) for name in chain.within()}
    joined = list(range(len(between)))

    def top(index: int) -> int:
        while joined[index] != index:
            index = joined[index]
        return index

    for name, index in owner.items():
        for source in units.flow.reads[name]:
            if source in owner:
                one, other = sorted((top(index), top(owner[source])))
                joined[other] = one
    parts: dict[int, list[Chain]] = {}
    for index, chain in enumerate(between):
        parts.setdefault(top(index), []).append(chain)
    return list(parts.values())
