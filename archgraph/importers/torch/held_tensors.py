"""What a module stores: its parameters and buffers by state-dict key, tied ones told."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from archgraph.errors import FormatError
from archgraph.importers.torch.trace import element_type

__all__ = ["Held", "held_by"]


@dataclass(slots=True)
class Held:
    """Parameters and buffers by key; ``aliases`` are keys of what another key also holds."""

    parameters: dict[str, torch.nn.Parameter] = field(default_factory=dict)
    buffers: dict[str, torch.Tensor] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    saved: frozenset[str] = frozenset()


def held_by(module: torch.nn.Module) -> Held:
    """Return what a module holds.

    Tensors are tied where they are one object, or lie in the same memory in the same way. Raises
    FormatError for a module that has not been initialised.
    """
    found = Held()
    first: dict[object, str] = {}
    for key, parameter in module.named_parameters(remove_duplicate=False):
        if isinstance(parameter, (UninitializedParameter, UninitializedBuffer)):
            raise FormatError(
                f"the parameter '{key}' has no shape yet; call the module once, so that its lazy "
                "layers are initialised."
            )
        found.parameters[key] = parameter
        _tie(found, first, key, parameter)
    for key, buffer in module.named_buffers(remove_duplicate=False):
        found.buffers[key] = buffer
        _tie(found, first, key, buffer)
    every = {*found.parameters, *found.buffers}
    left_out = {
        f"{path}.{name}" if path else name
        for path, each in module.named_modules(remove_duplicate=False)
        for name in each._non_persistent_buffers_set
    }
    found.saved = frozenset(every - left_out)
    for key, tensor in (*found.parameters.items(), *found.buffers.items()):
        if element_type(tensor.dtype) is None:
            raise FormatError(
                f"'{key}' holds elements of {tensor.dtype}, which archgraph does not know."
            )
    return found


def _tie(held: Held, first: dict[object, str], key: str, tensor: torch.Tensor) -> None:
    marks: list[object] = [id(tensor)]
    if tensor.numel() and tensor.layout == torch.strided and tensor.data_ptr():
        marks.append((tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype))
    owner = next((first[mark] for mark in marks if mark in first), None)
    if owner is not None:
        held.aliases[key] = owner
    for mark in marks:
        first.setdefault(mark, owner or key)
