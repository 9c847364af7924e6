"""What is known of each value of a model before its operators are read.

A value is static when it does not depend on what the user gives: a weight, a constant, the shape
of a tensor. Everything else is an edge of the graph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from archgraph.importers.onnx.held_numbers import held_numbers, is_elsewhere
from archgraph.importers.onnx.nodes import Node
from archgraph.importers.onnx.sampled_sizes import Sizes
from archgraph.importers.onnx.shape_inference import TYPES, Numbers
from archgraph.limits import AXES, FOLDED
from archgraph.tensors import Tensor

if TYPE_CHECKING:
    from onnx import TensorProto, TypeProto

__all__ = [
    "STATE_KEY",
    "Elements",
    "Fact",
    "Source",
    "Static",
    "Values",
    "elements_of",
    "only",
    "source_of",
    "static_of",
]

_SETTINGS = 16
"""Of floats that say what an operator does (bounds, scales) there are no more than this."""

STATE_KEY = re.compile(r"[A-Za-z_]\w*(\.\w+)+")
"""A key of a state dict: ``features.1.0.layer_scale``; exporters call constants otherwise."""


class Source(NamedTuple):
    """A tensor that is stored in the file; ``proto`` holds its numbers where they are there.

    ``made`` says that a node makes it from its shape alone, as in files whose weights were taken
    out; ``kind`` is the type of one that holds no numbers but texts.
    """

    tensor: Tensor
    proto: TensorProto | None = None
    made: bool = False
    kind: TypeProto | None = None


class Elements:
    """The numbers of a value that the user's data does not change, where they are few and known.

    ``numbers`` is one array, or one for each size; ``fill`` the number that all of them are. Those
    of a stored tensor are looked at when somebody asks, for a network has many biases.
    """

    __slots__ = ("_fill", "_key", "_numbers", "_proto", "long")

    def __init__(
        self,
        numbers: Numbers | None = None,
        fill: float | None = None,
        proto: TensorProto | None = None,
        *,
        long: bool = False,
    ) -> None:
        self._numbers, self._fill, self._proto = numbers, fill, proto
        self._key: tuple[object, ...] | None = None
        self.long = long or (numbers is not None and _is_long(numbers[0]))
        """Whether they are floats, and more than an operator takes as settings."""

    @property
    def numbers(self) -> Numbers | None:
        """Each of them; None where they are not known, or too many to be sizes."""
        if self._proto is not None:
            self._look(self._proto)
        return self._numbers

    @property
    def fill(self) -> float | None:
        """The number that all of them are, None where they differ or are not known."""
        if self._proto is not None:
            self._look(self._proto)
        return self._fill

    def _look(self, proto: TensorProto) -> None:
        self._proto = None
        array = held_numbers(proto)
        if array is not None:
            self._numbers, self._fill = (array,), only(array)

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same for the same numbers; it says nothing of those of ``long`` ones."""
        if self._key is None:
            numbers = None if self.long else self.numbers
            fill = None if self._proto is not None else self._fill
            self._key = (fill,)
            if numbers is not None:
                self._key = (fill, *[(a.shape, a.dtype, a.tobytes()) for a in numbers])
        return self._key

    @property
    def told(self) -> Elements:
        """They as far as ``key`` tells them."""
        return Elements(None, self.key[0]) if self.long else self  # type: ignore[arg-type]


NONE_KNOWN = Elements()
"""Those of a tensor that is too large for sizes, or whose numbers are elsewhere."""


class Static(NamedTuple):
    """A value that the user's data does not change.

    ``root`` is the stored tensor that it is, perhaps in another shape; ``turned`` says whether as
    its transpose, and is None where its elements are in another order. ``sources`` are all stored
    tensors that it is computed from.
    """

    tensor: Tensor
    elements: Elements = NONE_KNOWN
    root: str = ""
    turned: bool | None = None
    sources: frozenset[str] = frozenset()

    @property
    def numbers(self) -> Numbers | None:
        """Its elements where they are few and known."""
        return self.elements.numbers

    @property
    def fill(self) -> float | None:
        """The number that all its elements are."""
        return self.elements.fill

    @property
    def single(self) -> int | None:
        """The one whole number or truth that it is for all sizes."""
        numbers = self.numbers
        if numbers is None or len(numbers) > 1 or numbers[0].size != 1:
            return None
        return int(numbers[0].item()) if numbers[0].dtype.kind in "iub" else None

    @property
    def fact(self) -> Fact:
        """What two values have in common that differ in names, or in long rows of floats, only."""
        return self.tensor, self.elements.key, bool(self.root), self.turned


