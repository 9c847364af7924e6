"""RMS norm written out: x/√(mean(x²) + eps)."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import RMSNorm
from archgraph.recognition.layer_norm import over_channels, with_weight
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.over_root import last_axes, over_root
from archgraph.recognition.matching.steps_back import shape_of

__all__ = ["rms_norm"]


def rms_norm(net: ArchGraph, name: str) -> Match | None:
    """Zhang and Sennrich, 2019, equation 4, without the gain, which follows as a row."""
    found = over_root(net, name)
    if found is None or found.root.centred or found.value != found.root.squared:
        return None
    root, x = found.root, found.value
    nodes, shape = found.nodes - {name}, shape_of(net, x)
    if len(shape) > 3 and root.dims == (1,) and type(shape[1]) is int:
        norm = RMSNorm((shape[1],), root.eps, elementwise_affine=False)
        return over_channels(net, name, nodes, norm, x, found.weight)
    extents = last_axes(net.tensor(x), root.dims)
    if extents is None:
        return None
    made = RMSNorm(extents, root.eps, elementwise_affine=False)
    return with_weight(net, Match(name, nodes, made, (x,)), found.weight, extents)
