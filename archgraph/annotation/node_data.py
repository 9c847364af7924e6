"""Costs as node data for Model Explorer, which colours a file's nodes by them.

The format is that of its ``node_data_builder``: by graph, a value for each node's id. The ids are
those that its adapter for ONNX gives: names, made unique; the graph's id is its name.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from archgraph.annotation.model_file import FileNode
from archgraph.metrics import Number
from archgraph.units import UNKNOWN

__all__ = ["node_data"]

GRADIENT = ((0.0, "#ffffff"), (0.5, "#fdae61"), (1.0, "#d7191c"))
"""From white, the least, over orange to red, the most."""


def node_data(
    graph: str, title: str, nodes: Sequence[FileNode], costs: Mapping[int, Number | None]
) -> str:
    """Return the JSON text: each node's number by its id, "unknown" where that cannot be told."""
    ids = _ids(nodes)
    found = {
        graph: {
            "name": title,
            "results": {
                ids[place]: {"value": UNKNOWN if value is None else value}
                for place, value in sorted(costs.items())
            },
            "gradient": [{"stop": stop, "bgColor": colour} for stop, colour in GRADIENT],
        }
    }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _ids(nodes: Sequence[FileNode]) -> list[str]:
    """Return the id of each node: its name, with a number where that is taken or missing."""
    used: set[str] = set()
    counts: Counter[str] = Counter()
    found = []
    for node in nodes:
        wanted = node.name or "node"
        name = wanted
        while name in used:
            counts[wanted] += 1
            name = f"{wanted}_{counts[wanted]}"
        used.add(name)
        found.append(name)
    return found
