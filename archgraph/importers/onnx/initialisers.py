"""What a file stores and what it asks for: initialisers, weights given as inputs, inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archgraph.formats.onnx_notes import Notes
from archgraph.importers.onnx.nodes import Node
from archgraph.importers.onnx.shape_inference import TYPES
from archgraph.importers.onnx.values import Source, source_of
from archgraph.importers.onnx.weight_positions import weights_of
from archgraph.tensors import Tensor

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

__all__ = ["sources_of"]


def sources_of(
    model: ModelProto, nodes: Sequence[Node], notes: Notes
) -> tuple[dict[str, Source], list[ValueInfoProto]]:
    """Return the stored tensors of a model by name, and the inputs that the user gives."""
    found: dict[str, Source] = {}
    for tensor in model.graph.initializer:
        found[tensor.name] = source_of(tensor)
    for each in model.graph.sparse_initializer:
        dtype = TYPES.get(each.values.data_type)
        found[each.values.name] = Source(Tensor(tuple(each.dims), dtype), None, True)
    given = [info for info in model.graph.input if info.name not in found]
    weights = _weight_inputs(nodes, {info.name for info in given}, notes.stored_names())
    for info in given:
        if info.name in weights:
            found[info.name] = Source(_tensor(info), None, True)
    return found, [info for info in given if info.name not in weights]


def _tensor(info: ValueInfoProto) -> Tensor:
    kind = info.type.tensor_type
    dims = kind.shape.dim
    known = kind.HasField("shape") and all(
        d.HasField("dim_value") and d.dim_value >= 0 for d in dims
    )
    return Tensor(tuple(d.dim_value for d in dims) if known else None, TYPES.get(kind.elem_type))


def _weight_inputs(nodes: Sequence[Node], names: set[str], ours: set[str]) -> set[str]:
    """Return the inputs of the model that only ever serve as weights.

    A file that was written without weights takes them as inputs; ``ours`` are the names that
    archgraph's notes give them.
    """
    uses: dict[str, set[bool]] = {name: set() for name in names}
    for node in nodes:
        if uses.keys().isdisjoint(node.input):
            continue
        places = weights_of(node)
        for position, name in enumerate(node.input):
            if name in uses:
                uses[name].add(position in places or name in ours)
    found = {name for name, weights in uses.items() if weights == {True}}
    return found if found != names else set()
