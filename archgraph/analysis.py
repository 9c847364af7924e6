"""What a graph says about its network: receptive field and depth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import networkx as nx

from archgraph.graph import ArchGraph
from archgraph.metrics import Metric, Number
from archgraph.ops import Input, Op
from archgraph.ops.base import Reach

__all__ = [
    "METRICS",
    "ReceptiveField",
    "depth",
    "longest_path",
    "receptive_field",
    "receptive_fields",
    "seen",
]


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """How a unit sees the input along one axis: it reads ``size`` pixels and steps by ``stride``.

    ``size`` is None where a unit sees everything, such as behind a flatten, and 0 where it sees
    nothing of the input, such as a class token.
    """

    size: int | None
    stride: int


def receptive_field(net: ArchGraph, name: str, axis: int = 0) -> ReceptiveField | None:
    """Return the receptive field of one unit of ``name`` on the input, in pixels.

    r_out = r_in + (k − 1) · D · j_in and j_out = j_in · s (Araujo, Norris and Sim, "Computing
    receptive fields of convolutional neural networks", Distill 2019, equations 1 and 2); where
    paths join, the largest counts. ``axis`` is 0 for height, 1 for width. An operator that reads
    whole maps (global and adaptive pooling, flatten, attention, a softmax over places) makes
    ``size`` None. Returns None where an operator on the way does not say what it sees.
    """
    net.op(name)
    return receptive_fields(net, axis)[name]


def receptive_fields(net: ArchGraph, axis: int = 0) -> dict[str, ReceptiveField | None]:
    """Return the receptive field of every node along an axis, as ``receptive_field`` tells it."""
    found: dict[str, ReceptiveField | None] = {}
    for node in net.topological():
        op, sources = net.op(node), net.inputs_of(node)
        if not sources:
            found[node] = ReceptiveField(1 if isinstance(op, Input) else 0, 1)
            continue
        shape = net.tensor(net.reads(node)[0], node).shape
        reach = None if shape is None else op.reach(shape, axis)
        found[node] = seen(reach, [found[source] for source in sources])
    return found


def seen(reach: Reach | None, before: Sequence[ReceptiveField | None]) -> ReceptiveField | None:
    """Return what a unit sees that reaches so far over what it reads; None where that is unknown.

    ``before`` are the receptive fields of what it reads; the formula is in ``receptive_field``.
    """
    known = [field for field in before if field is not None]
    if reach is not None and reach.size is None:
        return ReceptiveField(None, known[0].stride if known else 1)
    if reach is None or len(known) < len(before):
        return None
    step = known[0].stride
    stride, rest = divmod(step * reach.stride, reach.parts)
    sizes = [field.size for field in known if field.size is not None]
    if len(sizes) < len(known) or rest:  # a step of less than a pixel
        return ReceptiveField(None, max(stride, 1))
    return ReceptiveField(max(sizes) + ((reach.size or 1) - 1) * step, stride)


def longest_path(net: ArchGraph, counts: Callable[[Op], bool]) -> list[str]:
    """Return the nodes that count on a path with the most of them, from input to output.

    Only nodes that run at inference are walked.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name in net.topological():
        if not net.nodes[name].get("training_only"):
            weight = int(counts(net.op(name)))
            before = net.inputs_of(name) or [""]  # no network has a node of this name
            graph.add_weighted_edges_from((source, name, weight) for source in before)
    return [name for name in nx.dag_longest_path(graph) if name and counts(net.op(name))]


def depth(net: ArchGraph) -> int:
    """Return the depth as papers count it: layers with weights on the longest path.

    These are convolutions and fully connected layers; normalisation does not count.
    """
    return len(longest_path(net, lambda op: op.weighted))


def _field_sizes(net: ArchGraph) -> dict[str, Number | None]:
    fields = receptive_fields(net)
    return {name: None if field is None else field.size for name, field in fields.items()}


METRICS = (
    Metric(
        "receptive_field",
        "Receptive field",
        "px",
        reduce="max",
        description="pixels of the input that a unit sees, in height; unknown where it sees all",
        compute=_field_sizes,
    ),
)
"""What the entry point ``archgraph.metrics`` offers."""
