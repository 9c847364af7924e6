"""Where a network was read from: its weights, its own answers, the way to read it again.

None of it is in what is saved or copied, and no number is looked at before somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Provenance", "Weights", "part_of_origin", "whole_origin"]

_PART = "#"


def part_of_origin(origin: str, number: int) -> str:
    """Return what a node says that is made beside the one that tells a node of the file.

    Of the nodes that a call or a node of a file becomes one tells it by its name; the others have
    origins of their own, which name it with a number: ``12:einsum`` and ``12:einsum#1``.
    """
    return f"{whole_origin(origin)}{_PART}{number}"


def whole_origin(origin: str) -> str:
    """Return the call or the node of the file that an origin is, or is a part of."""
    name, mark, number = origin.rpartition(_PART)
    return name if mark and number.isdigit() else origin


class Weights(Mapping[str, Any]):
    """The numbers of stored tensors by key: arrays or tensors, found where they are when asked for.

    ``origin`` says in words whose they are: "the module UNet", "'unet.onnx'".
    """

    def __init__(self, origin: str, loaders: Mapping[str, Callable[[], Any]]) -> None:
        self.origin = origin
        self._loaders = loaders

    def __getitem__(self, key: str) -> Any:
        return self._loaders[key]()

    def __contains__(self, key: object) -> bool:
        return key in self._loaders

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaders)

    def __len__(self) -> int:
        return len(self._loaders)

    def __repr__(self) -> str:
        """Return whose they are and how many: ``Weights('unet.onnx', tensors=46)``."""
        return f"{type(self).__name__}({self.origin}, tensors={len(self)})"


@dataclass(frozen=True)
class Provenance:
    """The module or file that a network is, as it was read.

    ``again`` reads it for another input. ``answers`` gives its own results for tensors, one for
    each Input node in their order: arrays in the order of the network's ``results``; it raises
    MissingDependencyError where what runs it is not installed. None: there is nothing to run.
    ``example`` gives what it was read with, at a batch: a tensor for each Input node. ``call``
    gives a module itself, and the arguments and keywords that it is called with, at a batch or,
    for None, as it was read; ``file`` is the path of a file.
    """

    weights: Weights
    again: Callable[[Any], Any]
    answers: Callable[[Sequence[Any]], list[Any]] | None = None
    example: Callable[[int], list[Any]] | None = None
    call: Callable[[int | None], tuple[Any, tuple[Any, ...], dict[str, Any]]] | None = None
    file: Path | None = None

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return self.weights.origin
