"""What is known of each value of a model before its operators are read.

A value is static when it does not depend on what the user gives: a weight, a constant, the shape
of a tensor. Static values are settings and parameters; everything else is an edge of the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archgraph.errors import FormatError
from archgraph.importers.onnx.shapes import concrete, inferred, numeric
from archgraph.ops import Shape, elements

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

__all__ = ["Static", "Values", "is_static", "understand"]

_LEARNED_INPUTS: dict[str, tuple[int, ...]] = {
    "BatchNormalization": (1, 2, 3, 4),
    "Conv": (1, 2),
    "ConvTranspose": (1, 2),
    "GRU": (1, 2, 3),
    "Gemm": (1, 2),
    "GroupNormalization": (1, 2),
    "InstanceNormalization": (1, 2),
    "LSTM": (1, 2, 3),
    "LayerNormalization": (1, 2),
    "PRelu": (1,),
    "RNN": (1, 2, 3),
}
"""Where operators take weights: an input of the model that goes nowhere else is one."""


@dataclass(frozen=True, slots=True)
class Static:
    """A value that the user's data does not change; ``shape`` is None where it is unknown.

    ``learned`` says whether it counts as parameters, ``tensor`` holds its numbers where they are
    in the file and few.
    """

    shape: Shape | None
    learned: bool = False
    tensor: TensorProto | None = None


@dataclass(slots=True)
class Values:
    """The values of a model by name; shapes include the batch axis, whose extent is ``batch``."""

    batch: int
    opset: int
    inputs: dict[str, Shape]
    shapes: dict[str, Shape] = field(default_factory=dict)
    static: dict[str, Static] = field(default_factory=dict)


def understand(model: ModelProto, origin: str, input: Sequence[int] | None) -> Values:
    """Return what is known of the values of a model.

    ``input`` replaces the shape of the first input (without the batch axis), or says what the
    file leaves open. An open batch becomes 1. Raises FormatError naming ``origin``.
    """
    graph = model.graph
    stored = {tensor.name: tensor for tensor in graph.initializer}
    sparse = {each.values.name: each for each in graph.sparse_initializer}
    given = [i for i in graph.input if i.name not in stored and i.name not in sparse]
    weights = _weight_inputs(model, {info.name for info in given})
    data = [info for info in given if info.name not in weights]
    inputs, batch = concrete(data, model, origin, input)
    opsets = {each.domain: each.version for each in model.opset_import}
    opset = opsets.get("", opsets.get("ai.onnx", 1))
    types = inferred(model, inputs)
    shapes = {name: shape for name, (_, shape) in types.items() if shape is not None}
    values = Values(batch, opset, inputs, shapes | inputs)
    for tensor in graph.initializer:
        values.static[tensor.name] = _stored(tensor, origin)
    for name, each in sparse.items():
        values.static[name] = Static(tuple(each.dims), learned=True)
    for info in given:
        if info.name in weights:
            values.static[info.name] = Static(numeric(info), learned=True)
    for node in graph.node:
        if is_static(node, values.static):
            _add_results(node, values, types, stored, origin)
    return values


def is_static(node: NodeProto, static: Iterable[str]) -> bool:
    """Return whether a node's results do not depend on the user's data."""
    if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
        return False
    if node.op_type in ("Shape", "Size"):
        return True
    read = node.input[:1] if node.op_type == "CastLike" else node.input
    return all(not name or name in static for name in read)


def _add_results(
    node: NodeProto,
    values: Values,
    types: dict[str, tuple[bool, Shape | None]],
    stored: dict[str, TensorProto],
    origin: str,
) -> None:
    """Add the results of a static node; what is computed from weights counts as weights."""
    tensor = _constant(node) if node.op_type == "Constant" else None
    if tensor is not None:
        values.static[node.output[0]] = _stored(tensor, origin)
        return
    from_weights = node.op_type not in ("Shape", "Size") and any(
        values.static[name].learned for name in node.input if name in values.static
    )
    # Files whose weights were taken out make them from their shapes.
    from_weights |= node.op_type == "ConstantOfShape" and any(name in stored for name in node.input)
    for name in node.output:
        floating, shape = types.get(name, (True, None))
        values.static[name] = Static(shape, from_weights and floating)


def _stored(tensor: TensorProto, origin: str) -> Static:
    from onnx import TensorProto

    shape = tuple(tensor.dims)
    if min(shape, default=1) < 0:
        raise FormatError(f"{origin}: its tensor '{tensor.name}' has a negative extent: {shape}.")
    floating = tensor.data_type in (
        TensorProto.FLOAT,
        TensorProto.FLOAT16,
        TensorProto.BFLOAT16,
        TensorProto.DOUBLE,
    )
    outside = tensor.data_location == TensorProto.EXTERNAL
    return Static(shape, floating and elements(shape) > 1, None if outside else tensor)


def _constant(node: NodeProto) -> TensorProto | None:
    """Return the tensor that a Constant node holds, whichever of its forms it has."""
    from onnx import AttributeProto, helper

    for attribute in node.attribute:
        if attribute.type == AttributeProto.TENSOR:
            tensor: TensorProto = attribute.t
            return tensor
        if attribute.type in (AttributeProto.INT, AttributeProto.INTS):
            single = attribute.type == AttributeProto.INT
            numbers = [attribute.i] if single else list(attribute.ints)
            return helper.make_tensor("", 7, [] if single else [len(numbers)], numbers)
        if attribute.type in (AttributeProto.FLOAT, AttributeProto.FLOATS):
            single = attribute.type == AttributeProto.FLOAT
            floats = [attribute.f] if single else list(attribute.floats)
            return helper.make_tensor("", 1, [] if single else [len(floats)], floats)
    return None


def _weight_inputs(model: ModelProto, names: set[str]) -> set[str]:
    """Return the inputs of the model that only ever serve as weights.

    A file that was written without weights takes them as inputs.
    """
    ours = {
        f"{entry.value}.{key}"
        for node in model.graph.node
        for entry in node.metadata_props
        if entry.key == "archgraph.node"
        for key in ("weight", "bias", "running_mean", "running_var")
    }
    uses: dict[str, set[bool]] = {name: set() for name in names}
    for node in model.graph.node:
        places = _LEARNED_INPUTS.get(node.op_type, ())
        for position, name in enumerate(node.input):
            if name in uses:
                uses[name].add(position in places or name in ours)
    found = {name for name, weights in uses.items() if weights == {True}}
    return found if found != names else set()
