"""One run of a module under the recorder, at one batch."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch._dispatch.python import enable_python_dispatcher
from torch.func import functional_call

from archgraph.importers.torch.asked_numbers import asked
from archgraph.importers.torch.example_inputs import Arguments
from archgraph.importers.torch.held_tensors import Held
from archgraph.importers.torch.module_state import as_it_was
from archgraph.importers.torch.recorder import LARGEST, NeedsNumbers, Recorder
from archgraph.importers.torch.scopes import Scopes
from archgraph.importers.torch.trace import Trace, Value
from archgraph.importers.torch.written_numbers import WrittenNumbers

__all__ = ["WAYS", "RunError", "Way", "run", "tensors_of"]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to run a module.

    ``arithmetic`` computes with the numbers there are, instead of shapes alone; ``gradients`` keep
    layers from fused paths for inference; ``beneath`` sees the calls that are left after torch has
    taken composite functions, derivatives and vmap apart.
    """

    name: str
    arithmetic: bool = False
    gradients: bool = True
    beneath: bool = False


WAYS = (
    Way("shapes"),
    Way("shapes, no gradients", gradients=False),
    Way("shapes, taken apart", beneath=True),
    Way("numbers", arithmetic=True, gradients=False),
    Way("numbers, taken apart", arithmetic=True, beneath=True),
)
"""The ways to run a module, the quickest first; a slower one is taken where those before fail."""


class RunError(Exception):
    """A module that failed: where, what torch said, and the run up to there.

    ``numbers`` says that it asks for the numbers of a tensor of which only the shape is known.
    """

    def __init__(self, where: str, said: str, trace: Trace, *, numbers: bool = False) -> None:
        super().__init__(where, said)
        self.where, self.said, self.trace, self.numbers = where, said, trace, numbers


def run(
    module: torch.nn.Module,
    held: Held,
    arguments: Arguments,
    batch: int | None,
    way: Way,
) -> Trace:
    """Return what a module does for a batch (None: for the example as it is).

    Parameters stay where they are: tensors of their shapes on the meta device take their places,
    copies take those of buffers. What the module notes on itself is undone.

    Raises RunError.
    """
    arithmetic = way.arithmetic
    scopes = Scopes(module)
    recorder = Recorder(scopes, arithmetic=arithmetic, beneath=way.beneath)
    compiled = any(isinstance(each, torch.jit.ScriptModule) for each in module.modules())
    swapped = _as_they_are(held) if compiled else _stand_ins(held, arithmetic)
    tensors = [entry.at(batch) for entry in arguments.entries]
    if not arithmetic:
        tensors = [each.cpu() if _is_small_and_whole(each) else each.to("meta") for each in tensors]
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
        torch.set_grad_enabled(way.gradients),
        as_it_was(module),
        scopes.following(),
        nullcontext() if way.beneath else enable_python_dispatcher(),
        nullcontext() if arithmetic else WrittenNumbers(),
        recorder,
    ):
        try:
            if compiled:
                returned = module(*args, **kwargs)
            else:
                returned = functional_call(module, swapped, args, kwargs, tie_weights=True)
        except NeedsNumbers:
            said = "it asks for the numbers of a tensor that has a shape only"
            so_far = _so_far(inputs, recorder)
            raise RunError(scopes.described, said, so_far, numbers=True) from None
        except Exception as error:
            # Some functions have no answer on shapes alone: how many elements are not zero?
            numbers = isinstance(error, NotImplementedError) and not arithmetic
            lines = str(error).strip().splitlines()
            said = lines[0].rstrip(".") if lines else type(error).__name__
            so_far = _so_far(inputs, recorder)
            raise RunError(scopes.described, said, so_far, numbers=numbers) from error
        named = named_tensors(returned)
        results = [recorder.value(tensor) for _, tensor in named]
    return Trace(
        inputs,
        recorder.values,
        recorder.calls,
        results,
        names=[name for name, _ in named],
        asked=asked(recorder.asking),
    )


def _is_small_and_whole(tensor: torch.Tensor) -> bool:
    """Return whether a tensor holds tokens, a mask or the like, which modules look at."""
    numbers = tensor.is_floating_point() or tensor.is_complex() or tensor.is_meta
    return not numbers and tensor.numel() <= LARGEST


def _so_far(inputs: list[Value], recorder: Recorder) -> Trace:
    """Return a run that ended early; its results are what was made last and not read."""
    read = {id(value) for call in recorder.calls for value in call.values}
    last = [
        value
        for call in recorder.calls
        if not call.constant and not any(id(value) in read for value in call.outputs)
        for value in call.outputs
    ]
    return Trace(inputs, recorder.values, recorder.calls, last)


def _as_they_are(held: Held) -> dict[str, torch.Tensor]:
    """Return what a compiled module holds, in which nothing can take the places of tensors."""
    return {**held.parameters, **held.buffers}


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
    if buffer.is_meta or buffer.layout != torch.strided or buffer.numel() > LARGEST:
        return buffer.detach().to("meta")
    return buffer.detach().cpu().clone()


def tensors_of(value: Any) -> list[torch.Tensor]:
    """Return the tensors of what a module returned, in order, however deep."""
    return [tensor for _, tensor in named_tensors(value)]


def named_tensors(value: Any, name: str = "") -> list[tuple[str, torch.Tensor]]:
    """Return the same with what a dict or a class of the module calls them, "" where nothing."""
    if isinstance(value, torch.Tensor):
        return [(name, value)]
    parts: list[tuple[str, Any]] = []
    if isinstance(value, Mapping):
        parts = [(str(key), each) for key, each in value.items()]
    elif isinstance(value, (list, tuple)):
        parts = [(str(number) if name else "", each) for number, each in enumerate(value)]
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = [(each.name, getattr(value, each.name)) for each in dataclasses.fields(value)]
    return [
        found
        for word, each in parts
        for found in named_tensors(each, ".".join(filter(None, (name, word))))
    ]
