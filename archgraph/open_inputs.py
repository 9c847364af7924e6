"""Which sizes of a network's inputs are open, and how to say them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archgraph.tensors import Batch, Open, is_open

if TYPE_CHECKING:
    from archgraph.graph import ArchGraph

__all__ = ["OpenInputs", "open_inputs", "option_words"]

_MAPS, _ROWS = 224, 128
"""What stands for an open extent in an example: of maps, of anything else."""


@dataclass(frozen=True)
class OpenInputs:
    """The letters of open extents in the inputs' order, and an example of sizes by input."""

    letters: tuple[str, ...]
    example: dict[str, tuple[int | str, ...]]

    @property
    def options(self) -> str:
        """The command line's options that say the example: ``--input x:Nx3x224x224``."""
        return shlex.join(option_words(self.example))

    @property
    def sentence(self) -> str:
        """What is open and how to say it, in one sentence."""
        *first, last = self.letters
        sizes = f"{', '.join(first)} and {last} are" if first else f"{last} is"
        return f"{sizes} open; say the sizes of the inputs, as in {self.options}."


def option_words(shapes: Mapping[str, Sequence[int | str]]) -> list[str]:
    """Return the words of the command line that say shapes of inputs, not yet quoted."""
    said = [f"{name}:{'x'.join(map(str, shape))}" for name, shape in shapes.items()]
    return [word for each in said for word in ("--input", each)]


def open_inputs(net: ArchGraph, *, maps: int = _MAPS, rows: int = _ROWS) -> OpenInputs | None:
    """Return what is open in the inputs of a network; None where nothing is.

    ``maps`` is what stands in the example for an open extent of maps, ``rows`` of anything else.
    An input of which not even the number of axes is known is not among them.
    """
    letters: dict[str, None] = {}
    example: dict[str, tuple[int | str, ...]] = {}
    for name in net.sources:
        shape = net.nodes[name]["outputs"][0].shape
        if not is_open(shape):
            continue
        size = maps if len(shape) > 3 else rows
        found: list[int | str] = []
        for extent in shape:
            if type(extent) is Open:
                letters |= dict.fromkeys(sorted(extent.letters - {"N"}))
                found.append(size)
            else:
                found.append(str(extent) if type(extent) is Batch else extent)
        example[name] = tuple(found)
    return OpenInputs(tuple(letters), example) if letters else None
