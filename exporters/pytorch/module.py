"""The module that runs a graph: one submodule per node, named as the node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from archgraph.errors import ExportError
from archgraph.graph import ArchGraph
from archgraph.ops import Input

from .initialise import initialise
from .layers import layer

__all__ = ["GraphModule", "Step", "to_torch"]


@dataclass(frozen=True, slots=True)
class Step:
    """One node in the order of execution; ``frees`` names the values that nobody reads later."""

    name: str
    inputs: tuple[str, ...]
    frees: tuple[str, ...]
    device: int | None


class GraphModule(nn.Module):
    """A graph as an ``nn.Module``; its state-dict keys are ``<node>.<parameter>``.

    ``forward`` takes one tensor per Input node, each with the batch axis first, and returns the
    graph's outputs: a tensor, or a tuple when there are several. Outputs that only train
    (auxiliary heads) are computed and returned in train mode only, behind the main one.
    """

    def __init__(self, net: ArchGraph) -> None:
        super().__init__()
        net.check()
        self.name = net.name
        self.sources = tuple(net.sources)
        self.placement: dict[int, torch.device] = {}
        for name in net:
            if not isinstance(net.op(name), Input):
                _attach(self, name, layer(net.op(name)))
        whole, bare = net, net.inference()
        self.train_steps, self.train_outputs = _plan(whole), tuple(whole.outputs)
        self.eval_steps, self.eval_outputs = _plan(bare), tuple(bare.outputs)

    def forward(self, *inputs: Tensor) -> Any:
        """Run the graph on tensors of shape (N, *shape of the Input node)."""
        if len(inputs) != len(self.sources):
            raise TypeError(f"{self.name} takes {len(self.sources)} inputs, but got {len(inputs)}")
        steps = self.train_steps if self.training else self.eval_steps
        outputs = self.train_outputs if self.training else self.eval_outputs
        values = dict(zip(self.sources, inputs, strict=True))
        for step in steps:
            taken = [values[source] for source in step.inputs]
            if step.device is not None and step.device in self.placement:
                taken = [value.to(self.placement[step.device]) for value in taken]
            values[step.name] = self.get_submodule(step.name)(*taken)
            for name in step.frees:
                del values[name]
        found = tuple(values[name] for name in outputs)
        return found[0] if len(found) == 1 else found


def _plan(net: ArchGraph) -> tuple[Step, ...]:
    order = [name for name in net.topological() if not isinstance(net.op(name), Input)]
    last: dict[str, str] = {}
    for name in order:
        last[name] = name
        for source in net.inputs_of(name):
            last[source] = name
    kept = set(net.outputs)
    frees: dict[str, list[str]] = {}
    for name, reader in last.items():
        if name not in kept:
            frees.setdefault(reader, []).append(name)
    return tuple(
        Step(name, net.inputs_of(name), tuple(frees.get(name, ())), net.nodes[name]["device"])
        for name in order
    )


def _attach(root: nn.Module, name: str, child: nn.Module) -> None:
    """Put ``child`` at a dotted path, making the containers on the way."""
    *path, last = name.split(".")
    parent = root
    for word in path:
        if word not in parent._modules:
            _add(parent, word, nn.Module(), name)
        parent = parent.get_submodule(word)
    _add(parent, last, child, name)


def _add(parent: nn.Module, word: str, child: nn.Module, name: str) -> None:
    try:
        parent.add_module(word, child)
    except (KeyError, TypeError):
        raise ExportError(
            f"node '{name}' cannot become a PyTorch submodule, because every module already has "
            f"an attribute '{word}'; rename the node."
        ) from None


def to_torch(net: ArchGraph, *, seed: int | None = 0) -> GraphModule:
    """Return the network as an ``nn.Module``, initialised from ``seed``, in eval mode.

    The same seed gives the same bits and leaves torch's own generator alone. ``seed=None`` puts
    the module on the meta device, without memory: for a checkpoint that is loaded with
    ``load_weights`` or ``load_state_dict(…, assign=True)``. Raises ExportError for a graph with
    operators that PyTorch does not have.
    """
    with torch.device("meta"):
        module = GraphModule(net)
    if seed is not None:
        module = module.to_empty(device="cpu")
        initialise(module, net, seed)
    return module.eval()
