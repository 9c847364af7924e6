"""One run of a module under the recorder, at one batch."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import torch
from torch._dispatch.python import enable_python_dispatcher
from torch.func import functional_call

from archgraph.importers.torch.example_inputs import Arguments
from archgraph.importers.torch.held_tensors import Held
from archgraph.importers.torch.recorder import NeedsNumbers, Recorder
from archgraph.importers.torch.scopes import Scopes
from archgraph.importers.torch.trace import Trace

__all__ = ["RunError", "in_mode", "run", "tensors_of"]


class RunError(Exception):
    """A module that failed: where, and what torch said; ``numbers``: it asks for numbers."""

    def __init__(self, where: str, said: str, *, numbers: bool = False) -> None:
        super().__init__(where, said)
        self.where, self.said, self.numbers = where, said, numbers


@contextmanager
def in_mode(module: torch.nn.Module, training: bool) -> Iterator[None]:
    """Put a module in training or evaluation mode, and every part of it back into its own."""
    before = [(each, each.training) for each in module.modules()]
    try:
        # Exported modules have one mode, and say so.
        with suppress(NotImplementedError):
            module.train(training)
        yield
    finally:
        for each, was in before:
            each.training = was


def run(
    module: torch.nn.Module,
    held: Held,
    arguments: Arguments,
    batch: int | None,
    *,
    arithmetic: bool = False,
    gradients: bool = True,
) -> Trace:
    """Return what a module does for a batch (None: for the example as it is).

    Parameters stay where they are: tensors of their shapes on the meta device take their places,
    copies take those of buffers. ``gradients`` keep layers from fused paths for inference.

    Raises RunError.
    """
    scopes = Scopes(module)
    recorder = Recorder(scopes, arithmetic=arithmetic)
    swapped = _stand_ins(held, arithmetic)
    tensors = [entry.at(batch) for entry in arguments.entries]
    if not arithmetic:
        tensors = [each.to("meta") for each in tensors]
    inputs = [
        recorder.given(tensor, "input", entry.name)
        for tensor, entry in zip(tensors, arguments.entries, strict=True)
    ]
    for key, tensor in swapped.items():
        parameter = key in held.parameters
        recorder.given(tensor, "parameter" if parameter else "buffer", key, constant=not parameter)
    args, kwargs = arguments.filled(tensors)
    with (
        torch.random.fork_rng(devices=[]),
        torch.set_grad_enabled(gradients),
        scopes.following(),
        enable_python_dispatcher(),
        recorder,
    ):
        try:
            returned = functional_call(module, swapped, args, kwargs, tie_weights=True)
        except NeedsNumbers:
            raise RunError(scopes.described, "asks for numbers", numbers=True) from None
        except Exception as error:
            said = str(error).strip().splitlines()
            first = said[0].rstrip(".") if said else type(error).__name__
            raise RunError(scopes.described, first) from error
        results = [recorder.value(each) for each in tensors_of(returned)]
    return Trace(inputs, recorder.values, recorder.calls, results)


def _stand_ins(held: Held, arithmetic: bool) -> dict[str, torch.Tensor]:
    """Return what takes the places of parameters and buffers while a module runs."""
    found: dict[str, torch.Tensor] = {}
    for key, parameter in held.parameters.items():
        if key in held.aliases:
            continue
        if arithmetic:
            found[key] = parameter
            continue
        empty = torch.empty_strided(
            parameter.shape, parameter.stride(), dtype=parameter.dtype, device="meta"
        )
        learned = parameter.is_floating_point() or parameter.is_complex()
        found[key] = torch.nn.Parameter(empty, requires_grad=learned)
    for key, buffer in held.buffers.items():
        if key not in held.aliases:
            found[key] = buffer.detach().clone() if arithmetic else _computable(buffer)
    for key, owner in held.aliases.items():
        found.setdefault(key, found[owner])
    return {key: tensor for key, tensor in found.items() if key not in held.aliases} | {
        key: found[owner] for key, owner in held.aliases.items()
    }


def _computable(buffer: torch.Tensor) -> torch.Tensor:
    """Return a copy of a buffer that constants can be computed with."""
    if buffer.is_meta or buffer.layout != torch.strided:
        return buffer.detach().to("meta")
    return buffer.detach().cpu().clone()


def tensors_of(value: Any) -> list[torch.Tensor]:
    """Return the tensors of what a module returned, in order, however deep."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, Mapping):
        return [tensor for each in value.values() for tensor in tensors_of(each)]
    if isinstance(value, (list, tuple)):
        return [tensor for each in value for tensor in tensors_of(each)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in dataclasses.fields(value)]
        return [tensor for name in names for tensor in tensors_of(getattr(value, name))]
    return []
