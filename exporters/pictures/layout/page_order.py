"""In which order boxes are dealt out to pages, and where a page best ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..view import View, ViewEdge, ViewNode
from .box_sizes import Size, leaf_size
from .place_chain import GAP

__all__ = ["Order", "ordered", "together"]

EMPTY = 4.0
"""What a page that is left empty counts against tensors that must be marked."""
SPLIT = {"block": 2.0, "stage": 0.5}
"""What it costs to part a block, or a stage."""


@dataclass(frozen=True, slots=True)
class Order:
    """Stacks of touching nodes behind all that they read, each near its first reader.

    ``depth`` is how far down its node would stand if all stood in one column of parallel branches.
    """

    units: tuple[tuple[str, ...], ...]
    place: dict[str, int]
    sizes: tuple[Size, ...]
    depth: tuple[float, ...]
    costs: tuple[float, ...]
    """What it costs to end a page before each unit."""

    def cut(self, start: int, stop: int, least: int) -> int:
        """Return where a page from ``start`` best ends, from ``least`` to ``stop``."""
        room = stop - start
        near = range(min(least, stop), stop + 1)
        return min(near, key=lambda at: (self.costs[at] + EMPTY * (stop - at) / room, -at))

    def top(self, key: str) -> float:
        """Return how far down a node's stack begins."""
        at = self.place[key]
        return self.depth[at] - self.sizes[at].height - GAP

    def down(self, edge: ViewEdge) -> float:
        """Return how far down an edge leads past other boxes."""
        return self.top(edge.target) - self.depth[self.place[edge.source]]


def ordered(view: View, reach: float) -> Order:
    """Return the order of a view; lines down more than ``reach`` do not count where pages end.

    From each result back to what it reads, the first reading first, so that branches stay whole.
    Takes time in proportion to nodes and edges.
    """
    stacks = view.stacks()
    head = {key: stack[0] for key, stack in stacks.items()}
    edges = [(head[e.source], head[e.target]) for e in view.edges]
    edges = [(source, target) for source, target in edges if source != target]
    sources: dict[str, list[str]] = {key: [] for key in view.nodes if head[key] == key}
    read = set()
    for source, target in edges:
        sources[target].append(source)
        read.add(source)
    keys = _behind_sources([key for key in sources if key not in read], sources)
    place = {key: at for at, key in enumerate(keys)}
    sizes = tuple(leaf_size([view.nodes[each] for each in stacks[key]]) for key in keys)
    depth: list[float] = []
    for key, size in zip(keys, sizes, strict=True):
        above = max((depth[place[source]] for source in sources[key]), default=0.0)
        depth.append(above + size.height + GAP)
    last = list(range(len(keys)))
    for source, target in edges:
        one, other = place[source], place[target]
        if depth[other] - sizes[other].height - GAP - depth[one] <= reach:
            last[one] = max(last[one], other)
    units = tuple(tuple(stacks[key]) for key in keys)
    where = {each: at for at, unit in enumerate(units) for each in unit}
    costs = _costs([view.nodes[key] for key in keys], last)
    return Order(units, where, sizes, tuple(depth), tuple(costs))


def _behind_sources(ends: Iterable[str], sources: Mapping[str, Sequence[str]]) -> list[str]:
    """Return all that leads to some ends, each behind its sources, which come one by one."""
    found: dict[str, None] = {}
    for end in ends:
        waiting = [(end, iter(sources[end]))]
        while waiting:
            key, rest = waiting[-1]
            before = next((each for each in rest if each not in found), None)
            if before is not None:
                waiting.append((before, iter(sources[before])))
            else:
                found[key] = None
                waiting.pop()
    return list(found)


def _costs(nodes: Sequence[ViewNode], last: Sequence[int]) -> list[float]:
    """Return what it costs to end a page before each node; ``last`` is its last reader near it."""
    done = [0] * len(nodes)  # how many tensors are read here for the last time
    for at, reader in enumerate(last):
        done[reader] += reader > at
    costs, kept = [0.0], 0
    for at in range(1, len(nodes)):
        kept += (last[at - 1] > at - 1) - done[at - 1]
        cost = float(kept)
        for group, split in SPLIT.items():
            one, other = (getattr(node, group) for node in (nodes[at - 1], nodes[at]))
            cost += split * (one is not None and one == other)
        costs.append(cost)
    return costs


def together(keys: Iterable[str], edges: Iterable[ViewEdge]) -> dict[str, str]:
    """Return for each node one that stands for all that edges join to it."""
    found = {key: key for key in keys}

    def root(key: str) -> str:
        while found[key] != key:
            found[key] = found[found[key]]
            key = found[key]
        return key

    for edge in edges:
        found[root(edge.target)] = root(edge.source)
    return {key: root(key) for key in found}
