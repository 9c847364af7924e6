"""An exported program as the module that it was made from, and what that was called with."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch.export import ExportedProgram
from torch.export.unflatten import unflatten

from archgraph.errors import FormatError

__all__ = ["Opened", "opened"]


class Opened(NamedTuple):
    """A module with its submodules; what it is called with, and how that is named; its class."""

    module: torch.nn.Module
    example: Any
    names: tuple[str, ...]
    kind: str


def opened(program: ExportedProgram) -> Opened:
    """Return the module that was exported. Raises FormatError where its inputs are not known."""
    given = program.example_inputs
    if given is None:
        raise FormatError(
            "the exported program says nothing of what it is called with; give it as example=…."
        )
    try:
        module: torch.nn.Module = unflatten(program)
    except (RuntimeError, AssertionError, ValueError, KeyError, NotImplementedError):
        module = program.module()  # flat: its nodes have no modules around them
    names = tuple(map(str, program.graph_signature.user_inputs))
    return Opened(module, given, names, _class_name(program))


def _class_name(program: ExportedProgram) -> str:
    """Return the class of the module that was exported: its nodes know the modules around them."""
    for node in program.graph.nodes:
        for _, kind in (node.meta.get("nn_module_stack") or {}).values():
            name = (kind if isinstance(kind, str) else kind.__qualname__).rpartition(".")[2]
            if not name.startswith("_"):
                return name
            break
    return "ExportedProgram"
