"""What a module is called with, at any batch."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.utils import _pytree as pytree

from archgraph.errors import FormatError, ShapeError, UnknownNameError
from archgraph.nearest import nearest

__all__ = ["Arguments", "Asked", "Entry", "arguments_of", "image_like", "named_floats"]

Asked = Sequence[int] | Mapping[str, Sequence[int | str]] | None
"""One image's shape, or whole shapes by name, with "N" for the batch."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor that a module is given: its name, the example, and which axis is the batch."""

    name: str
    tensor: torch.Tensor
    axis: int | None

    def at(self, batch: int | None) -> torch.Tensor:
        """Return a tensor of its kind for a batch; its own size where ``batch`` is None.

        Its rows are the example's, over and over.
        """
        if batch is None or self.axis is None:
            return self.tensor.detach().clone()
        size = self.tensor.shape[self.axis]
        rows = torch.arange(batch, device=self.tensor.device) % size
        return self.tensor.detach().index_select(self.axis, rows)

    def like(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return a tensor in the element type of the example."""
        return tensor.to(self.tensor.dtype)


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call; their tensors stand apart as ``entries``."""

    entries: tuple[Entry, ...]
    leaves: tuple[Any, ...]
    places: tuple[int, ...]
    spec: Any

    def filled(self, tensors: Sequence[torch.Tensor]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return positional arguments and keywords with these tensors in the entries' places."""
        leaves = list(self.leaves)
        for place, tensor in zip(self.places, tensors, strict=True):
            leaves[place] = tensor
        args, kwargs = pytree.tree_unflatten(leaves, self.spec)
        return tuple(args), dict(kwargs)

    def resized(self, shapes: Mapping[str, Sequence[int | str]]) -> Arguments:
        """Return the same arguments with tensors of other shapes, by name."""
        names = [entry.name for entry in self.entries]
        for name in shapes:
            if name not in names:
                raise UnknownNameError(
                    f"the module has no input '{name}'{nearest(name, names)}; its inputs are "
                    f"{', '.join(names)}."
                )
        return replace(
            self,
            entries=tuple(
                _resized(entry, shapes[entry.name]) if entry.name in shapes else entry
                for entry in self.entries
            ),
        )

    def fixed(self) -> Arguments:
        """Return the same arguments, in which nothing is a batch."""
        return replace(self, entries=tuple(replace(each, axis=None) for each in self.entries))


def image_like(module: torch.nn.Module, shape: object) -> Arguments:
    """Return one tensor of a shape without the batch, of the element type of the parameters."""
    given = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if not given or not all(type(each) is int and each > 0 for each in given):
        raise ShapeError(
            f"input is {shape!r}, but it must be positive integers without the batch, such as "
            "(3, 224, 224)."
        )
    floating = (each.dtype for each in module.parameters() if each.is_floating_point())
    generator = torch.Generator().manual_seed(0)
    dtype = next(floating, torch.float32)
    tensor = torch.randn((1, *given), generator=generator).to(dtype)
    leaves, spec = pytree.tree_flatten(((tensor,), {}))
    return Arguments((Entry("input", tensor, 0),), tuple(leaves), (0,), spec)


def named_floats(module: torch.nn.Module, shapes: Mapping[str, Sequence[int | str]]) -> Arguments:
    """Return tensors of whole shapes by name, of the element type of the parameters."""
    like = image_like(module, (1,)).entries[0].tensor
    example = {name: like.new_ones(()) for name in shapes}
    return arguments_of(module, example, None).resized(shapes)


def _resized(entry: Entry, shape: Sequence[int | str]) -> Entry:
    """Return a tensor of another shape with the example's numbers, over and over; "N" is 1 here."""
    axes = [axis for axis, extent in enumerate(shape) if extent == "N"]
    if len(axes) > 1 or not all(
        extent == "N" or (type(extent) is int and extent > 0) for extent in shape
    ):
        raise ShapeError(
            f"the input '{entry.name}' is {tuple(shape)!r}, but it must be positive integers, with "
            "N for the batch."
        )
    sizes = [1 if extent == "N" else int(extent) for extent in shape]
    flat = entry.tensor.reshape(-1)
    places = torch.arange(math.prod(sizes), device=flat.device) % max(1, flat.numel())
    return Entry(entry.name, flat[places].reshape(sizes), axes[0] if axes else None)


def arguments_of(
    module: torch.nn.Module, example: object, batch: object = 0, names: Sequence[str] = ()
) -> Arguments:
    """Return what ``example`` says: a tensor, positional arguments, keywords, or both.

    ``batch`` is the axis that is the batch: one for all tensors, one for each in their order, or
    by name; None where there is none. ``names`` are those of all leaves, where the module's
    forward does not tell them.
    """
    args, kwargs = _call(example)
    paths, spec = pytree.tree_flatten_with_path((args, kwargs))
    words = _parameters(module, len(args))
    leaves = tuple(leaf for _, leaf in paths)
    places = tuple(i for i, leaf in enumerate(leaves) if isinstance(leaf, torch.Tensor))
    if not places:
        raise FormatError(
            f"the example {example!r:.60} holds no tensor; give a tensor, a tuple of positional "
            "arguments, a dict of keywords, or (args, kwargs)."
        )
    if len(names) == len(leaves):
        names = [names[place] for place in places]
    else:
        names = [_name(paths[place][0], words) for place in places]
    axes = _axes(batch, names, [leaves[place] for place in places])
    entries = tuple(
        Entry(name, leaves[place].detach(), axis)
        for name, place, axis in zip(names, places, axes, strict=True)
    )
    return Arguments(entries, leaves, places, spec)


def _call(example: object) -> tuple[tuple[Any, ...], dict[str, Any]]:
    match example:
        case (tuple() as args, Mapping() as kwargs):
            return args, dict(kwargs)
        case tuple():
            return example, {}
        case Mapping():
            return (), dict(example)
    return (example,), {}


def _parameters(module: torch.nn.Module, count: int) -> list[str]:
    """Return the names of the first parameters of a module's forward."""
    try:
        found = list(inspect.signature(module.forward).parameters.values())
    except (TypeError, ValueError):
        found = []
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    words = [each.name for each in found if each.kind in positional]
    words += [f"input_{n}" for n in range(len(words), count)]
    return words


def _name(path: Sequence[Any], words: Sequence[str]) -> str:
    """Return a name for one tensor: its parameter's, then the way into that."""
    steps: list[Any] = [
        getattr(step, "key", getattr(step, "idx", getattr(step, "name", ""))) for step in path
    ]
    first = words[steps[1]] if steps[0] == 0 else steps[1]
    text = "_".join(str(step) for step in (first, *steps[2:]))
    return re.sub(r"[\s./:]", "_", text)


def _axes(batch: object, names: Sequence[str], tensors: Sequence[torch.Tensor]) -> list[int | None]:
    match batch:
        case None | int():
            wanted: list[object] = [batch] * len(names)
        case Mapping():
            unknown = [str(name) for name in batch if name not in names]
            if unknown:
                raise FormatError(
                    f"batch names '{unknown[0]}', but the tensors are {', '.join(names)}."
                )
            wanted = [batch.get(name, 0) for name in names]
        case [*axes] if len(axes) == len(names):
            wanted = axes
        case _:
            raise FormatError(
                f"batch is {batch!r:.60}, but it must be an axis, or one for each of "
                f"{', '.join(names)}."
            )
    found: list[int | None] = []
    for name, tensor, axis in zip(names, tensors, wanted, strict=True):
        if axis is None or not tensor.ndim:
            found.append(None)
            continue
        if type(axis) is not int or not -tensor.ndim <= axis < tensor.ndim:
            raise FormatError(
                f"batch is {axis!r} for '{name}', but that has axes 0 to {tensor.ndim - 1}."
            )
        found.append(axis % tensor.ndim)
    return found
