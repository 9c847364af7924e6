"""A module's own state while it is read: its mode, and what it notes of a run on itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import torch

__all__ = ["as_it_was", "in_mode"]

_DEEPEST = 3
"""How deep containers within containers are remembered."""


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


@contextmanager
def as_it_was(module: torch.nn.Module) -> Iterator[None]:
    """Undo what a module notes on its parts while it runs.

    Modules keep tables that they computed, the last attention map, counters of steps. None of that
    may outlast a run on shapes, nor make the next run another.
    """
    parts = [each for each in module.modules() if not isinstance(each, torch.jit.ScriptModule)]
    before = [(each.__dict__, _contents(each.__dict__)) for each in parts]
    try:
        yield
    finally:
        for attributes, contents in before:
            _put_back(attributes, contents)


def _contents(value: Any, depth: int = 0) -> Any:
    """Return what a container holds, with the contents of containers in it; None for others."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        inner = {
            key: _contents(each, depth + 1)
            for key, each in value.items()
            if isinstance(each, (dict, list, set))
        }
        return dict(value), inner
    if isinstance(value, list):
        return list(value), {}
    return set(value), {}


def _put_back(value: Any, contents: Any) -> None:
    if contents is None:
        return
    before, inner = contents
    if isinstance(value, dict):
        for key, each in inner.items():
            _put_back(before[key], each)
        if len(value) != len(before) or any(
            key not in value or value[key] is not each for key, each in before.items()
        ):
            value.clear()
            value.update(before)
    elif isinstance(value, list):
        value[:] = before
    elif value != before:
        value.clear()
        value.update(before)
