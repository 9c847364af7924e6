"""What onnx's own inference of shapes may be asked: it trusts files that its checker accepted.

For others it may crash, never end, or make as many objects as a number in the file says. What is
here was found by asking it of every operator with random inputs and settings.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

from archgraph.importers.onnx.nodes import STANDARD, Node, graphs_in
from archgraph.importers.onnx.weight_positions import SETTINGS
from archgraph.limits import AXES, FOLDED
from archgraph.tensors import Tensor

if TYPE_CHECKING:
    from onnx import AttributeProto, GraphProto, NodeProto

__all__ = ["is_askable", "may_follow_numbers"]

_UNSAFE = frozenset({"EyeLike", "GatherND", "LayerNormalization", "RegexFullMatch"})
"""Operators that onnx asks for the type of what they read, whether there is one or not."""

_EQUATION = re.compile(rb"[A-Za-z.,>\s-]*")


def is_askable(
    node: Node, opset: int, tensors: Mapping[str, Tensor], numbers: Container[str]
) -> bool:
    """Return whether onnx can be asked what a node gives that reads these tensors.

    ``numbers`` are those of them whose numbers are known.
    """
    for place in SETTINGS.get(node.op_type, ()):
        # It makes an output of as many axes as a vector of sizes is long.
        name = node.read(place)
        if name and name not in numbers and _is_longer(tensors[name], 2 * AXES):
            return False
    if node.op_type in _UNSAFE and not _has_its_axis(node, tensors):
        return False
    return (
        _reads_enough(node, opset)
        and all(map(_is_plain, node.attribute))
        and all(_is_sound(graph, opset) for graph in node.graphs)
    )


def may_follow_numbers(node: Node, tensors: Mapping[str, Tensor], numbers: Container[str]) -> bool:
    """Return whether onnx may follow the numbers in vectors, for which it makes one object each."""
    return not node.graphs and not any(
        _is_longer(tensors[name], FOLDED) for name in node.names if name not in numbers
    )


def _is_longer(tensor: Tensor, most: int) -> bool:
    shape = tensor.shape
    return shape is not None and len(shape) == 1 and (type(shape[0]) is not int or shape[0] > most)


def _gives_no_more(node: NodeProto) -> bool:
    """Return whether a layer norm gives its result alone: for no other its axis is looked at."""
    return node.op_type == "LayerNormalization" and len(node.output) == 1


def _has_its_axis(node: Node, tensors: Mapping[str, Tensor]) -> bool:
    """Return whether the axis that a node names is one of what it reads."""
    name, axis = node.read(0), node.kind.settings.get("axis", 0)
    shape = tensors[name].shape if name else None
    return shape is None or (type(axis) is int and -len(shape) <= axis < max(1, len(shape)))


def _reads_enough(node: Node | NodeProto, opset: int) -> bool:
    """Return whether a node reads all that its operator must, and gives no more than that can."""
    from onnx import defs

    domain = "" if node.domain in STANDARD else node.domain
    try:
        schema = defs.get_schema(node.op_type, opset if not domain else _NEWEST, domain)
    except (defs.SchemaError, TypeError):  # nothing is said of it, or the version is no number
        return True
    if len(node.output) > schema.max_output or not _names_its_parts(node):
        return False
    return len(node.input) >= schema.min_input and all(node.input[: schema.min_input])


def _names_its_parts(node: Node | NodeProto) -> bool:
    """Return whether a node that says how many outputs it has does have so many."""
    said = [each.i for each in node.attribute if each.name == "num_outputs"]
    return all(count == len(node.output) for count in said)


_NEWEST = 1000
"""A version that no operator set of another domain has reached."""


def _is_plain(attribute: AttributeProto) -> bool:
    """Return whether an attribute neither makes onnx go on forever nor asks for many objects."""
    if attribute.name == "equation":
        return _EQUATION.fullmatch(attribute.s) is not None
    return attribute.name != "num_outputs" or 0 < attribute.i <= FOLDED


def _is_sound(graph: GraphProto, opset: int) -> bool:
    """Return whether onnx can be asked of all that stands in a graph inside a node."""
    for info in (*graph.input, *graph.output, *graph.value_info):
        dims = info.type.tensor_type.shape.dim
        if len(dims) > AXES or any(d.dim_value < 0 for d in dims):
            return False
    return all(
        (inner.op_type not in _UNSAFE or _gives_no_more(inner))
        and _reads_enough(inner, opset)
        and all(map(_is_plain, inner.attribute))
        and all(_is_sound(each, opset) for each in graphs_in(inner.attribute))
        for inner in graph.node
    )
