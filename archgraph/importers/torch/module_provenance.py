"""A module as what a network was read from: its weights, its answers, another reading of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch

from archgraph.importers.torch.example_inputs import Arguments
from archgraph.importers.torch.held_tensors import Held
from archgraph.importers.torch.module_state import in_mode
from archgraph.importers.torch.run import tensors_of
from archgraph.provenance import Provenance, Weights

__all__ = ["provenance_of"]


def provenance_of(
    module: torch.nn.Module,
    held: Held,
    constants: Mapping[str, torch.Tensor],
    arguments: Arguments,
    places: Sequence[int],
    *,
    training: bool,
    again: Callable[[Any], Any],
) -> Provenance:
    """Return the way back to a module; nothing of it is copied.

    ``constants`` are what it computes on its own, by key; ``places`` say where each result of the
    network stands among the tensors that the module returns.
    """
    kept = {**held.parameters, **held.buffers, **constants}
    found = {key: partial(_numbers, tensor) for key, tensor in kept.items() if not tensor.is_meta}

    def answers(inputs: Sequence[Any]) -> list[Any]:
        like = next(iter(kept.values()), torch.zeros(()))
        given = [
            entry.like(torch.as_tensor(each)).to(like.device)
            for entry, each in zip(arguments.entries, inputs, strict=True)
        ]
        args, kwargs = arguments.filled(given)
        with torch.no_grad(), in_mode(module, training):
            returned = tensors_of(module(*args, **kwargs))
        return [returned[place] for place in places]

    def call(batch: int | None) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return module, *arguments.filled([each.at(batch) for each in arguments.entries])

    # A module on the meta device has no numbers to know or to compute with.
    real = not any(tensor.is_meta for tensor in held.parameters.values())
    weights = Weights(f"the module {type(module).__name__}", found if real else {})
    return Provenance(
        weights,
        again,
        answers if real else None,
        lambda n: [e.at(n) for e in arguments.entries],
        call,
    )


def _numbers(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach()
