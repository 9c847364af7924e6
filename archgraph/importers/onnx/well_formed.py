"""What a model must be before anything is made of it: names that are text, values made once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from math import prod
from typing import TYPE_CHECKING

from archgraph.errors import FormatError
from archgraph.importers.onnx.nodes import Node, types_of_names
from archgraph.limits import AXES, NAME, OPERATORS

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["require_few", "require_made_once", "require_names", "require_possible"]

_MOST = 2**63 - 1
"""Elements that 64 bits count."""


def require_few(model: ModelProto, origin: str) -> None:
    """Raise FormatError for a model of more parts than can be looked at; one may be two bytes."""
    graph = model.graph
    for what, parts in (
        ("operators", graph.node),
        ("tensors", graph.initializer),
        ("tensors", graph.sparse_initializer),
        ("inputs", graph.input),
        ("outputs", graph.output),
        ("notes on values", graph.value_info),
        ("notes", model.metadata_props),
        ("operator sets", model.opset_import),
        ("functions", model.functions),
    ):
        if len(parts) > OPERATORS:
            raise FormatError(f"{origin} holds more than {OPERATORS:,} {what}.")


def require_names(model: ModelProto, origin: str) -> None:
    """Raise FormatError where a name in a model is not text: not in UTF-8, protobuf gives bytes.

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
    if found - {str}:
        raise FormatError(f"{origin} is damaged: a name in it is not text.")


def require_made_once(model: ModelProto, nodes: Sequence[Node], origin: str) -> None:
    """Raise FormatError where two of what a model takes, stores and makes have one name.

    Also where what it gives is none of these, or a name is longer than any tool writes. What is
    stored may also be an input, as in old files.
    """
    given = [info.name for info in model.graph.input]
    if "" in given:
        raise FormatError(f"{origin} is damaged: one of its inputs has no name.")
    made = list(chain.from_iterable([node.output for node in nodes]))
    known = {*given, *made} - {""}
    if len(known) < len(given) + len(made) - made.count(""):
        raise FormatError(
            f"{origin} is damaged: two values in it are called '{_twice(given, made)}'."
        )
    stored = [tensor.name for tensor in model.graph.initializer]
    if not known.isdisjoint(stored) and not (twice := set(made).intersection(stored)) <= {""}:
        raise FormatError(
            f"{origin} is damaged: two values in it are called '{min(twice - {''}):.80}'."
        )
    whole = known.union(stored, (sparse.values.name for sparse in model.graph.sparse_initializer))
    missing = [info.name for info in model.graph.output if info.name not in whole]
    if missing:
        raise FormatError(
            f"{origin} is damaged: it gives '{missing[0]:.80}', which nothing in it makes."
        )
    kinds = {node.kind for node in nodes}
    words = chain(known, stored, [node.name for node in nodes], [kind.op_type for kind in kinds])
    longest = max(map(len, words), default=0)
    if longest > NAME:
        raise FormatError(
            f"{origin} holds a name of {longest:,} characters; at most {NAME:,} are read."
        )


def _twice(*names: Iterable[str]) -> str:
    seen: set[str] = set()
    for name in filter(None, chain(*names)):
        if name in seen:
            return name[:80]
        seen.add(name)
    return ""


def require_possible(model: ModelProto, origin: str) -> None:
    """Raise FormatError where what is stored, taken or given has a shape that no tensor has."""
    for tensor in model.graph.initializer:
        _require_shape(tensor.dims[:], f"tensor '{tensor.name:.80}'", origin)
    for sparse in model.graph.sparse_initializer:
        _require_shape(sparse.dims[:], f"tensor '{sparse.values.name:.80}'", origin)
    for info in (*model.graph.input, *model.graph.output):
        dims = info.type.tensor_type.shape.dim
        _require_shape([max(1, d.dim_value) for d in dims], f"'{info.name:.80}'", origin)


def _require_shape(shape: Sequence[int], what: str, origin: str) -> None:
    if len(shape) > AXES:
        raise FormatError(
            f"{origin}: its {what} has {len(shape):,} axes, but no tensor has more than {AXES}."
        )
    if min(shape, default=1) < 0:
        raise FormatError(f"{origin}: its {what} has a negative extent: {tuple(shape)}.")
    if prod(shape) > _MOST:
        raise FormatError(
            f"{origin}: its {what} is {'×'.join(map(str, shape)):.80}, more elements than any "
            "tensor has."
        )
