"""What PyTorch holds, measured: lifetimes of tensors at inference, what gradients need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

__all__ = ["Lifetimes", "peak_by_lifetimes", "saved_for_gradients", "state_of_optimizer"]


def own_memory(module: torch.nn.Module) -> set[int]:
    """Return where a module's weights and buffers lie."""
    tensors = (*module.parameters(), *module.buffers())
    return {each.untyped_storage()._cdata for each in tensors}


class Lifetimes(TorchFunctionMode):
    """Notes when each piece of memory is made and last used, over the calls of functions."""

    def __init__(self, module: torch.nn.Module, *given: torch.Tensor) -> None:
        super().__init__()
        self.own = own_memory(module)
        self.bytes: dict[int, int] = {}
        self.made: dict[int, int] = {}
        self.last: dict[int, int] = {}
        self.step, self.alive = 0, list[torch.Tensor]()
        for each in given:
            self.note(each)

    def note(self, tensor: torch.Tensor) -> None:
        """Note that a tensor is used."""
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self.own:
            return
        if key not in self.bytes:
            self.bytes[key], self.made[key] = storage.nbytes(), self.step
            self.alive.append(tensor)  # no other gets its key
        self.last[key] = self.step

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call a function, and note what it reads and gives."""
        found = func(*args, **(kwargs or {}))
        results = [each for each in tree_leaves(found) if isinstance(each, torch.Tensor)]
        if results and func.__name__ != "__get__":
            self.step += 1
            for each in (*tree_leaves((args, kwargs)), *results):
                if isinstance(each, torch.Tensor):
                    self.note(each)
        return found

    def peak(self, results: Sequence[torch.Tensor]) -> int:
        """Return the most bytes that were held; what is returned is held to the end."""
        for each in results:
            self.last[each.untyped_storage()._cdata] = self.step + 1
        return max(
            sum(
                size for key, size in self.bytes.items() if self.made[key] <= step <= self.last[key]
            )
            for step in range(self.step + 1)
        )


def peak_by_lifetimes(module: torch.nn.Module, given: torch.Tensor) -> int:
    """Return the most bytes of activations that a module holds at inference."""
    module.eval()
    for each in module.modules():
        if hasattr(each, "inplace"):
            each.inplace = False
    with torch.no_grad(), Lifetimes(module, given) as trace:
        found = module(given)
    leaves = tree_leaves(tuple(found.values()) if isinstance(found, dict) else found)
    return trace.peak([each for each in leaves if isinstance(each, torch.Tensor)])


def saved_for_gradients(module: torch.nn.Module, run: Callable[[], object]) -> dict[int, int]:
    """Return the bytes of each piece of memory that a run keeps for gradients, but for weights."""
    own, alive = own_memory(module), list[torch.Tensor]()
    found: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            found[storage._cdata] = storage.nbytes()
            alive.append(tensor)  # no other gets its key
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        run()
    return found


def state_of_optimizer(module: torch.nn.Module, name: str) -> int:
    """Return the bytes that an optimizer of torch.optim remembers after a step, on no device."""
    weights = [torch.nn.Parameter(each.to("meta")) for each in module.parameters()]
    makers: dict[str, Callable[[], torch.optim.Optimizer]] = {
        "sgd": lambda: torch.optim.SGD(weights, 0.1),
        "momentum": lambda: torch.optim.SGD(weights, 0.1, momentum=0.9),
        "adam": lambda: torch.optim.Adam(weights),
        "adamw": lambda: torch.optim.AdamW(weights),
    }
    optimizer = makers[name]()
    for each in weights:
        each.grad = torch.zeros_like(each)
    optimizer.step()
    return sum(
        each.numel() * each.element_size()
        for state in optimizer.state.values()
        for each in state.values()
        if isinstance(each, torch.Tensor) and each.dim()
    )
