"""A network as a file without names has it: n0, n1, …, no groups and no roles."""

from __future__ import annotations

import networkx as nx

import archgraph as ag

__all__ = ["nameless", "new_names"]


def nameless(net: ag.ArchGraph) -> ag.ArchGraph:
    """Return a network of which nobody says what its parts are."""
    names = new_names(net)
    found = nx.relabel_nodes(net, names)
    found.graph["outputs"] = [names[name] for name in net.outputs]
    found.graph["groups"] = {}
    for _, data in found.nodes(data=True):
        for key in ("stage", "block", "label", "role"):
            data.pop(key, None)
    return found


def new_names(net: ag.ArchGraph) -> dict[str, str]:
    """Return what each operator is called there."""
    return {name: f"n{index}" for index, name in enumerate(net.topological())}
