"""What is told of each node of a file: what it was read as, and what that costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archgraph.annotation.model_file import FileNode
from archgraph.graph import ArchGraph
from archgraph.metrics import STATIC_METRICS, Metric, Number
from archgraph.tables.operator_text import operator_text
from archgraph.tensors import Shape, extent_text
from archgraph.units import UNKNOWN

__all__ = ["KEYS", "MODEL_KEYS", "Standing", "costs_by_node", "facts_of", "model_facts", "standing"]

PREFIX = "archgraph."

METRICS = tuple(name for name in STATIC_METRICS if name != "lecture")

KEYS = frozenset(
    PREFIX + word for word in ("name", "module", "operator", "output", "costs_at", *METRICS)
)
"""The keys that are written into nodes; what is there under these is replaced."""

MODEL_KEYS = frozenset((*(f"{PREFIX}total_{metric}" for metric in METRICS), f"{PREFIX}convention"))
"""The keys that are written into the model."""

WORKING = frozenset(
    (
        *("Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "DeformConv", "FusedConv"),
        *("Gemm", "MatMul", "MatMulInteger", "QLinearMatMul", "FusedMatMul", "Einsum"),
        *("LSTM", "GRU", "RNN", "Attention", "MultiHeadAttention", "GroupQueryAttention"),
    )
)
"""Nodes that do the arithmetic where several are read as one operator."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A node of the file in the graph: the operator that it was read as, or a part of.

    ``main`` is the place of the node that has the operator's costs: its own, or another's.
    """

    name: str
    main: int


def standing(net: ArchGraph, nodes: Sequence[FileNode]) -> dict[int, Standing]:
    """Return for each node of the file, by its place, what it stands for in the graph.

    Those that the graph does not name (constants, what is computed once) are not in it, nor are
    those whose name several share, unless all of them are named.
    """
    places: dict[str, list[int]] = {}
    for place, node in enumerate(nodes):
        places.setdefault(node.called, []).append(place)
    told = {name: net.nodes[name].get("origin") or () for name in net}
    wanted = Counter(each for origin in told.values() for each in origin)
    taken: Counter[str] = Counter()
    found: dict[int, Standing] = {}
    for name, origin in told.items():
        members = []
        for each in origin:
            if len(places.get(each, ())) == wanted[each]:
                members.append(places[each][taken[each]])
                taken[each] += 1
        _join(found, name, members, nodes)
    noted: dict[str, list[int]] = {}
    for place, node in enumerate(nodes):
        if place not in found and node.noted in net:
            noted.setdefault(node.noted, []).append(place)
    for name, members in noted.items():
        _join(found, name, members, nodes)
    return found


def _join(
    found: dict[int, Standing], name: str, members: Sequence[int], nodes: Sequence[FileNode]
) -> None:
    free = [place for place in members if place not in found]
    if free:
        working = [place for place in free if nodes[place].op_type in WORKING]
        main = max(working or free)
        found.update((place, Standing(name, main)) for place in free)


def facts_of(net: ArchGraph, stands: Standing, place: int, main: FileNode) -> dict[str, str]:
    """Return what is written into a node; the costs where it is the one that has them."""
    name = stands.name
    data = net.nodes[name]
    found = {"name": name, "module": name.rpartition(".")[0], "operator": operator_text(data["op"])}
    if place == stands.main:
        found["output"] = _shape(data["shape"])
        found |= {metric: _number(data[metric]) for metric in METRICS}
    else:
        found["costs_at"] = main.called
    return {PREFIX + key: value for key, value in found.items() if value}


def model_facts(net: ArchGraph) -> dict[str, str]:
    """Return what is written into the model."""
    of = "one image" if net.batched else "the batch of its inputs"
    return {
        **{f"{PREFIX}total_{metric}": _number(net.total(metric)) for metric in METRICS},
        f"{PREFIX}convention": f"{of}; macs: multiply-adds of conv, linear and matmul; "
        "flops: 2 x macs + bias + element-wise work",
    }


def _shape(shape: Shape | None) -> str:
    if shape is None:
        return UNKNOWN
    return "x".join(map(extent_text, shape)) or "scalar"


def _number(value: Number | None) -> str:
    return UNKNOWN if value is None else str(value)


def costs_by_node(
    net: ArchGraph, metric: Metric, stands: Mapping[int, Standing]
) -> Iterable[tuple[int, Number | None]]:
    """Yield the number of each node of the file that has an operator's costs."""
    for place, each in stands.items():
        if each.main == place:
            yield place, net.value(each.name, metric)
