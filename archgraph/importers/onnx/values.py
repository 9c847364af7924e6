"""What is known of each value of a model before its operators are read.

A value is static when it does not depend on what the user gives: a weight, a constant, the shape
of a tensor. Everything else is an edge of the graph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from archgraph.importers.onnx.folding import LARGEST
from archgraph.importers.onnx.nodes import Node
from archgraph.importers.onnx.sampled_sizes import Sizes
from archgraph.importers.onnx.shape_inference import TYPES, Numbers
from archgraph.tensors import Tensor

if TYPE_CHECKING:
    from onnx import TensorProto, TypeProto

__all__ = ["STATE_KEY", "Source", "Static", "Values", "only", "source_of", "static_of"]

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


class Static(NamedTuple):
    """A value that the user's data does not change.

    ``numbers`` are its elements where they are few and known. ``root`` is the stored tensor that
    it is, perhaps in another shape; ``turned`` says whether as its transpose, and is None where
    its elements are in another order. ``sources`` are all stored tensors that it is computed
    from, ``fill`` the number that all its elements are.
    """

    tensor: Tensor
    numbers: Numbers | None = None
    root: str = ""
    turned: bool | None = None
    sources: frozenset[str] = frozenset()
    fill: float | None = None


@dataclass(slots=True)
class Values:
    """The values of a model by name, with whole shapes.

    ``nodes`` are those that run, in order: of an If whose condition is known, those of the branch
    that it takes (``branched`` says that there was one). ``refusals`` are the nodes, by number,
    that contradict what they read, and what is wrong. ``kinds`` are the types of values that are
    no tensors of numbers.
    """

    opset: int
    inputs: dict[str, Tensor]
    sizes: Sizes
    tensors: dict[str, Tensor] = field(default_factory=dict)
    static: dict[str, Static] = field(default_factory=dict)
    stored: dict[str, Source] = field(default_factory=dict)
    refusals: dict[int, str] = field(default_factory=dict)
    kinds: dict[str, TypeProto] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    branched: bool = False

    def tensor(self, name: str) -> Tensor:
        """Return what is known of a value."""
        return self.tensors.get(name, Tensor(None, None))


def only(array: Any) -> float | None:
    """Return the number that all elements of a small array are."""
    if not array.size or array.dtype.kind not in "fiub":
        return None
    first = array.reshape(-1)[0]
    return float(first) if bool((array == first).all()) else None


def static_of(name: str, source: Source) -> Static:
    """Return what is known of a stored tensor, with its numbers where they are few."""
    from onnx import numpy_helper

    numbers = None
    shape = source.tensor.shape or ()
    if source.proto is not None and source.kind is None and prod(shape) <= LARGEST:
        try:
            numbers = (numpy_helper.to_array(source.proto),)
        except (TypeError, ValueError):
            numbers = None
        if numbers is not None and numbers[0].shape != shape:
            numbers = None
    fill = None if numbers is None else only(numbers[0])
    return Static(source.tensor, numbers, name, False, frozenset({name}), fill)


def source_of(tensor: TensorProto) -> Source:
    """Return a tensor of the file as a stored one."""
    outside = tensor.data_location == 1
    known = Tensor(tuple(tensor.dims), TYPES.get(tensor.data_type))
    return Source(known, None if outside else tensor, kind=_kind(tensor))


def _kind(tensor: TensorProto) -> TypeProto | None:
    """Return the type of a tensor that holds no numbers."""
    if tensor.data_type in TYPES:
        return None
    from onnx import helper

    found: TypeProto = helper.make_tensor_type_proto(tensor.data_type, tuple(tensor.dims))
    return found
