"""The module that runs a graph: one submodule per node, named as the node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.jit._trace import is_tracing

from archgraph.errors import ExportError
from archgraph.graph import ArchGraph
from archgraph.ops import Input, Opaque, shape_text
from archgraph.tensors import Key

from .layers import Batched, Surroundings, layer
from .outputs import outputs_type
from .plan import Lent, batch_axis, layer_paths, lent_tensors, plan_of
from .stored import attach, register_stored, tensor_at, tie, ties, value_of

__all__ = ["GraphModule", "inference", "running_order", "without_memory"]


class GraphModule(nn.Module):
    """A graph as an ``nn.Module``; its state-dict keys are those of ``net.tensors``.

    ``forward`` takes one tensor per Input node, of its whole shape, and returns the graph's
    output, or a named tuple when there are several. Outputs that only train (auxiliary heads) are
    computed and returned in train mode only, behind the main one: GoogLeNet gives ``logits``,
    ``aux_logits1``, ``aux_logits2`` there, and the logits alone in eval mode.

    A submodule may be replaced (``module.fc = nn.Linear(512, 10)``) to fine-tune a network.
    """

    def __init__(self, net: ArchGraph) -> None:
        super().__init__()
        net.check()
        _refuse_unknown(net)
        # Underscores, because a node may bear any other name.
        self._title = net.name or "network"
        self._sources = tuple(net.sources)
        self._signature = _signature(net)
        self._placement: dict[int, torch.device] = {}
        self._batch = batch_axis(net)
        self._constants: dict[str, str] = {}
        self._values: dict[str, Tensor] = {}
        paths = layer_paths(net)
        for name, path in paths.items():
            if not isinstance(net.op(name), Input) and path not in dict(self.named_modules()):
                attach(self, path, _layer(net, name), name)
        self._hold_constants(net)
        lent = lent_tensors(net, paths)
        self._empty(net, paths, lent)
        register_stored(self, net)
        self._training_plan = plan_of(net, paths, lent)
        self._inference_plan = plan_of(net.inference(), paths, lent)

    def _empty(self, net: ArchGraph, paths: Mapping[str, str], lent: Lent) -> None:
        """Take from the layers what tensors of other keys fill."""
        tensors = net.tensors
        for name, roles in lent.items():
            part = self.get_submodule(paths[name])
            for role, _ in roles:
                if f"{paths[name]}.{role}" not in tensors:
                    setattr(part, role, None)

    def _hold_constants(self, net: ArchGraph) -> None:
        """Hold the numbers of formulas beside the state: they move, but are not saved."""
        for key, stored in net.tensors.items():
            if stored.kind == "constant" and stored.value is not None:
                name = f"_constant{len(self._constants)}"
                self._constants[key] = name
                self._values[name] = value_of(stored)
                self.register_buffer(name, value_of(stored), persistent=False)

    # The first input has a name of its own, as exporters expect of a network with one input.
    def forward(self, x: Tensor, *others: Tensor) -> Any:
        """Run the graph on tensors of the whole shape of its Input nodes, one for each."""
        inputs = (x, *others)
        if len(inputs) != len(self._sources):
            raise TypeError(f"{self._title} takes {len(self._sources)} inputs, not {len(inputs)}")
        plan = self._training_plan if self.training else self._inference_plan
        values = dict(zip(self._sources, inputs, strict=True))
        number, axis, times = self._batch
        batch = inputs[number].shape[axis] // times if times else 1
        for step in plan.steps:
            taken: list[Any] = [
                self.stored(source) if type(source) is Key else values[source]
                for source in step.inputs
            ]
            device = x.device
            if step.device is not None and step.device in self._placement:
                device = self._placement[step.device]
                taken = [value.to(device) for value in taken]
            part = self.get_submodule(step.module)
            if isinstance(part, Batched):
                taken.insert(0, Surroundings(batch, device))
            if step.lent:
                held = {role: self.stored(key) for role, key in step.lent}
                traced = is_tracing()  # type: ignore[no-untyped-call]
                call = _traced_call if traced else functional_call
                found = call(part, held, tuple(taken))
            else:
                found = part(*taken)
            given = found if isinstance(found, tuple) else (found,)
            values.update(zip(step.gives, given, strict=False))
            for name in step.frees:
                del values[name]
        results = [values[name] for name in plan.outputs]
        return results[0] if len(results) == 1 else outputs_type(plan.fields)(*results)

    def stored(self, key: str) -> Tensor:
        """Return the tensor that the graph stores under a key."""
        name = self._constants.get(key)
        return tensor_at(self, key) if name is None else self.get_buffer(name)

    def to_empty(self, *, device: Any, recurse: bool = True) -> Self:
        """Move to a device without copying the state; what is tied stays tied."""
        tied = ties(self)
        super().to_empty(device=device, recurse=recurse)
        for keys in tied:
            tie(self, keys)
        with torch.no_grad():
            for name, value in self._values.items():
                self.get_buffer(name).copy_(value)
        return self

    def extra_repr(self) -> str:
        """Return what repr shows first: the network's name, its input and its output."""
        return self._signature


def _traced_call(part: nn.Module, held: Mapping[str, Tensor], inputs: tuple[Any, ...]) -> Any:
    """Call a layer as ``functional_call`` does, which refuses to in a trace of torch.jit."""
    homes: list[dict[str, Any]] = [
        part._buffers if role in part._buffers else part._parameters for role in held
    ]
    for home, (role, tensor) in zip(homes, held.items(), strict=True):
        home[role] = tensor
    try:
        return part(*inputs)
    finally:
        for home, role in zip(homes, held, strict=True):
            home[role] = None


def _signature(net: ArchGraph) -> str:
    taken = " and ".join(shape_text(net.nodes[name]["shape"]) for name in net.sources)
    given = " and ".join(shape_text(net.nodes[name]["shape"]) for name in net.inference().outputs)
    return f"{net.name}: {taken} → {given}"


_SHOWN = 6
"""How many unknown operators a message names."""


def _refuse_unknown(net: ArchGraph) -> None:
    """Name all operators at once of which only the name is known."""
    found: dict[str, list[str]] = {}
    for name in net:
        op = net.op(name)
        if isinstance(op, Opaque):
            found.setdefault(op.type_name, []).append(name)
    if not found:
        return
    told = [
        f"{kind} ('{first}'{f' and {len(others)} more' if others else ''})"
        for kind, (first, *others) in found.items()
    ]
    if len(told) > _SHOWN:
        told[_SHOWN:] = [f"and {len(told) - _SHOWN} more"]
    raise ExportError(
        f"{net.name or 'the network'} can be costed and drawn but not run, because archgraph knows "
        f"these operators by name only: {', '.join(told)}."
    )


def _layer(net: ArchGraph, name: str) -> nn.Module:
    try:
        return layer(net.op(name))
    except ExportError as error:
        raise ExportError(f"node '{name}' cannot run in PyTorch: {error}") from None


def running_order(module: GraphModule) -> list[tuple[str, str]]:
    """Return the nodes that run at inference, in order, with the paths of their submodules."""
    return [(step.name, step.module) for step in module._inference_plan.steps]


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


def without_memory(net: ArchGraph) -> GraphModule:
    """Return the network's module on the meta device; ExportError for what PyTorch has not."""
    with torch.device("meta"):
        return GraphModule(net)
