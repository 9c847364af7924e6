"""What a graph says about its network: receptive field and depth."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import networkx as nx

from archgraph.graph import ArchGraph
from archgraph.metrics import Metric, Number
from archgraph.ops import Op
from archgraph.seeing import sights
from archgraph.sights import ReceptiveField

__all__ = [
    "METRICS",
    "ReceptiveField",
    "depth",
    "longest_path",
    "receptive_field",
    "receptive_fields",
]


def receptive_field(net: ArchGraph, name: str, axis: int = 0) -> ReceptiveField | None:
    """Return the receptive field of one unit of ``name`` on the input, in pixels.

    r_out = r_in + (k − 1) · D · j_in and j_out = j_in · s (Araujo, Norris and Sim, "Computing
    receptive fields of convolutional neural networks", Distill 2019, equations 1 and 2), start_out
    = start_in − p · j_in; where paths join, from the smallest first pixel to the greatest last.
    ``axis`` is 0 for height, 1 for width; of maps with one axis 0 is that, of those with three
    0 is the depth. An operator that reads whole maps (global pooling, a fully connected layer,
    attention, a softmax over places) makes ``size`` None. Returns None where an operator on the
    way does not say what it sees, and where no input has this axis.
    """
    net.op(name)
    sight = sights(net, axis)[name]
    return None if sight is None else sight.field


def receptive_fields(net: ArchGraph, axis: int = 0) -> dict[str, ReceptiveField | None]:
    """Return the receptive field of every node along an axis, as ``receptive_field`` tells it."""
    found = sights(net, axis)
    return {name: None if sight is None else sight.field for name, sight in found.items()}


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


def _of_field(
    what: Callable[[ReceptiveField], Number | None], axis: int = 0
) -> Callable[[ArchGraph], dict[str, Number | None]]:
    """Return what computes one number of every node's receptive field."""

    def computed(net: ArchGraph) -> dict[str, Number | None]:
        fields = receptive_fields(net, axis)
        return {name: None if field is None else what(field) for name, field in fields.items()}

    return computed


def _stride(field: ReceptiveField) -> Number | None:
    stride = field.stride
    return float(stride) if isinstance(stride, Fraction) else stride


METRICS = (
    Metric(
        "receptive_field",
        "Receptive field",
        "px",
        reduce="max",
        description="pixels of the input that a unit sees, in height; unknown where it sees all",
        compute=_of_field(lambda field: field.size),
    ),
    Metric(
        "receptive_field_width",
        "Field width",
        "px",
        reduce="max",
        description="pixels of the input that a unit sees, in width; unknown where it sees all",
        compute=_of_field(lambda field: field.size, 1),
    ),
    Metric(
        "receptive_field_stride",
        "Field stride",
        "px",
        reduce="max",
        description="pixels of the input from a unit's field to the next one's, in height",
        compute=_of_field(_stride),
    ),
    Metric(
        "receptive_field_start",
        "Field start",
        "px",
        reduce="max",
        description="where the first unit's field starts, in height; below 0 in the padding",
        compute=_of_field(lambda field: field.start),
    ),
    Metric(
        "receptive_field_centre",
        "Field centre",
        "px",
        reduce="max",
        description="the middle of the first unit's field, in height; 0 is the first pixel's",
        compute=_of_field(lambda field: field.centre),
    ),
)
"""What the entry point ``archgraph.metrics`` offers."""
