"""What a graph stores, as parameters and buffers of a module under the graph's keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from archgraph.errors import ExportError
from archgraph.graph import ArchGraph
from archgraph.stored_tensors import tied
from archgraph.tensors import Stored, state_key

__all__ = [
    "attach",
    "module_path",
    "register_stored",
    "tensor_at",
    "tie",
    "ties",
    "value_of",
]


def module_path(name: str) -> str:
    """Return the path of a node's module; a module that runs again is the first one's."""
    return state_key(name, "").rstrip(".")


def value_of(stored: Stored) -> Tensor:
    """Return the numbers of a small stored tensor; they lie on the CPU."""
    kind = getattr(torch, stored.dtype)
    return torch.tensor(stored.value, dtype=kind, device="cpu").reshape(stored.shape)


def attach(root: nn.Module, path: str, child: nn.Module, name: str) -> None:
    """Put ``child`` at a dotted path, making the containers on the way, for the node ``name``."""
    *words, last = path.split(".")
    _add(_container(root, words, name), last, child, name)


def _container(root: nn.Module, words: Sequence[str], name: str) -> nn.Module:
    parent = root
    for word in words:
        if word not in parent._modules:
            _add(parent, word, nn.Module(), name)
        parent = parent.get_submodule(word)
    return parent


def _add(parent: nn.Module, word: str, child: nn.Module, name: str) -> None:
    try:
        parent.add_module(word, child)
    except (KeyError, TypeError):
        raise ExportError(
            f"node '{name}' cannot become a PyTorch submodule, because every module already has "
            f"an attribute '{word}'; rename the node."
        ) from None


def tensor_at(root: nn.Module, key: str) -> Tensor:
    """Return the parameter or buffer under a key."""
    path, _, word = key.rpartition(".")
    parent = root.get_submodule(path)
    found: Tensor | None = parent._parameters.get(word)
    if found is None:
        found = parent._buffers.get(word)
    if found is None:
        raise AttributeError(f"the module has no tensor '{key}'")
    return found


def register_stored(root: nn.Module, net: ArchGraph) -> None:
    """Register every tensor of the graph that no layer holds yet, and tie those that are one.

    Constants whose numbers the graph holds are no part of the state and stay out.
    """
    tensors = net.tensors
    for key, stored in tensors.items():
        if stored.kind == "constant" and stored.value is not None:
            continue
        *words, last = key.split(".")
        parent = _container(root, words, key)
        held: Tensor | None = parent._parameters.get(last)
        held = parent._buffers.get(last) if held is None else held
        kind = getattr(torch, stored.dtype)
        if held is None or held.dtype != kind or tuple(held.shape) != stored.shape:
            _register(parent, last, torch.empty(stored.shape, dtype=kind), stored, key)
    for key in tensors:
        first = tied(net, key)
        if first != key and first in tensors:
            tie(root, [first, key])


def _register(parent: nn.Module, word: str, tensor: Tensor, stored: Stored, key: str) -> None:
    try:
        if stored.kind == "parameter":
            learns = tensor.is_floating_point() or tensor.is_complex()
            parent.register_parameter(word, nn.Parameter(tensor, requires_grad=learns))
        else:
            parent.register_buffer(word, tensor)
    except KeyError:
        raise ExportError(
            f"the stored tensor '{key}' cannot be held by a PyTorch module, because every module "
            f"already has an attribute '{word}' or one that bears its name; rename it."
        ) from None


def ties(module: nn.Module) -> list[list[str]]:
    """Return the keys of the tensors that a module holds under several names."""
    found: dict[int, list[str]] = {}
    for key, tensor in (
        *module.named_parameters(remove_duplicate=False),
        *module.named_buffers(remove_duplicate=False),
    ):
        found.setdefault(id(tensor), []).append(key)
    return [keys for keys in found.values() if len(keys) > 1]


def tie(root: nn.Module, keys: Iterable[str]) -> None:
    """Make the tensors under these keys one, the first one's."""
    first, *others = keys
    shared = tensor_at(root, first)
    for key in others:
        path, _, word = key.rpartition(".")
        setattr(root.get_submodule(path), word, shared)