Fact = tuple[object, ...]
"""What decides what nodes make of a value: of two of one fact, nodes of one kind make the same.

Of a value that follows from the user's data it is the tensor, of any other its ``Static.fact``.
"""


@dataclass(slots=True)
class Values:
    """The values of a model by name, with whole shapes.

    ``nodes`` are those that run, in order: of an If whose condition is known, those of the branch
    that it takes (``branched`` says that there was one). ``refusals`` are the nodes, by number,
    that contradict what they read, and what is wrong. ``kinds`` are the types of values that are
    no tensors of numbers, ``facts`` what decides what nodes make of a value, ``branches`` how often
    a name stood in branches that were taken.
    """

    opset: int
    inputs: dict[str, Tensor]
    sizes: Sizes
    tensors: dict[str, Tensor] = field(default_factory=dict)
    static: dict[str, Static] = field(default_factory=dict)
    stored: dict[str, Source] = field(default_factory=dict)
    refusals: dict[int, str] = field(default_factory=dict)
    kinds: dict[str, TypeProto] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    branched: bool = False
    branches: dict[str, int] = field(default_factory=dict)

    def tensor(self, name: str) -> Tensor:
        """Return what is known of a value."""
        return self.tensors.get(name, Tensor(None, None))

    def note(self, name: str, tensor: Tensor) -> None:
        """Note what a value is."""
        self.tensors[name] = self.facts[name] = tensor

    def note_static(self, name: str, static: Static, fact: Fact | None = None) -> None:
        """Note what a value is that no data changes; its ``fact`` where that is known."""
        self.static[name] = static
        self.tensors[name] = static.tensor
        self.facts[name] = static.fact if fact is None else fact

    def note_kind(self, name: str, kind: TypeProto) -> None:
        """Note the type of a value that is no tensor of numbers."""
        self.kinds[name] = kind
        self.facts[name] = self.facts.get(name), kind.SerializeToString(deterministic=True)


def only(array: Any) -> float | None:
    """Return the number that all elements of a small array are."""
    if not array.size or array.dtype.kind not in "fiub":
        return None
    first = array.reshape(-1)[0]
    return float(first) if bool((array == first).all()) else None


def _is_long(array: Any) -> bool:
    return bool(array.size > _SETTINGS and array.dtype.kind not in "iub")


def elements_of(source: Source) -> Elements:
    """Return the numbers of a stored tensor, where they are few."""
    shape, dtype = source.tensor
    if source.proto is None or source.kind is not None:
        return NONE_KNOWN
    count = prod(shape or ())
    if count > FOLDED:
        return NONE_KNOWN
    whole = dtype is not None and dtype.startswith(("int", "uint", "bool"))
    return Elements(proto=source.proto, long=count > _SETTINGS and not whole)


def static_of(name: str, source: Source, elements: Elements) -> Static:
    """Return what is known of a stored tensor."""
    return Static(source.tensor, elements, name, False, frozenset((name,)))


def source_of(tensor: TensorProto) -> Source:
    """Return a tensor of the file as a stored one."""
    kind, shape = tensor.data_type, tuple(tensor.dims[:])
    possible = len(shape) <= AXES and min(shape, default=0) >= 0
    known = Tensor(shape if possible else None, TYPES.get(kind))
    held = None if is_elsewhere(tensor) else tensor
    return Source(known, held, False, None if kind in TYPES else _kind(tensor))


def _kind(tensor: TensorProto) -> TypeProto:
    """Return the type of a tensor that holds no numbers."""
    from onnx import helper

    found: TypeProto = helper.make_tensor_type_proto(tensor.data_type, tuple(tensor.dims))
    return found
