"""RMS norm written out: x/√(mean(x²) + eps)."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import RMSNorm
from archgraph.recognition.matching.match import Match
from archgraph.recognition.matching.over_root import last_axes, over_root
from archgraph.tensors import Key

__all__ = ["rms_norm"]


def rms_norm(net: ArchGraph, name: str) -> Match | None:
    """Zhang and Sennrich, 2019, equation 4, without the gain, which follows as a row."""
    root = over_root(net, name)
    if root is None or root.value != root.squared or type(root.value) is Key:
        return None
    extents = last_axes(net.tensor(root.value), root.dims)
    if extents is None:
        return None
    made = RMSNorm(extents, root.eps, elementwise_affine=False)
    return Match(name, root.nodes - {name}, made, (root.value,))
