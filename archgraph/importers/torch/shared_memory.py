"""Which tensors share memory, so that a view sees what is written into its base.

A tensor object has a value until its memory is written to. Then the object written to has a new
value, and so have the tensors that it is a view of: the old one with the new numbers scattered into
it. Any other view is taken anew from its base when it is next read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch

from archgraph.importers.torch.trace import Call, Value

__all__ = ["Block", "Memory", "Seen", "scattered"]

Made = Callable[[str, dict[str, Any], tuple[int, ...], str | None], Value]
"""Makes a call that nobody made, by name and arguments; returns its value of a shape and type."""


@dataclass(slots=True)
class Block:
    """A piece of memory: the tensor that it was first seen as, how often it was written to.

    ``stand_in`` is a tensor on the meta device that stands for it where its numbers are not known
    any more.
    """

    base: torch.Tensor
    version: int = 0
    stand_in: torch.Tensor | None = None


@dataclass(slots=True)
class Seen:
    """What is known of one tensor object; ``view`` is what it is a view of, and by which call."""

    value: Value
    version: int
    view: tuple[torch.Tensor, Call, int] | None = None


class Memory:
    """All tensor objects of a run, kept alive so that their identities stay their own."""

    def __init__(self, made: Made) -> None:
        self._made = made
        self._blocks: dict[int, Block] = {}
        self._seen: dict[int, Seen] = {}
        self._alive: list[object] = []

    def block(self, tensor: torch.Tensor) -> Block | None:
        """Return the memory of a tensor; None where it was never seen."""
        return self._blocks.get(_place(tensor))

    def share(self, tensor: torch.Tensor, block: Block) -> None:
        """Say that a tensor stands for a piece of memory that is known."""
        self._blocks[_place(tensor)] = block
        self._alive.append(tensor.untyped_storage())

    def know(
        self,
        tensor: torch.Tensor,
        value: Value,
        view: tuple[torch.Tensor, Call, int] | None = None,
    ) -> None:
        """Say which value a tensor object has now."""
        place = _place(tensor)
        if place not in self._blocks:
            self._blocks[place] = Block(tensor)
            self._alive.append(tensor.untyped_storage() if place else tensor)
        self._alive.append(tensor)
        self._seen[id(tensor)] = Seen(value, self._blocks[place].version, view)

    def value(self, tensor: torch.Tensor) -> Value | None:
        """Return the value that a tensor has now; None where it was never seen."""
        block = self.block(tensor)
        if block is None:
            return None
        seen = self._seen.get(id(tensor))
        if seen is not None and seen.version == block.version:
            return seen.value
        if seen is not None and seen.view is not None:
            parent, call, output = seen.view
            value = self._again(call, output, self.value(parent) or seen.value, seen.value)
            self.know(tensor, value, seen.view)
            return value
        whole = self.value(block.base) if block.base is not tensor else None
        if whole is None:
            return None if seen is None else seen.value
        if _geometry(tensor) != _geometry(block.base):
            whole = self._made(
                "as_strided",
                {"self": whole, "size": list(tensor.shape)},
                tuple(tensor.shape),
                whole.dtype,
            )
        self.know(tensor, whole)
        return whole

    def _again(self, call: Call, output: int, parent: Value, old: Value) -> Value:
        """Return the same view of another value."""
        arguments = dict(call.arguments)
        name = next(n for n, each in arguments.items() if isinstance(each, Value))
        arguments[name] = parent
        if len(call.outputs) > 1:
            arguments["output"] = output
        return self._made(call.name, arguments, old.shape, old.dtype)

    def above(self, tensor: torch.Tensor) -> list[tuple[torch.Tensor, Value, Call, int]]:
        """Return the tensors that one is a view of, the nearest first, with their values."""
        found = []
        seen = self._seen.get(id(tensor))
        while seen is not None and seen.view is not None:
            parent, call, output = seen.view
            value = self.value(parent)
            if value is None:
                break
            found.append((parent, value, call, output))
            seen = self._seen.get(id(parent))
        return found

    def write(
        self,
        tensor: torch.Tensor,
        value: Value,
        above: list[tuple[torch.Tensor, Value, Call, int]],
    ) -> None:
        """Say that a tensor was written to; ``above`` is what ``above`` said before."""
        block = self.block(tensor)
        seen = self._seen.get(id(tensor))
        if block is None or seen is None:
            self.know(tensor, value)
            return
        block.version += 1
        self.know(tensor, value, seen.view)
        for parent, old, call, output in above:
            value = scattered(self._made, call, output, old, value)
            self.know(parent, value, self._seen[id(parent)].view)
        top = above[-1][0] if above else tensor
        if block.base is not top and _geometry(block.base) == _geometry(top):
            self.know(block.base, value)


def scattered(made: Made, call: Call, output: int, old: Value, new: Value) -> Value:
    """Return what a tensor is after a view of it (made by ``call``) was given new numbers."""
    arguments: dict[str, Any] = {"self": old, "src": new}
    name = "write"
    if call.name in ("select", "slice"):
        name = f"{call.name}_scatter"
        arguments |= {k: v for k, v in call.arguments.items() if k != "self"}
    elif call.name == "unbind":
        name = "select_scatter"
        arguments |= {"dim": call["dim"] or 0, "index": output}
    elif len(call.outputs) > 1 and call["dim"] is not None:
        axis = call["dim"] % len(old.shape)
        starts = [0, *accumulate(each.shape[axis] for each in call.outputs)]
        name = "slice_scatter"
        arguments |= {"dim": axis, "start": starts[output], "end": starts[output + 1], "step": 1}
    elif call.name in ("permute", "transpose", "t", "mT", "numpy_T"):
        name, arguments = "inverse_permute", {"self": new, "of": call.name, **call.arguments}
        arguments["self"] = new
    elif _count(old.shape) == _count(new.shape):
        name, arguments = "view", {"self": new, "size": list(old.shape)}
    return made(name, arguments, old.shape, old.dtype)


def _count(shape: tuple[int, ...]) -> int:
    return int(torch.Size(shape).numel())


def _geometry(tensor: torch.Tensor) -> tuple[object, ...]:
    try:
        return (tensor.shape, tensor.stride(), tensor.storage_offset(), tensor.dtype)
    except (RuntimeError, NotImplementedError):
        return (id(tensor),)


def _place(tensor: torch.Tensor) -> int:
    """Return what names the memory of a tensor; itself where it has none of its own."""
    try:
        return int(tensor.untyped_storage()._cdata)
    except (RuntimeError, NotImplementedError):
        return -id(tensor)
