"""Groups of operators in the order in which data goes through them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import networkx as nx

from archgraph.wiring import WiredGraph

__all__ = ["group_flow", "in_flow"]


def group_flow(net: WiredGraph, groups: Mapping[str, Collection[str]]) -> nx.DiGraph[str]:
    """Return the groups as a graph: an edge from each to those that read of it.

    Operators that are in no group have no part in it.
    """
    owner = {name: key for key, names in groups.items() for name in names}
    flow: nx.DiGraph[str] = nx.DiGraph()
    flow.add_nodes_from(groups)
    flow.add_edges_from(
        (owner[a], owner[b])
        for a, b in net.edges
        if a in owner and b in owner and owner[a] != owner[b]
    )
    return flow


def in_flow(net: WiredGraph, groups: Mapping[str, Collection[str]]) -> list[str]:
    """Return the groups, each after all that it reads, else as they are given.

    The first operator of a group says little: a table of positions inside a late block reads
    nothing, so that it may come before the stem. ``groups`` leave a DAG when contracted, as a cut's
    do; raises networkx.NetworkXUnfeasible for others.
    """
    first = {key: number for number, key in enumerate(groups)}
    flow = group_flow(net, groups)
    return list(nx.lexicographical_topological_sort(flow, key=first.__getitem__))
