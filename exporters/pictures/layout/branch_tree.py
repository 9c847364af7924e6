"""A view as a tree of chains and parallel branches between the nodes that all data passes.

Between two nodes that every path passes, the branches are the parts that hang together without
them. What is no such pattern (a dense block, say) is a ``Tangle``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import networkx as nx

from ..view import View, ViewEdge

__all__ = ["Chain", "Exit", "Leaf", "Parallel", "Tangle", "build_tree", "first_of", "last_of"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One node, with those that are drawn touching it."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tangle:
    """Nodes that are neither a chain nor parallel branches."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """Branches side by side between one node and the next, and edges that skip them all."""

    branches: tuple[Chain, ...]
    skips: tuple[ViewEdge, ...] = ()


@dataclass(frozen=True, slots=True)
class Exit:
    """A branch that leaves the main path and never comes back, such as an auxiliary head."""

    source: str
    chain: Chain


@dataclass(frozen=True, slots=True)
class Chain:
    """Parts one behind the other."""

    items: tuple[Leaf | Parallel | Tangle, ...]
    exits: dict[int, tuple[Exit, ...]] = field(default_factory=dict)
    """Branches that leave at the item with this index."""


def first_of(chain: Chain) -> str:
    """Return the first node of a chain, or of the first of the branches that it begins with."""
    item = chain.items[0]
    return first_of(item.branches[0]) if isinstance(item, Parallel) else item.ids[0]


def last_of(chain: Chain) -> str:
    """Return the last node of a chain, which is never one of several branches."""
    item = chain.items[-1]
    assert not isinstance(item, Parallel)
    return item.ids[-1]


_ROOT = "\0root"

DEEP = 12
"""How deep branches nest that a reader follows; what lies deeper is a tangle."""


def build_tree(view: View) -> Chain:
    """Return the tree of a whole view, in time in proportion to it where branches nest little."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(view.nodes)
    graph.add_edges_from((edge.source, edge.target) for edge in view.edges)
    found = _Tree(view)
    main = nx.ancestors(graph, view.output) | {view.output}
    aside = set(graph) - main
    core = graph.subgraph(main).copy()
    core.add_edges_from(
        (_ROOT, name) for name in view.nodes if name in main and not graph.pred[name]
    )
    chain = found.chain(core, _ROOT, view.output)
    if not aside:
        return chain
    index = {name: i for i, item in enumerate(chain.items) for name in _names(item)}
    exits: dict[int, list[Exit]] = {}
    parts = [found.ordered(part) for part in nx.weakly_connected_components(graph.subgraph(aside))]
    for part in sorted(parts, key=lambda names: found.order[names[0]]):
        inside = set(part)
        sources = [u for n in part for u in graph.pred[n] if u not in inside]
        if not sources:  # something that hangs on nothing else
            return Chain((Tangle(tuple(view.nodes)),))
        inner = graph.subgraph(inside).copy()
        starts = [n for n in part if not inner.pred[n]]
        ends = [n for n in part if not inner.succ[n]]
        if len(starts) == 1 and len(ends) == 1:
            inner.add_edge(_ROOT, starts[0])
            branch = found.chain(inner, _ROOT, ends[0])
        else:
            branch = Chain((Tangle(tuple(part)),))
        exits.setdefault(index[sources[0]], []).append(Exit(sources[0], branch))
    return Chain(chain.items, {i: tuple(each) for i, each in exits.items()})


def _names(item: Leaf | Parallel | Tangle) -> Iterator[str]:
    if isinstance(item, Parallel):
        for branch in item.branches:
            for part in branch.items:
                yield from _names(part)
    else:
        yield from item.ids


class _Tree:
    """Finds chains and branches in one view."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.order = {name: index for index, name in enumerate(view.nodes)}
        self.edges = {(edge.source, edge.target): edge for edge in view.edges}
        self.place = {pair: index for index, pair in enumerate(self.edges)}

    def ordered(self, names: Iterable[str]) -> list[str]:
        return sorted(names, key=self.order.__getitem__)

    def chain(self, graph: nx.DiGraph[str], root: str, end: str, depth: int = 0) -> Chain:
        """Return the chain from ``root``, which is left out, to ``end``.

        ``depth`` is in how many others it lies.
        """
        above = nx.immediate_dominators(graph, root)
        waists = [end]
        while waists[-1] != root:
            waists.append(above[waists[-1]])
        waists.reverse()
        between = _between(above, waists)
        items: list[Leaf | Parallel | list[str]] = []  # a Parallel is always followed by a Leaf
        for upper, lower in pairwise(waists):
            if upper in between:
                found = self.parallel(graph, upper, lower, between[upper], depth + 1)
                if found is None:
                    tangle = _taken_back(items)
                    tangle += [*between[upper], lower]
                    items.append(tangle)
                    continue
                items.append(found)
            elif self.view.nodes[lower].attached and items and isinstance(last := items[-1], Leaf):
                items[-1] = Leaf((*last.ids, lower))
                continue
            items.append(Leaf((lower,)))
        return Chain(tuple(self.tangle(each) if isinstance(each, list) else each for each in items))

    def tangle(self, names: list[str]) -> Tangle:
        """Return a tangle; its last node, which all others lead to, stays the last."""
        return Tangle((*self.ordered(names[:-1]), names[-1]))

    def parallel(
        self, graph: nx.DiGraph[str], upper: str, lower: str, between: list[str], depth: int
    ) -> Parallel | None:
        """Return the branches between two nodes, or None when they are no simple pattern."""
        if depth > DEEP:
            return None
        inner = graph.subgraph(between)
        branches: list[tuple[int, Chain]] = []
        for part in nx.weakly_connected_components(inner):
            starts = [n for n in part if upper in graph.pred[n]]
            ends = [n for n in part if lower in graph.succ[n]]
            if len(ends) != 1 or (len(starts) != 1 and upper != _ROOT):
                return None
            sub: nx.DiGraph[str] = nx.DiGraph()
            sub.add_nodes_from([upper, *self.ordered(part)])
            sub.add_edges_from((n, m) for m in sub for n in graph.pred[m] if n in sub)
            place = self.place[ends[0], lower]
            branches.append((place, self.chain(sub, upper, ends[0], depth)))
        branches.sort(key=lambda pair: pair[0])
        skip = self.edges.get((upper, lower))
        return Parallel(tuple(branch for _, branch in branches), (skip,) if skip else ())


def _between(above: Mapping[str, str | None], waists: list[str]) -> dict[str, list[str]]:
    """Return the nodes behind each waist that are no waists, by the waist that leads to them."""
    owner: dict[str, str] = {waist: waist for waist in waists}
    found: dict[str, list[str]] = {}
    for name in above:
        path = []
        at = name
        while at not in owner:
            path.append(at)
            at = above[at] or waists[0]
        for each in path:
            owner[each] = owner[at]
            found.setdefault(owner[at], []).append(each)
    return found


def _taken_back(items: list[Leaf | Parallel | list[str]]) -> list[str]:
    """Remove from a chain what a tangle behind it begins with, and return its nodes.

    That is the last item; where branches meet there, they go with it, and what they come from.
    """
    if items and isinstance(items[-1], list):
        return items.pop()  # type: ignore[return-value]
    taken: list[str] = []
    while items:
        last = items.pop()
        if isinstance(last, list):
            return [*last, *taken]
        taken = [*_names(last), *taken]
        if not items or not isinstance(items[-1], Parallel):
            break
        taken = [*_names(items.pop()), *taken]  # type: ignore[arg-type]
    return taken
