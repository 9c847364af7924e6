"""How a graph nests: chains of nodes that all data passes, and what lies between two of them.

Where all that is computed from one node comes together in another, and from nothing else, what
lies between is a region with one way in and one way out: a residual branch, an Inception module, a
whole U-Net below its first skip. Such pairs of nodes form chains; a region holds chains again
(the program structure tree of Johnson, Pearson and Pingali, 1994).

What only comes in at the side (constants, masks, another encoder) or only leaves there (auxiliary
heads) is set apart first, so that it spoils no chain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from archgraph.structure.dominators import dominators

__all__ = ["Chain", "Flow", "Nest", "connected", "nested"]

CANDIDATES = 8
"""Of so many sources, those that are furthest from the end, one may begin the main chain."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Nodes in topological order, and what they read of each other."""

    order: Sequence[str]
    reads: Mapping[str, Sequence[str]]
    readers: Mapping[str, Sequence[str]]

    def among(self, names: Sequence[str]) -> Flow:
        """Return the same of some nodes, and what these read from outside as nodes before them."""
        kept = set(names)
        outside = {s for name in names for s in self.reads[name] if s not in kept}
        order = [name for name in self.order if name in kept or name in outside]
        known = kept | outside
        return Flow(
            order,
            {n: [s for s in self.reads[n] if s in known] if n in kept else [] for n in order},
            {n: [t for t in self.readers[n] if t in kept] for n in order},
        )


@dataclass(slots=True, eq=False)
class Chain:
    """Nodes that all data passes, one after the other; ``before`` are the chains between two.

    These are given at the later node. ``height`` says how deep it nests.
    """

    nodes: list[str]
    before: dict[str, list[Chain]] = field(default_factory=dict)
    height: int = 0

    def within(self) -> Iterator[str]:
        """Give its nodes and all in the chains between these."""
        waiting = [self]
        while waiting:
            chain = waiting.pop()
            yield from chain.nodes
            for between in chain.before.values():
                waiting += between


@dataclass(frozen=True, slots=True)
class Nest:
    """The main chain of a graph, and what comes in or leaves at its side."""

    main: Chain
    entering: list[str]
    leaving: list[str]


def nested(flow: Flow, end: str, starts: Callable[[str], bool]) -> Nest:
    """Return how a graph nests up to its main result ``end``.

    The main chain begins at a first node for which ``starts``: an image or an embedding, and not
    a mask.
    """
    reaching = {end}
    for name in reversed(flow.order):
        if not reaching.isdisjoint(flow.readers[name]):
            reaching.add(name)
    after = dominators([name for name in reversed(flow.order) if name in reaching], flow.readers)
    chains = [
        _chains(flow, inside, after.above) for inside in _ways(flow, reaching, after.depth, starts)
    ]
    main = min(chains, key=_tangled)
    held = set(main.within())
    entering = [name for name in flow.order if name in reaching and name not in held]
    leaving = [name for name in flow.order if name not in reaching]
    return Nest(main, entering, leaving)


def _tangled(chain: Chain) -> tuple[bool, int]:
    """Return how bad a main chain is: most of it lies between two nodes, or it holds little."""
    size = sum(1 for _ in chain.within())
    between = (sum(1 for each in b for _ in each.within()) for b in chain.before.values())
    return 2 * max(between, default=0) > size, -size


def _ways(
    flow: Flow,
    reaching: Set[str],
    depth: Mapping[str, int],
    starts: Callable[[str], bool],
) -> list[dict[str, None]]:
    """Return all that lies between a start and the end, for each of the starts that count.

    Only those do from where many nodes lie on every way to the end: a mask that all layers read
    leads through most of a network, too, but on many ways.
    """
    fresh: set[str] = set()
    """What is computed from no data."""
    found: list[str] = []
    for name in flow.order:
        if fresh.issuperset(flow.reads[name]):
            if not starts(name):
                fresh.add(name)
            elif name in reaching:
                found.append(name)
    found = found or [name for name in flow.order if name in reaching and not flow.reads[name]]
    found.sort(key=lambda name: -depth[name])
    ways: list[dict[str, None]] = []
    for name in found[:CANDIDATES]:
        if 2 * depth[name] < depth[found[0]]:
            break
        inside: dict[str, None] = {name: None}
        for other in flow.order:
            if other in reaching and not inside.keys().isdisjoint(flow.reads[other]):
                inside[other] = None
        ways.append(inside)
    return ways


def _chains(flow: Flow, inside: Mapping[str, None], after: Mapping[str, str | None]) -> Chain:
    """Return the chain from the first node; every node lies in one chain, somewhere inside."""
    above = dominators(inside, flow.reads).above
    follows = {
        name: later
        for name in inside
        if (later := after[name]) is not None and above.get(later) == name
    }
    chain_of: dict[str, Chain] = {}
    around: dict[str, tuple[Chain, str]] = {}
    """Of the first node of each chain: the chain around it, and before which node it lies."""
    for name in inside:
        over = above[name]
        if over is not None and follows.get(over) == name:
            chain_of[name] = chain_of[over]
            chain_of[name].nodes.append(name)
            continue
        chain_of[name] = Chain([name])
        if over is None:
            continue
        later = follows.get(over)
        place = (chain_of[over], later) if later else around.get(chain_of[over].nodes[0])
        if place is not None:
            around[name] = place
            place[0].before.setdefault(place[1], []).append(chain_of[name])
    for name, (chain, _) in reversed(around.items()):
        chain.height = max(chain.height, chain_of[name].height + 1)
    return chain_of[next(iter(inside))]


def connected(flow: Flow, names: Sequence[str]) -> list[list[str]]:
    """Return the parts of some nodes that hang together, each in topological order."""
    within, part_of = set(names), dict[str, int]()
    parts: list[list[str]] = []
    for name in names:
        if name in part_of:
            continue
        part_of[name] = len(parts)
        queue = [name]
        for node in queue:  # grows while it is read
            for beside in (*flow.reads[node], *flow.readers[node]):
                if beside in within and beside not in part_of:
                    part_of[beside] = len(parts)
                    queue.append(beside)
        parts.append([])
    for name in names:
        parts[part_of[name]].append(name)
    return parts
