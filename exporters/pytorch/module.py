"""The module that runs a graph: one submodule per node, named as the node."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from archgraph.errors import ExportError
from archgraph.graph import ArchGraph
from archgraph.ops import Input, shape_text

from .initialise import initialise
from .layers import layer
from .outputs import output_fields, outputs_in_order, outputs_type

__all__ = ["GraphModule", "Plan", "Step", "inference", "to_torch"]


@dataclass(frozen=True, slots=True)
class Step:
    """One node in the order of execution; ``frees`` names the values that nobody reads later."""

    name: str
    inputs: tuple[str, ...]
    frees: tuple[str, ...]
    device: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What one mode, training or inference, runs and returns; ``fields`` name the outputs."""

    steps: tuple[Step, ...]
    outputs: tuple[str, ...]
    fields: tuple[str, ...]


class GraphModule(nn.Module):
    """A graph as an ``nn.Module``; its state-dict keys are ``<node>.<parameter>``.

    ``forward`` takes one tensor per Input node, each with the batch axis first, and returns the
    graph's output, or a named tuple when there are several. Outputs that only train (auxiliary
    heads) are computed and returned in train mode only, behind the main one: GoogLeNet gives
    ``logits``, ``aux_logits1``, ``aux_logits2`` there, and the logits alone in eval mode.

    A submodule may be replaced (``module.fc = nn.Linear(512, 10)``) to fine-tune a network.
    """

    def __init__(self, net: ArchGraph) -> None:
        super().__init__()
        net.check()
        # Underscores, because a node may bear any other name.
        self._title = net.name or "network"
        self._sources = tuple(net.sources)
        self._signature = _signature(net)
        self._placement: dict[int, torch.device] = {}
        for name in net:
            if not isinstance(net.op(name), Input):
                _attach(self, name, _layer(net, name))
        self._training_plan, self._inference_plan = _plan(net), _plan(net.inference())

    # The first input has a name of its own, as exporters expect of a network with one input.
    def forward(self, x: Tensor, *others: Tensor) -> Any:
        """Run the graph on tensors of shape (N, *shape of the Input node), one for each."""
        inputs = (x, *others)
        if len(inputs) != len(self._sources):
            raise TypeError(f"{self._title} takes {len(self._sources)} inputs, not {len(inputs)}")
        plan = self._training_plan if self.training else self._inference_plan
        values = dict(zip(self._sources, inputs, strict=True))
        for step in plan.steps:
            taken = [values[source] for source in step.inputs]
            if step.device is not None and step.device in self._placement:
                taken = [value.to(self._placement[step.device]) for value in taken]
            values[step.name] = self.get_submodule(step.name)(*taken)
            for name in step.frees:
                del values[name]
        found = [values[name] for name in plan.outputs]
        return found[0] if len(found) == 1 else outputs_type(plan.fields)(*found)

    def extra_repr(self) -> str:
        """Return what repr shows first: the network's name, its input and its output."""
        return self._signature


def _signature(net: ArchGraph) -> str:
    taken = " and ".join(shape_text(net.nodes[name]["shape"]) for name in net.sources)
    given = " and ".join(shape_text(net.nodes[name]["shape"]) for name in net.inference().outputs)
    return f"{net.name}: {taken} → {given}"


def _plan(net: ArchGraph) -> Plan:
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
    steps = tuple(
        Step(name, net.inputs_of(name), tuple(frees.get(name, ())), net.nodes[name]["device"])
        for name in order
    )
    return Plan(steps, outputs_in_order(net), output_fields(net))


def _layer(net: ArchGraph, name: str) -> nn.Module:
    try:
        return layer(net.op(name))
    except ExportError as error:
        raise ExportError(f"node '{name}' cannot run in PyTorch: {error}") from None


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


@contextmanager
def inference(module: nn.Module) -> Iterator[None]:
    """Put a module into eval mode for a while; each part is then in the mode that it was in."""
    training = [part for part in module.modules() if part.training]
    module.eval()
    try:
        yield
    finally:
        for part in training:
            part.training = True


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
