"""Layers that call a function of torch with an operator's settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn

from archgraph.ops import Op
from archgraph.tensors import at_batch

__all__ = ["Batched", "Call", "Surroundings", "sizes"]


class Surroundings(NamedTuple):
    """What an operator needs to know beside its inputs: the batch, and where tensors lie."""

    batch: int
    device: torch.device


class Call(nn.Module):
    """Calls ``function`` on its inputs, with settings by name."""

    def __init__(self, op: Op, function: Callable[..., Any], **settings: Any) -> None:
        super().__init__()
        self.op, self.function, self.settings = op, function, settings

    def forward(self, *inputs: Any) -> Any:
        """Return what the function gives."""
        return self.function(*inputs, **self.settings)

    def _get_name(self) -> str:
        return self.op.kind

    def extra_repr(self) -> str:
        """Return what repr shows between the brackets: the operator's settings."""
        return ", ".join(f"{key}={value}" for key, value in self.op.settings().items())


class Batched(Call):
    """Calls ``function`` on the surroundings and its inputs: its settings follow the batch."""


def sizes(shape: tuple[int, ...], around: Surroundings) -> tuple[int, ...]:
    """Return a shape in plain numbers: 2·batch for 2N."""
    return at_batch(shape, around.batch)
