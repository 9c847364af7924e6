"""Entry: one module of the list, how it is made and what it is called with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

__all__ = ["Entry", "call_of", "images", "tokens"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One module: ``make`` builds it, ``example`` is what it is called with at a batch.

    ``skipped`` are the multiply-adds that torch's counter leaves out, from the module and the
    batch, and ``why`` says which; ``counter`` is False where it cannot run the module at all.
    ``weighed`` builds it with weights, where ``make`` leaves it on the meta device.
    """

    name: str
    source: str
    make: Callable[[], torch.nn.Module]
    example: Callable[[int], Any]
    why: str = ""
    skipped: Callable[[torch.nn.Module, int], int] | None = None
    counter: bool = True
    weighed: Callable[[], torch.nn.Module] | None = None


def call_of(example: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return positional arguments and keywords: an example is a tensor, a tuple or a dict."""
    if isinstance(example, dict):
        return (), dict(example)
    return (example if isinstance(example, tuple) else (example,)), {}


def images(*shape: int) -> Callable[[int], torch.Tensor]:
    """Return what makes a batch of images of a shape."""
    return lambda batch: torch.randn(batch, *shape)


def tokens(length: int, largest: int = 90) -> Callable[[int], torch.Tensor]:
    """Return what makes a batch of sequences of token numbers."""
    return lambda batch: torch.randint(3, largest, (batch, length))
