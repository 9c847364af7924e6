"""A network's weights cut for two devices, and put together again."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from archgraph.errors import CheckpointError
from archgraph.graph import ArchGraph

__all__ = ["join_state", "shard_state"]


def shard_state(net: ArchGraph, whole: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the state dict of a network whose nodes hold parts of whole layers.

    A node with ``part_of = {"layer": L, "index": i, "of": n}`` gets the i-th of n equal slices,
    along the outputs, of L's tensors: ``shard_state(ag.load("alexnet_two_gpu"), grouped_state)``.
    Raises CheckpointError when a layer is missing or does not divide.
    """
    found = {}
    for name in net:
        part = net.nodes[name].get("part_of")
        for role, key in net.keys_of(name).items():
            source = f"{part['layer']}.{role}" if part else key
            if source not in whole:
                raise CheckpointError(f"the state dict has no '{source}', which '{name}' needs.")
            tensor = whole[source]
            if part:
                if tensor.shape[0] % part["of"]:
                    raise CheckpointError(f"'{source}' does not divide into {part['of']} parts.")
                tensor = tensor.chunk(part["of"])[part["index"]]
            found[key] = tensor
    return found


def join_state(net: ArchGraph, parts: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the state dict of the whole layers: the inverse of ``shard_state``."""
    pieces: dict[str, dict[int, Tensor]] = {}
    for name in net:
        part = net.nodes[name].get("part_of")
        for role, key in net.keys_of(name).items():
            if key not in parts:
                raise CheckpointError(f"the state dict has no '{key}'.")
            whole, index = (f"{part['layer']}.{role}", part["index"]) if part else (key, 0)
            pieces.setdefault(whole, {})[index] = parts[key]
    return {
        key: torch.cat([found[index] for index in sorted(found)]) if len(found) > 1 else found[0]
        for key, found in pieces.items()
    }
