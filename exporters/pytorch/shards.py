"""A network's weights cut for two devices, and put together again."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from archgraph.errors import CheckpointError
from archgraph.graph import ArchGraph
from archgraph.ops import ConvTranspose2d, Linear, Op

__all__ = ["join_state", "shard_state"]


def shard_state(net: ArchGraph, whole: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the state dict of a network whose nodes hold parts of whole layers.

    A node with ``part_of = {"layer": L, "index": i, "of": n}`` gets the i-th of n equal slices,
    along the outputs, of L's tensors: ``shard_state(ag.load("alexnet_two_gpu"), grouped_state)``.
    What is no row of numbers, such as a counter, every part has whole.
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
            if part and tensor.ndim:
                axis = _along_outputs(net.op(name), role)
                if tensor.shape[axis] % part["of"]:
                    raise CheckpointError(f"'{source}' does not divide into {part['of']} parts.")
                tensor = tensor.chunk(part["of"], axis)[part["index"]]
            found[key] = tensor
    return found


def join_state(net: ArchGraph, parts: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the state dict of the whole layers: the inverse of ``shard_state``."""
    pieces: dict[str, dict[int, Tensor]] = {}
    axes: dict[str, int] = {}
    for name in net:
        part = net.nodes[name].get("part_of")
        for role, key in net.keys_of(name).items():
            if key not in parts:
                raise CheckpointError(f"the state dict has no '{key}'.")
            whole, index = (f"{part['layer']}.{role}", part["index"]) if part else (key, 0)
            pieces.setdefault(whole, {})[index] = parts[key]
            axes[whole] = _along_outputs(net.op(name), role)
    return {
        key: torch.cat([found[index] for index in sorted(found)], axes[key])
        if len(found) > 1 and found[0].ndim
        else found[0]
        for key, found in pieces.items()
    }


def _along_outputs(op: Op, role: str) -> int:
    """Return the axis of a weight that counts the channels that its layer gives."""
    second = (isinstance(op, ConvTranspose2d) and op.groups == 1) or (
        isinstance(op, Linear) and op.transposed
    )
    return int(second and role == "weight")
