"""From a file to a model that is safe to look at: parsed, bounded, without functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archgraph.errors import FormatError, MissingDependencyError
from archgraph.importers.onnx.nodes import graphs_in
from archgraph.importers.onnx.stored_numbers import Data
from archgraph.importers.onnx.well_formed import require_few, require_names, require_possible
from archgraph.importers.onnx.without_weights import skim
from archgraph.limits import FILE, GROWTH, NESTING, OPERATORS

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

__all__ = ["read_model"]


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
    require_few(model, f"'{path}'")
    require_names(model, f"'{path}'")
    require_possible(model, f"'{path}'")
    if model.functions:
        model = _inlined(model, path)
    return model, Data(path, places)


def _inlined(model: ModelProto, path: Path) -> ModelProto:
    """Return the model with each call of a function replaced by the function's nodes."""
    from onnx import inliner

    _require_few(model, path)
    try:
        return inliner.inline_local_functions(model)
    except Exception as error:  # onnx raises what its C++ threw, of no common class
        said = " ".join(str(error).split())
        raise FormatError(
            f"'{path}' holds functions that cannot be put in place: {said:.200}."
        ) from None


def _require_few(model: ModelProto, path: Path) -> None:
    """Raise FormatError where the functions of a model become too much, or call themselves."""
    bodies = {(f.domain, f.name): list(_all(f.node)) for f in model.functions}
    own = list(_all(model.graph.node))
    sizes: dict[tuple[str, str], tuple[int, int]] = {}
    open_calls: set[tuple[str, str]] = set()

    def size(node: NodeProto) -> tuple[int, int]:
        """Return how many nodes a call becomes, and their bytes."""
        key = node.domain, node.op_type
        if key not in bodies:
            return 1, node.ByteSize()
        if key in open_calls or len(open_calls) > NESTING:
            raise FormatError(
                f"'{path}' holds a function that calls itself, or others deeper than {NESTING}: "
                f"'{key[1]:.80}'."
            )
        if key not in sizes:
            open_calls.add(key)
            sizes[key] = total(bodies[key])
            open_calls.discard(key)
        return sizes[key]

    def total(nodes: Iterable[NodeProto]) -> tuple[int, int]:
        pairs = [size(node) for node in nodes]
        return sum(count for count, _ in pairs), sum(some for _, some in pairs)

    for body in bodies.values():
        total(body)
    count, some = total(own)
    most = min(OPERATORS, GROWTH * (len(own) + sum(map(len, bodies.values()))))
    if count > most:
        raise FormatError(
            f"'{path}' holds more than {most:,} operators, its functions put in place."
        )
    if some > FILE:
        raise FormatError(
            f"'{path}' holds more than {FILE >> 20} MB besides its weights, its functions put in "
            "place."
        )


def _all(nodes: Iterable[NodeProto]) -> Iterator[NodeProto]:
    """Yield nodes and those of the graphs inside them, such as the branches of an If."""
    for node in nodes:
        yield node
        for graph in graphs_in(node.attribute):
            yield from _all(graph.node)
