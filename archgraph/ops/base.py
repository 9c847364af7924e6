"""What every operator knows: its output shape, its parameters and what it costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Any, ClassVar

from archgraph.errors import ShapeError
from archgraph.ops.words import Form, Words, words_of_name

__all__ = [
    "BYTES_PER_ELEMENT",
    "Op",
    "Pair",
    "PairField",
    "Shape",
    "elements",
    "pair",
    "shape_text",
]

Shape = tuple[int, ...]
"""The extents of one tensor without the batch axis: (channels, height, width) or (features,)."""

Pair = tuple[int, int]

PairField = Any
"""The type of a field that is given as an integer or a Pair and held as a Pair.

Dataclasses cannot say that to a type checker, so it says nothing.
"""

BYTES_PER_ELEMENT = 4
"""Activations and weights are 32-bit floats."""


def pair(value: int | tuple[int, int] | list[int], field: str, least: int) -> Pair:
    """Return ``value`` as (height, width), refusing anything below ``least``."""
    both = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(both) != 2 or not all(type(v) is int and v >= least for v in both):
        raise ShapeError(
            f"{field} is {value!r}, but it must be an integer of at least {least}, or two of them."
        )
    return both


def elements(shape: Shape) -> int:
    """Return the number of elements of a tensor of this shape."""
    return math.prod(shape)


def shape_text(shape: Shape | None) -> str:
    """Return a shape as people write it: ``64×56×56`` (``unknown`` for None)."""
    return "unknown" if shape is None else "×".join(map(str, shape)) or "scalar"


@dataclass(frozen=True)
class Op:
    """One operator, without its name and its inputs.

    Subclasses are frozen dataclasses that use PyTorch's field names. All shapes leave out the
    batch axis and all costs are those of one image. The class attributes say how many inputs an
    operator takes (``arity``; None: one or more) and which family it belongs to in tables,
    colours and legends (``family``).
    """

    arity: ClassVar[int | None] = 1
    family: ClassVar[str] = "other"

    def __post_init__(self) -> None:
        """Refuse a field whose value is not of its type, whoever wrote it."""
        kind: Any = type(self)
        for name, types in _plain_fields(kind):
            value = getattr(self, name)
            if type(value) not in types:
                wanted = " or ".join(t.__name__ for t in types)
                raise ShapeError(f"{name} is {value!r}, but it must be of type {wanted}.")

    @property
    def kind(self) -> str:
        """The operator's name, as PyTorch spells it where it has one: ``Conv2d``."""
        return type(self).__name__

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the output's shape, or raise ShapeError when these inputs are impossible."""
        return inputs[0]

    def parameters(self) -> Mapping[str, Shape]:
        """Return the shapes of the learned tensors by name, as in a PyTorch state dict."""
        return {}

    def buffers(self) -> Mapping[str, Shape]:
        """Return the shapes of the tensors that are stored but not learned."""
        return {}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        """Return the multiply-adds of convolutions, linear layers and matrix products."""
        return 0

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        """Return 2 × MACs + bias additions + element-wise work; each operator says its formula."""
        return 0

    def lecture(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        """Return the lecture's count: multiply-adds without bias; K·K per output of a pooling."""
        return self.macs(inputs, output)

    def costs(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int | None]:
        """Return the static costs of this operator for one image; None where one is unknown.

        ``activation_bytes`` is the output's size in 32-bit floats.
        """
        return {
            "params": sum(map(elements, self.parameters().values())),
            "macs": self.macs(inputs, output),
            "flops": self.flops(inputs, output),
            "lecture": self.lecture(inputs, output),
            "activation_bytes": BYTES_PER_ELEMENT * elements(output),
        }

    def settings(self) -> dict[str, Any]:
        """Return the fields as plain values, leaving out those that hold their default."""
        found: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.default is MISSING or value != _normal(field.default, value):
                found[field.name] = list(value) if isinstance(value, tuple) else value
        return found

    # ---- what it is called, and what tables, pictures and exporters ask of it ------------------

    known: ClassVar[bool] = True
    """Whether archgraph knows what it computes."""
    silent: ClassVar[bool] = False
    """Whether it passes every element on as it is at inference, at most in another shape."""
    sums: ClassVar[bool] = False
    """Whether it adds its inputs, so that a shortcut may end here."""
    counters: ClassVar[tuple[str, ...]] = ()
    """The buffers that only training reads and writes; files may lack them."""

    @property
    def words(self) -> Words:
        """Its name and the settings that people say with it, in parts."""
        return words_of_name(self.kind)

    @property
    def layer(self) -> str:
        """What people count as a layer: "convolution", say; "" for what is none."""
        return _LAYERS.get(self.family, "")

    @property
    def weighted(self) -> bool:
        """Whether it is a layer with weights, as depths count them."""
        return bool(self.layer and self.parameters())

    @property
    def told(self) -> bool:
        """Whether the summary of a block names it: layers and poolings."""
        return bool(self.layer) or self.family == "pool"

    @property
    def quiet(self) -> bool:
        """Whether it stands behind others without figures of its own: activations, norms."""
        return self.family in ("activation", "norm", "regularisation", "reshape")

    @property
    def form(self) -> Form:
        """How a picture shows it; a bar joins several, one alone is a thin line."""
        return "thin" if self.quiet or self.family in ("pool", "merge") else "box"

    def inference_buffers(self) -> Mapping[str, Shape]:
        """Return the buffers that inference reads: all but the ``counters``."""
        return {key: s for key, s in self.buffers().items() if key not in self.counters}


_LAYERS = {"conv": "convolution", "linear": "fully connected layer"}
"""What an operator of each family counts as, where it says nothing else."""


_PLAIN: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "str": (str,),
}


@cache
def _plain_fields(op: Any) -> list[tuple[str, tuple[type, ...]]]:
    """Return the fields of an operator class whose type can be checked, and their types."""
    return [(field.name, _PLAIN[field.type]) for field in fields(op) if field.type in _PLAIN]


def _normal(default: object, value: object) -> object:
    """Return a default in the form that a pair field has after construction."""
    if isinstance(value, tuple) and isinstance(default, int):
        return (default, default)
    return default
