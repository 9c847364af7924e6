"""Which module of PyTorch computes a node: what tools that hang hooks on modules go by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archgraph.answers.peers.counted_parts import Mark
from archgraph.graph import ArchGraph
from archgraph.ops import ScaledDotProductAttention

__all__ = ["Run", "class_name", "marks_of"]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a module without parts: its path and class, its parameters, what it gives.

    ``exact`` are the numbers of its ``weight`` and ``bias``, ``alike`` those of parameters whose
    names hold these words; ``gives`` is the shape of the first tensor that it returns.
    """

    path: str
    module: str
    exact: int
    alike: int
    gives: tuple[int, ...]


def marks_of(
    net: ArchGraph, module: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[dict[str, Mark], list[Run]]:
    """Return for every node which part of a module computes it, and the runs of parts.

    That is the innermost that ran; the module is run, three times where it has attention. A part
    that never runs, as ``out_proj`` of attention, computes nothing, though its weights are read.
    """
    ran, runs = _ran(module, args, kwargs)
    gives = {run.path: run.gives for run in runs}
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
        grad, without = (each is None or path in each for each in kernels)
        found[name] = Mark(class_name(ran[path]), path, leaf, grad, without, gives.get(path))
    return found, runs


def class_name(module: Any) -> str:
    """Return a module's class: with ``nn.`` where it is torch's and no subclass of that."""
    from torch import nn

    kind = type(module)
    own = getattr(nn, kind.__name__, None) is kind
    return f"nn.{kind.__name__}" if own else kind.__name__


def _ran(
    module: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Run]]:
    """Return the modules that run, by path, the module itself is ''; and the runs of parts."""
    import torch
    from torch.utils import _pytree as pytree

    paths = {id(each): path for path, each in module.named_modules()}
    found, runs = {"": module}, []

    def note(each: Any, _: Any, output: Any) -> None:
        path = paths[id(each)]
        found[path] = each
        if any(each.children()):
            return
        sizes = {name: parameter.numel() for name, parameter in each.named_parameters()}
        exact = sum(size for name, size in sizes.items() if name in ("weight", "bias"))
        alike = sum(size for name, size in sizes.items() if "weight" in name or "bias" in name)
        given = (t for t in pytree.tree_leaves(output) if isinstance(t, torch.Tensor))
        shape = tuple(next((t.shape for t in given), ()))
        runs.append(Run(path, class_name(each), exact, alike - exact, shape))

    handles = [each.register_forward_hook(note) for each in module.modules()]
    try:
        with torch.no_grad():
            module(*args, **kwargs)
    except RuntimeError:  # one that computes gradients itself
        found, runs = {"": module}, []
        module(*args, **kwargs)
    for handle in handles:
        handle.remove()
    return found, runs


def _kernels(module: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], grad: bool) -> set[str]:
    """Return the paths of the modules in which attention runs as one kernel of the CPU.

    PyTorch takes plain products instead where gradients of a mask are followed, or heads differ.
    """
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

    paths = {id(each): path for path, each in module.named_modules()}
    stack, found = [""], set()

    class Noting(TorchDispatchMode):  # type: ignore[no-untyped-call]
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
    with torch.set_grad_enabled(grad), Noting():  # type: ignore[no-untyped-call]
        module(*args, **kwargs)
    for handle in handles:
        handle.remove()
    return found


def _around(path: str) -> Iterator[str]:
    """Yield a path and the paths around it, without the root: ``a.b.c``, ``a.b``, ``a``."""
    while path:
        yield path
        path = path.rpartition(".")[0]
