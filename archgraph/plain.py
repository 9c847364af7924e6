"""An ArchGraph as a DiGraph of scalars, for writers such as GraphML that take nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import networkx as nx

if TYPE_CHECKING:
    from archgraph.graph import ArchGraph

__all__ = ["plain"]


def plain(net: ArchGraph) -> nx.DiGraph[str]:
    """Return a copy whose attributes are strings, numbers and booleans.

    ``op`` becomes the operator's name, its fields become attributes ``op.<field>``, a shape
    ``64x56x56``, positions ``0,1``; None is left out, anything else is written as JSON.
    """
    copy: nx.DiGraph[str] = nx.DiGraph()
    copy.graph.update(_scalars(net.graph))
    for name, data in net.nodes(data=True):
        op = data["op"]
        fields = {f"op.{key}": value for key, value in op.settings().items()}
        rest = {key: value for key, value in data.items() if key not in ("op", "shape")}
        shape = "x".join(map(str, data["shape"]))
        copy.add_node(name, op=op.kind, shape=shape, **_scalars(fields | rest))
    for source, target, data in net.edges(data=True):
        positions = ",".join(map(str, data["positions"]))
        rest = {key: value for key, value in data.items() if key != "positions"}
        copy.add_edge(source, target, positions=positions, **_scalars(rest))
    return copy


def _scalars(attributes: dict[str, Any]) -> dict[str, str | int | float | bool]:
    return {
        key: value
        if isinstance(value, (str, int, float, bool))
        else json.dumps(value, ensure_ascii=False)
        for key, value in attributes.items()
        if value is not None
    }
