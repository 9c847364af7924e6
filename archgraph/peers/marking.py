"""Which module of PyTorch computes a node: what tools that hang hooks on modules go by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.ops import ScaledDotProductAttention
from archgraph.peers.counted_parts import Mark

__all__ = ["class_name", "marks_of"]


def marks_of(
    net: ArchGraph, module: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Mark]:
    """Return for every node which part of the module that it was read from computes it.

    That is the innermost that ran; the module is run, three times where it has attention. A part
    that never runs, as ``out_proj`` of attention, computes nothing, though its weights are read.
    """
    ran = _ran(module, args, kwargs)
    attends = any(isinstance(net.op(name), ScaledDotProductAttention) for name in net)
    kernels = [_kernels(module, args, kwargs, grad) if attends else None for grad in (True, False)]
    found = {}
    for name in net:
        keys = net.keys_of(name).values()
        owners = [key.rpartition(".")[0] for key in keys]
        plain = re.sub(r"@\d+(?=\.|$)", "", name)
        candidates = [*_around(plain), *(path for each in owners for path in _around(each))]
        path = next((each for each in candidates if each in ran), "")
        leaf = not any(ran[path].children())
        fused = [True if each is None else path in each for each in kernels]
        found[name] = Mark(class_name(ran[path]), path, leaf, *fused)
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


def _kernels(module: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], grad: bool) -> set[str]:
    """Return the paths of the modules in which attention runs as one kernel of the CPU.

    PyTorch takes plain products instead where gradients of a mask are followed, or heads differ.
    """
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

    paths = {id(each): path for path, each in module.named_modules()}
    stack, found = [""], set()

    class Noting(TorchDispatchMode):
        def __torch_dispatch__(
            self, function: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            if "_scaled_dot_product" in str(function):
                found.add(stack[-1])
            return function(*args, **(kwargs or {}))

    def enter(each: Any, *_: Any) -> None:
        stack.append(paths[id(each)])

    def leave(*_: Any) -> None:
        stack.pop()

    handles = [each.register_forward_pre_hook(enter) for each in module.modules()]
    handles += [each.register_forward_hook(leave) for each in module.modules()]
    with torch.set_grad_enabled(grad), Noting():
        module(*args, **kwargs)
    for handle in handles:
        handle.remove()
    return found


def _around(path: str) -> Iterator[str]:
    """Yield a path and the paths around it, without the root: ``a.b.c``, ``a.b``, ``a``."""
    while path:
        yield path
        path = path.rpartition(".")[0]
