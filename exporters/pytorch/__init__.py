"""PyTorch modules that match a graph node for node (private)."""

from .checkpoint import load_state, load_weights, read_weights
from .module import GraphModule, inference, running_order, without_memory
from .placement import place
from .shards import join_state, shard_state
from .to_torch import Seed, filled, to_torch

__all__ = [
    "GraphModule",
    "Seed",
    "filled",
    "inference",
    "join_state",
    "load_state",
    "load_weights",
    "place",
    "read_weights",
    "running_order",
    "shard_state",
    "to_torch",
    "without_memory",
]
