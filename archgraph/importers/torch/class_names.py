"""The classes of a module's submodules by their paths, as source code names them."""

from __future__ import annotations

import torch

__all__ = ["class_names"]


def class_names(module: torch.nn.Module) -> dict[str, str]:
    """Return what each module's class is called, by path; the whole has the path ""."""
    return {path: _called(each) for path, each in module.named_modules()}


def _called(module: torch.nn.Module) -> str:
    scripted = getattr(module, "original_name", None)
    if isinstance(module, torch.jit.ScriptModule) and isinstance(scripted, str):
        return scripted
    # What torch.export unflattened knows the class that it came from.
    exported = getattr(module, "type_name", None)
    if callable(exported) and isinstance(name := exported(), str):
        return name.rpartition(".")[2]
    return type(module).__name__
