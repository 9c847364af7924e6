"""RMS norm written out: x/√(mean(x²) + eps)."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import RMSNorm
from archgraph.recognition.layer_norm import over_channels
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.over_root import last_axes, over_root
from archgraph.recognition.matching.steps_back import shape_of
from archgraph.tensors import Key

__all__ = ["rms_norm"]


def rms_norm(net: ArchGraph, name: str) -> Match | None:
    """Zhang and Sennrich, 2019, equation 4, without the gain, which follows as a row."""
    root = over_root(net, name)
    if root is None or root.value != root.squared or type(root.value) is Key:
        return None
    nodes, shape = root.nodes - {name}, shape_of(net, root.value)
    if len(shape) > 3 and root.dims == (1,) and type(shape[1]) is int:
        norm = RMSNorm((shape[1],), root.eps, elementwise_affine=False)
        return over_channels(name, nodes, norm, root.value, len(shape))
    extents = last_axes(net.tensor(root.value), root.dims)
    if extents is None:
        return None
    made = RMSNorm(extents, root.eps, elementwise_affine=False)
    return Match(name, nodes, made, (root.value,))
