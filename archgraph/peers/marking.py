"""Which module of PyTorch computes a node: what tools that hang hooks on modules go by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.peers.counted_parts import Mark

__all__ = ["class_name", "marks_of"]


def marks_of(
    net: ArchGraph, module: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Mark]:
    """Return for every node which part of the module that it was read from computes it.

    That is the innermost that ran; the module is run once. A part that never runs, as ``out_proj``
    of attention, computes nothing, though its weights are read.
    """
    ran = _ran(module, args, kwargs)
    found = {}
    for name in net:
        keys = net.keys_of(name).values()
        owners = [key.rpartition(".")[0] for key in keys]
        plain = re.sub(r"@\d+(?=\.|$)", "", name)
        candidates = [*_around(plain), *(path for each in owners for path in _around(each))]
        path = next((each for each in candidates if each in ran), "")
        leaf = not any(ran[path].children())
        found[name] = Mark(class_name(ran[path]), path, leaf)
    return found


def class_name(module: Any) -> str:
    """Return a module's class: with ``nn.`` where it is torch's and no subclass of that."""
    from torch import nn

    kind = type(module)
    own = getattr(nn, kind.__name__, None) is kind
    return f"nn.{kind.__name__}" if own else kind.__name__


def _ran(module: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the modules that run, by path; the module itself is ''."""
    import torch

    paths = {id(each): path for path, each in module.named_modules()}
    found = {"": module}

    def note(each: Any, *_: Any) -> None:
        found[paths[id(each)]] = each

    handles = [each.register_forward_hook(note) for each in module.modules()]
    with torch.no_grad():
        module(*args, **kwargs)
    for handle in handles:
        handle.remove()
    return found


def _around(path: str) -> Iterator[str]:
    """Yield a path and the paths around it, without the root: ``a.b.c``, ``a.b``, ``a``."""
    while path:
        yield path
        path = path.rpartition(".")[0]
