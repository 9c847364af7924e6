"""From a file to a model that is safe to look at: parsed, bounded, without functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archgraph.errors import FormatError, MissingDependencyError
from archgraph.importers.onnx.nodes import graphs_in, types_of_names
from archgraph.importers.onnx.stored_numbers import Data
from archgraph.importers.onnx.without_weights import skim

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

__all__ = ["read_model"]

_MOST_NODES = 1_000_000
"""More operators than any published network has, few enough to work on."""


def read_model(path: Path) -> tuple[ModelProto, Data]:
    """Return the model of an ONNX file without its weights, its functions put in place.

    The numbers of large tensors stay in the file, where the second result finds them.

    Raises FileError, FormatError, or MissingDependencyError when onnx is not installed.
    """
    try:
        from onnx import ModelProto
    except ImportError:
        raise MissingDependencyError("reading an ONNX file needs onnx: pip install onnx.") from None

    model, (content, places) = ModelProto(), skim(path)
    try:
        model.ParseFromString(content)
    except Exception:  # protobuf's DecodeError, whose package says nothing of its types
        raise FormatError(f"'{path}' is not an ONNX file, or it is damaged or cut off.") from None
    if not model.HasField("graph") or not model.graph.output:
        raise FormatError(f"'{path}' holds no network: it has no graph with an output.")
    if _types_of_names(model) - {str}:
        raise FormatError(f"'{path}' is damaged: a name in it is not text.")
    if model.functions:
        model = _inlined(model, path)
    if len(model.graph.node) > _MOST_NODES:
        raise FormatError(f"'{path}' holds more than {_MOST_NODES:,} operators.")
    return model, Data(path, places)


def _inlined(model: ModelProto, path: Path) -> ModelProto:
    """Return the model with each call of a function replaced by the function's nodes."""
    from onnx import inliner

    bodies = {(f.domain, f.name): f.node for f in model.functions}
    sizes: dict[tuple[str, str], int] = {}
    open_calls: set[tuple[str, str]] = set()

    def size(key: tuple[str, str]) -> int:
        """Return how many nodes a call becomes; functions must not call themselves."""
        if key not in bodies:
            return 1
        if key in open_calls or len(open_calls) > 100:
            raise FormatError(f"'{path}' holds a function that calls itself: '{key[1]}'.")
        if key not in sizes:
            open_calls.add(key)
            sizes[key] = sum(size((node.domain, node.op_type)) for node in _all(bodies[key]))
            open_calls.discard(key)
        return sizes[key]

    if sum(size((node.domain, node.op_type)) for node in _all(model.graph.node)) > _MOST_NODES:
        raise FormatError(f"'{path}' holds more than {_MOST_NODES:,} operators.")
    for key in bodies:
        size(key)
    try:
        return inliner.inline_local_functions(model)
    except Exception as error:  # onnx raises what its C++ threw, of no common class
        raise FormatError(
            f"'{path}' holds functions that cannot be put in place: {error}"
        ) from None


def _all(nodes: Iterable[NodeProto]) -> Iterator[NodeProto]:
    """Yield nodes and those of the graphs inside them, such as the branches of an If."""
    for node in nodes:
        yield node
        for graph in graphs_in(node.attribute):
            yield from _all(graph.node)


def _types_of_names(model: ModelProto) -> set[type]:
    """Return the types of every name in a model: protobuf gives those not in UTF-8 as bytes.

    Those of the nodes of its graph are looked at when these are read.
    """
    graph, found = model.graph, set[type]()

    def note(*names: object) -> None:
        found.update(map(type, names))

    for imported in model.opset_import:
        note(imported.domain)
    found.update(type(tensor.name) for tensor in graph.initializer)
    for sparse in graph.sparse_initializer:
        note(sparse.values.name)
    for info in (*graph.input, *graph.output, *graph.value_info):
        note(info.name, *(each.dim_param for each in info.type.tensor_type.shape.dim))
    for entry in model.metadata_props:
        note(entry.key, entry.value)
    for function in model.functions:
        note(function.name, function.domain, *function.input, *function.output)
        for node in function.node:
            found |= types_of_names(node)
    return found
