"""Which module runs: its path, told by hooks on every module."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn.modules import module as hooks

__all__ = ["Scopes"]


class Scopes:
    """The path of the module that runs; a module that runs again is ``backbone@2``.

    Times are counted within the module around: of a backbone that runs twice, the second run's
    first convolution is ``backbone@2.conv1``.
    """

    def __init__(self, root: torch.nn.Module) -> None:
        self._paths = {id(each): path for path, each in root.named_modules()}
        self._kinds = {path: type(each).__name__ for path, each in root.named_modules()}
        self._stack: list[tuple[str, str]] = []
        self._times: Counter[str] = Counter()
        self.failed: str | None = None

    @property
    def current(self) -> str:
        """The path of the module that runs, empty for the root."""
        return self._stack[-1][1] if self._stack else ""

    @property
    def described(self) -> str:
        """The module that runs, for messages: ``'layer1.conv1' (Conv2d)``."""
        path = self.failed if self.failed is not None else self._plain
        return f"'{path}' ({self._kinds[path]})" if path else self._kinds[""]

    @property
    def _plain(self) -> str:
        return self._stack[-1][0] if self._stack else ""

    @contextmanager
    def following(self) -> Iterator[None]:
        """Follow the modules that run inside."""
        entering = hooks.register_module_forward_pre_hook(self._enter)
        leaving = hooks.register_module_forward_hook(self._leave, always_call=True)
        try:
            yield
        finally:
            entering.remove()
            leaving.remove()
            self._stack.clear()

    def _enter(self, module: torch.nn.Module, *_: Any) -> None:
        path = self._paths.get(id(module))
        if path is None:  # a module made while running
            path, scope = self._stack[-1] if self._stack else ("", "")
            self._stack.append((path, scope))
            return
        around, scope = self._stack[-1] if self._stack else ("", "")
        if path == around:
            self._stack.append((path, scope))
            return
        if around and path.startswith(f"{around}."):
            path_here = f"{scope}{path[len(around) :]}"
        else:
            path_here = path
        self._times[path_here] += 1
        if self._times[path_here] > 1:
            path_here = f"{path_here}@{self._times[path_here]}"
        self._stack.append((path, path_here))

    def _leave(self, module: torch.nn.Module, args: Any, output: Any) -> None:
        del module, args
        # The hook is also called, without an output, while an error passes through.
        if output is None and self.failed is None and sys.exc_info()[0] is not None:
            self.failed = self._plain
        self._stack.pop()
