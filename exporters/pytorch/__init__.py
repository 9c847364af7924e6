"""PyTorch modules that match a graph node for node (private)."""

from .checkpoint import load_state, load_weights, read_weights
from .module import GraphModule, inference, to_torch
from .placement import place
from .shards import join_state, shard_state

__all__ = [
    "GraphModule",
    "inference",
    "join_state",
    "load_state",
    "load_weights",
    "place",
    "read_weights",
    "shard_state",
    "to_torch",
]
