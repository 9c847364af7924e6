"""A view as a tree of chains and parallel branches between the nodes that all data passes.

Between two nodes that every path passes, the branches are the parts that hang together without
them. What is no such pattern (a dense block, say) is a ``Tangle``, which Graphviz lays out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import networkx as nx

from ..view import View, ViewEdge

__all__ = ["Chain", "Exit", "Leaf", "Parallel", "Tangle", "build_tree"]


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


_ROOT, _END = "\0root", "\0end"


def build_tree(view: View) -> Chain:
    """Return the tree of a whole view."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(view.nodes)
    graph.add_edges_from((edge.source, edge.target) for edge in view.edges)
    edges = {(edge.source, edge.target): edge for edge in view.edges}
    main = nx.ancestors(graph, view.output) | {view.output}
    sinks = [n for n in graph if n not in main and not graph.succ[n]]
    aside = set(graph) - main
    entry = [n for n in graph if n in main and not graph.pred[n]]
    core = graph.subgraph(main).copy()
    core.add_edges_from((_ROOT, name) for name in entry)
    chain = _chain(core, _ROOT, view.output, edges, view)
    if not sinks:
        return chain
    exits: dict[int, list[Exit]] = {}
    order = {name: index for index, name in enumerate(view.nodes)}
    parts = list(nx.weakly_connected_components(graph.subgraph(aside)))
    if any(not any(u not in part for n in part for u in graph.pred[n]) for part in parts):
        return Chain((Tangle(tuple(view.nodes)),))  # something that hangs on nothing else
    for part in sorted(parts, key=lambda names: min(order[name] for name in names)):
        ordered = [n for n in view.nodes if n in part]
        sources = [u for n in ordered for u in graph.pred[n] if u not in part]
        inner = graph.subgraph(part).copy()
        starts = [n for n in ordered if not inner.pred[n]]
        ends = [n for n in ordered if not inner.succ[n]]
        if len(starts) == 1 and len(ends) == 1:
            inner.add_edge(_ROOT, starts[0])
            branch = _chain(inner, _ROOT, ends[0], edges, view)
        else:
            branch = Chain((Tangle(tuple(ordered)),))
        index = _index(chain, sources[0])
        exits.setdefault(index, []).append(Exit(sources[0], branch))
    return Chain(chain.items, {index: tuple(found) for index, found in exits.items()})


def _index(chain: Chain, name: str) -> int:
    """Return which item of a chain holds a node."""
    for index, item in enumerate(chain.items):
        if name in _names(item):
            return index
    return len(chain.items) - 1


def _names(item: Leaf | Parallel | Tangle) -> set[str]:
    if isinstance(item, Parallel):
        return {n for branch in item.branches for part in branch.items for n in _names(part)}
    return set(item.ids)


def _chain(
    graph: nx.DiGraph[str], root: str, end: str, edges: dict[tuple[str, str], ViewEdge], view: View
) -> Chain:
    """Return the chain from ``root``, which is left out, to ``end``."""
    dominators = nx.immediate_dominators(graph, root)
    waists = [end]
    while waists[-1] != root:
        above = dominators.get(waists[-1])
        if above is None or above == waists[-1]:
            break
        waists.append(above)
    waists.reverse()
    items: list[Leaf | Parallel | Tangle] = []  # a Parallel is always followed by a Leaf
    for upper, lower in pairwise(waists):
        between = _between(graph, upper, lower)
        if between:
            found = _parallel(graph, upper, lower, between, edges, view)
            if found is None:
                inside = _taken_back(items) | between
                order = sorted(inside, key=list(view.nodes).index)
                items.append(Tangle((*order, lower)))
                continue
            items.append(found)
        elif view.nodes[lower].attached and items and isinstance(last := items[-1], Leaf):
            items[-1] = Leaf((*last.ids, lower))
            continue
        items.append(Leaf((lower,)))
    return Chain(tuple(items))


def _taken_back(items: list[Leaf | Parallel | Tangle]) -> set[str]:
    """Remove from a chain what a tangle behind it begins with, and return its nodes.

    That is the last item; where branches meet there, they go with it, and what they come from.
    """
    taken: set[str] = set()
    while items:
        taken |= _names(items.pop())
        if not items or not isinstance(items[-1], Parallel):
            break
        taken |= _names(items.pop())
    return taken


def _between(graph: nx.DiGraph[str], upper: str, lower: str) -> set[str]:
    below: set[str] = nx.descendants(graph, upper)
    return below & nx.ancestors(graph, lower) - {upper, lower}


def _parallel(
    graph: nx.DiGraph[str],
    upper: str,
    lower: str,
    between: set[str],
    edges: dict[tuple[str, str], ViewEdge],
    view: View,
) -> Parallel | None:
    """Return the branches between two nodes, or None when they are no simple pattern."""
    inner = graph.subgraph(between)
    parts = [set(part) for part in nx.weakly_connected_components(inner)]
    place = {s: index for index, (s, target) in enumerate(edges) if target == lower}
    branches: list[tuple[int, Chain]] = []
    for part in parts:
        starts = [n for n in part if upper in graph.pred[n]]
        ends = [n for n in part if lower in graph.succ[n]]
        if len(starts) == 1 and len(ends) == 1:
            sub = graph.subgraph(part | {upper}).copy()
            branch = _chain(sub, upper, ends[0], edges, view)
        elif len(ends) == 1 and upper == _ROOT:
            sub = graph.subgraph(part).copy()
            sub.add_edges_from((_ROOT, n) for n in part if not graph.pred[n] or n in starts)
            branch = _chain(sub, _ROOT, ends[0], edges, view)
        else:
            return None
        branches.append((min(place[n] for n in ends), branch))
    branches.sort(key=lambda pair: pair[0])
    skip = edges.get((upper, lower))
    return Parallel(tuple(branch for _, branch in branches), (skip,) if skip else ())
