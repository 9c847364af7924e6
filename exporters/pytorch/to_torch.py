"""to_torch: the module of a network with weights in it: its own, seeded ones, or none yet."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from archgraph.errors import ExportError
from archgraph.graph import ArchGraph
from archgraph.limits import RANDOM
from archgraph.stored_tensors import tied

from .checkpoint import load_state
from .initialise import initialise
from .module import GraphModule, without_memory

__all__ = ["Seed", "filled", "to_torch"]

Seed = int | Literal["auto"] | None
"""Where weights come from: a seed, "auto" for the network's own where it has some, or nowhere."""


def to_torch(net: ArchGraph, *, seed: Seed = "auto") -> GraphModule:
    """Return the network as an ``nn.Module`` in eval mode.

    A network that was read from a module or a file has that one's weights, copied; any other is
    initialised from seed 0. A number is a seed for either: the same seed gives the same bits and
    leaves torch's own generator alone. ``seed=None`` puts the module on the meta device, without
    memory: for a checkpoint that is loaded with ``load_weights`` or
    ``load_state_dict(…, assign=True)``.

    Raises ExportError for a graph with operators that PyTorch does not have, and with a seed for
    one that stores numbers which are neither learned nor in the graph; CheckpointError where the
    graph was changed so that its own weights do not fit any more.
    """
    return filled(net, seed, copied=True)


def filled(net: ArchGraph, seed: Seed, *, copied: bool = False) -> GraphModule:
    """Return the module; unless ``copied`` its own weights lie where they are."""
    module = without_memory(net)
    if seed == "auto" and net.weights is not None:
        load_state(module, _own_state(net, module, copied), origin=net.weights.origin)
    elif seed is not None:
        count = sum(each.numel() for each in (*module.parameters(), *module.buffers()))
        if count > RANDOM:
            raise ExportError(
                f"'{net.name}' stores {count:,} numbers, but at most {RANDOM:,} are made up; "
                "give it weights."
            )
        module = module.to_empty(device="cpu")
        initialise(module, net, 0 if seed == "auto" else seed)
    return module.eval()


def _own_state(net: ArchGraph, module: GraphModule, copied: bool) -> dict[str, Tensor]:
    """Return what a network's weights hold of a module's state, on the CPU."""
    assert net.weights is not None
    found, stored = {}, net.tensors
    read = {tied(net, key) for name in net for key in net.keys_of(name).values()}
    for key, empty in module.state_dict().items():
        there = key if key in net.weights else stored[key].alias if key in stored else None
        if there is not None and there in net.weights:
            tensor = _tensor(net.weights[there]).to("cpu", copy=copied)
            # What recognition reads as a layer's own row has its shape, and the elements as before.
            found[key] = tensor if there == key else tensor.reshape(stored[key].shape)
        elif tied(net, key) not in read:  # a file leaves out what no operator reads
            found[key] = torch.zeros(empty.shape, dtype=empty.dtype)
    return found


def _tensor(numbers: Any) -> Tensor:
    if isinstance(numbers, Tensor):
        return numbers.detach()
    return torch.from_numpy(numbers if numbers.flags.writeable else numbers.copy())
