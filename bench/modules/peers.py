"""Other tools that read a module: torchview, torch.export, tensorgami."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from bench.modules.entry import call_of

__all__ = ["PEERS", "Read"]

Read = Callable[[torch.nn.Module, Any], object]
"""Reads a module with an example; raises where it cannot."""


def _torchview(device: str) -> Read:
    def read(module: torch.nn.Module, example: Any) -> object:
        from torchview import draw_graph

        args, kwargs = call_of(example)
        return draw_graph(module, input_data=kwargs or args, device=device)

    return read


def _export(module: torch.nn.Module, example: Any) -> object:
    args, kwargs = call_of(example)
    return torch.export.export(module, args, kwargs)


def _tensorgami(module: torch.nn.Module, example: Any) -> object:
    from tensorgami.importers.torch import trace

    return trace(module, example)


PEERS: dict[str, Sequence[Read]] = {
    "torchview": (_torchview("meta"), _torchview("cpu")),
    "torch.export": (_export,),
    "tensorgami": (_tensorgami,),
}
"""How each tool reads a module, without drawing it; of several ways the first that works."""
