"""A module's own state while it is read: its mode, and what it notes of a run on itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from operator import is_
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

    Modules keep tables that they computed, the last attention map, counters of steps, hooks that
    they hang on their parts when they first run. None of that may outlast a run on shapes, nor make
    the next run another.
    """
    parts = [each for each in module.modules() if not isinstance(each, torch.jit.ScriptModule)]
    before: list[tuple[Any, Any]] = []
    for each in parts:
        _note(each.__dict__, before)
    try:
        yield
    finally:
        for value, contents in before:
            _put_back(value, contents)


def _note(value: Any, notes: list[tuple[Any, Any]], depth: int = 0) -> None:
    """Note what a container holds, and what the containers within it hold."""
    if not value:  # as most are: a module has a dozen tables for hooks
        notes.append((value, None))
        return
    notes.append((value, value.copy()))
    if depth < _DEEPEST and isinstance(value, dict):
        for key, each in value.items():
            if isinstance(each, (dict, list, set)) and key != "_modules":
                _note(each, notes, depth + 1)


def _put_back(value: Any, before: Any) -> None:
    """Let a container hold what it held; comparing identities, since tensors answer ``==``."""
    if before is None:
        if value:
            value.clear()
        return
    if isinstance(value, dict):
        if len(value) == len(before) and all(map(is_, value.values(), before.values())):
            return
    elif isinstance(value, list):
        if len(value) == len(before) and all(map(is_, value, before)):
            return
    elif len(value) == len(before) and value == before:
        return
    value.clear()
    if isinstance(value, list):
        value.extend(before)
    else:
        value.update(before)
