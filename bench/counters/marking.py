"""Which module of PyTorch computes a node: what tools that hang hooks on modules go by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

import archgraph as ag
from bench.modules.entry import call_of

__all__ = ["class_name", "mark"]


def mark(net: ag.ArchGraph, module: nn.Module, example: Any) -> ag.ArchGraph:
    """Note at every node which module computes it: the innermost that ran.

    ``module`` is its class (``nn.Linear`` for torch's own), ``path`` its path, ``leaf`` whether
    it has no parts. A part that never runs, as ``out_proj`` of attention, computes nothing,
    though its weights are read. The network is changed and returned.
    """
    ran = _ran(module, example)
    leaves = {path for path, each in ran.items() if not any(each.children())}
    for name in net:
        keys = net.keys_of(name).values()
        owners = [key.rpartition(".")[0] for key in keys]
        plain = re.sub(r"@\d+(?=\.|$)", "", name)
        candidates = [*_around(plain), *(path for each in owners for path in _around(each))]
        path = next((each for each in candidates if each in ran), "")
        net.nodes[name].update(module=class_name(ran[path]), path=path, leaf=path in leaves)
    return net


def class_name(module: nn.Module) -> str:
    """Return a module's class: with ``nn.`` where it is torch's and no subclass of that."""
    kind = type(module)
    own = getattr(nn, kind.__name__, None) is kind
    return f"nn.{kind.__name__}" if own else kind.__name__


def _ran(module: nn.Module, example: Any) -> dict[str, nn.Module]:
    """Return the modules that run, by path; the module itself is ''."""
    paths = {id(each): path for path, each in module.named_modules()}
    found = {"": module}

    def note(each: nn.Module, *_: Any) -> None:
        found[paths[id(each)]] = each

    handles = [each.register_forward_hook(note) for each in module.modules()]
    args, kwargs = call_of(example)
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
