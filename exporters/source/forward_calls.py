"""What a forward method calls, and what it takes and returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archgraph.graph import ArchGraph
from archgraph.ops import Op
from archgraph.tensors import Key, Stored, node_of, ref_to

__all__ = ["Body", "Unit", "is_number", "trains", "values_of"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One call in a forward method: a layer, an expression, an nn.Sequential or a block's class.

    ``path`` is its name below the class that it stands in, ``name`` that in the graph; ``inputs``
    are the values that it reads (``conv1``, ``split:1``, the Key of a stored tensor), ``outputs``
    those that it gives. ``steps`` are a Sequential's elements; ``part`` says that a Slice is the
    i-th of n equal parts.
    """

    path: str
    name: str
    kind: Literal["layer", "expression", "sequential", "block", "loop"]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    op: Op | None = None
    steps: tuple[Unit, ...] = ()
    training_only: bool = False
    part: tuple[int, int] | None = None

    @property
    def output(self) -> str:
        """The first value that it gives."""
        return self.outputs[0]

    @property
    def read(self) -> tuple[str, ...]:
        """The values that it reads, without stored tensors."""
        return tuple(value for value in self.inputs if type(value) is not Key)


@dataclass(frozen=True, slots=True)
class Body:
    """What one forward method takes, calls in order, and returns: values are nodes of the graph."""

    inputs: tuple[str, ...]
    units: tuple[Unit, ...]
    outputs: tuple[str, ...]


def values_of(net: ArchGraph, name: str) -> tuple[str, ...]:
    """Return the values that a node gives."""
    return tuple(ref_to(name, output) for output in range(len(net.nodes[name]["outputs"])))


def trains(net: ArchGraph, value: str) -> bool:
    """Return whether only training computes a value."""
    return bool(net.nodes[node_of(value)].get("training_only"))


def is_number(stored: Stored) -> bool:
    """Return whether a stored tensor is one number of a formula, written where it is used."""
    return stored.kind == "constant" and stored.value is not None and stored.shape == ()
