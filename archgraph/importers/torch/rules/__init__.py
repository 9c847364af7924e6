"""How calls become operators: one rule for each function of ATen (private)."""

from archgraph.importers.torch.rules import (
    activations,
    arithmetic,
    convolutions,
    filling,
    indexing,
    layers,
    ordering,
    patches,
    products,
    reductions,
    resampling,
    shaping,
)

__all__ = [
    "activations",
    "arithmetic",
    "convolutions",
    "filling",
    "indexing",
    "layers",
    "ordering",
    "patches",
    "products",
    "reductions",
    "resampling",
    "shaping",
]
