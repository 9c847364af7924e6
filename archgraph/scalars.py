"""An ArchGraph as a DiGraph of scalars, for writers such as GraphML that take nothing else."""

from __future__ import annotations

import json
from typing import Any

import networkx as nx

from archgraph.tensors import extent_text
from archgraph.wiring import WiredGraph

__all__ = ["plain"]


_OWN = ("op", "shape", "outputs", "growth")
"""Attributes that have a form of their own here, or none."""


def plain(net: WiredGraph) -> nx.DiGraph[str]:
    """Return a copy whose attributes are strings, numbers and booleans.

    ``op`` becomes the operator's name, its fields become attributes ``op.<field>``, a shape
    ``64x56x56``, uses ``0:0,0:1`` (output and position); None is left out, anything else is
    written as JSON.
    """
    copy: nx.DiGraph[str] = nx.DiGraph()
    copy.graph.update(_scalars(net.graph))
    for name, data in net.nodes(data=True):
        op = data["op"]
        fields = {f"op.{key}": value for key, value in op.settings().items()}
        rest = {key: value for key, value in data.items() if key not in _OWN}
        shape = "?" if data["shape"] is None else "x".join(map(extent_text, data["shape"]))
        copy.add_node(name, op=op.kind, shape=shape, **_scalars(fields | rest))
    for source, target, data in net.edges(data=True):
        uses = ",".join(f"{output}:{position}" for output, position in data["uses"])
        rest = {key: value for key, value in data.items() if key != "uses"}
        copy.add_edge(source, target, uses=uses, **_scalars(rest))
    return copy


def _scalars(attributes: dict[str, Any]) -> dict[str, str | int | float | bool]:
    return {
        key: value
        if isinstance(value, (str, int, float, bool))
        else json.dumps(value, ensure_ascii=False)
        for key, value in attributes.items()
        if value is not None
    }
