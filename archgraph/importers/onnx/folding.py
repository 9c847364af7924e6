"""Arithmetic on shapes, done where onnx's own inference gives up, such as at Mod or Where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archgraph.ops import Shape

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

__all__ = ["fold_sizes"]

LARGEST = 1024
"""More numbers than this are no sizes."""

ARITHMETIC = frozenset({
    "Add", "And", "Cast", "Ceil", "Concat", "Div", "Equal", "Floor", "Gather", "Greater",
    "Identity", "Less", "Max", "Min", "Mod", "Mul", "Neg", "Not", "Or", "ReduceMax", "ReduceMin",
    "ReduceProd", "ReduceSum", "Reshape", "Shape", "Size", "Slice", "Split", "Sqrt", "Squeeze",
    "Sub", "Transpose", "Unsqueeze", "Where",
})  # fmt: skip
"""What sizes are computed with: none of it makes more numbers than it reads, by much."""


def fold_sizes(model: ModelProto, shapes: Mapping[str, Shape | None]) -> bool:
    """Put the results of arithmetic on shapes into a model as constants; return whether any were.

    ``shapes`` are those known so far. Only few, small, standard operators are computed.
    """
    from onnx import numpy_helper

    graph = model.graph
    known: dict[str, Any] = {}
    for tensor in graph.initializer:
        if _few(tuple(tensor.dims)):
            known[tensor.name] = numpy_helper.to_array(tensor)
    opset = max((each.version for each in model.opset_import if not each.domain), default=13)
    folded = []
    for node in graph.node:
        results = _constant(node) or _computed(node, known, shapes, opset)
        if results is not None:
            known |= results
            if node.op_type != "Constant":
                folded.append((node, results))
    for node, results in folded:
        graph.node.remove(node)
        for name, value in results.items():
            graph.initializer.append(numpy_helper.from_array(value, name))
    return bool(folded)


def _few(shape: Shape) -> bool:
    count = 1
    for extent in shape:
        count *= extent
    return 0 <= count <= LARGEST


def _constant(node: NodeProto) -> dict[str, Any] | None:
    from onnx import numpy_helper

    if node.op_type != "Constant" or node.domain:
        return None
    for attribute in node.attribute:
        if attribute.name == "value" and _few(tuple(attribute.t.dims)):
            return {node.output[0]: numpy_helper.to_array(attribute.t)}
    return None


def _computed(
    node: NodeProto, known: Mapping[str, Any], shapes: Mapping[str, Shape | None], opset: int
) -> dict[str, Any] | None:
    """Return a node's results by name, or None where they are not at hand."""
    import numpy as np
    from onnx import helper
    from onnx.reference import ReferenceEvaluator

    if node.op_type not in ARITHMETIC or node.domain:
        return None
    feeds = {name: known[name] for name in node.input if name in known}
    if node.op_type in ("Shape", "Size"):
        shape = shapes.get(node.input[0])
        if shape is None:
            return None
        # Its numbers do not matter, and take no memory.
        feeds = {node.input[0]: np.broadcast_to(np.zeros((), np.int8), shape)}
    if any(name and name not in feeds for name in node.input):
        return None
    graph = helper.make_graph(
        [node],
        "sizes",
        [helper.make_empty_tensor_value_info(name) for name in feeds],
        [helper.make_empty_tensor_value_info(name) for name in node.output if name],
    )
    try:
        single = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
        results = ReferenceEvaluator(single).run(None, feeds)
    except Exception:  # whatever is wrong with the node, its result stays unknown
        return None
    named = dict(zip(filter(None, node.output), map(np.asarray, results), strict=True))
    return named if all(_few(value.shape) for value in named.values()) else None
