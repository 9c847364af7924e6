"""Arithmetic on sizes: what the small static nodes of a file compute, computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archgraph.importers.onnx.nodes import Node

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

__all__ = ["LARGEST", "Folding", "constant_of", "run_node"]

LARGEST = 1024
"""More numbers than this are no sizes."""

ARITHMETIC = frozenset({
    "Abs", "Add", "And", "Cast", "CastLike", "Ceil", "Concat", "ConstantOfShape", "Div",
    "Equal", "Exp", "Expand", "Flatten", "Floor", "Gather", "Greater", "GreaterOrEqual",
    "Identity", "Less", "LessOrEqual", "Max", "Min", "Mod", "Mul", "Neg", "Not", "Or", "Pow",
    "Range", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSum", "Reshape", "Shape", "Size",
    "Slice", "Split", "Sqrt", "Squeeze", "Sub", "Tile", "Transpose", "Unsqueeze", "Where",
})  # fmt: skip
"""What sizes are computed with."""


class Folding:
    """Computes nodes of one model, once for those that are alike."""

    def __init__(self, opset: int) -> None:
        self.opset = opset
        self.known: dict[tuple[object, ...], list[Any] | None] = {}

    def computed(self, node: Node, inputs: Sequence[Any], dtype: str | None) -> list[Any] | None:
        """Return the results of a node for the arrays that it reads (None for one left out).

        ``dtype`` is that of the first result. None where it is no arithmetic on sizes, or cannot
        be computed.
        """
        if node.op_type not in ARITHMETIC:
            return None
        sized = node.op_type in ("Shape", "Size")
        key = (
            node.kind,
            dtype,
            *(
                None if each is None else (each.shape, each.dtype, b"" if sized else each.tobytes())
                for each in inputs
            ),
        )
        if key not in self.known:
            self.known[key] = self._computed(node, inputs, dtype)
        return self.known[key]

    def _computed(self, node: Node, inputs: Sequence[Any], dtype: str | None) -> list[Any] | None:
        if node.op_type == "CastLike":  # to the type of a tensor whose numbers do not matter
            return None if dtype in (None, "bfloat16") else [inputs[0].astype(dtype)]
        found = run_node(node.proto, inputs, self.opset)
        return found if found and all(each.size <= LARGEST for each in found) else None


def run_node(node: NodeProto, inputs: Sequence[Any], opset: int) -> list[Any] | None:
    """Return the results of a node for the arrays that it reads; None where they cannot be told."""
    import numpy as np
    from onnx.reference.ops import load_op

    if node.domain not in ("", "ai.onnx"):
        return None
    settings = {"log": _silent, "opsets": {"": opset}, "verbose": 0, "new_ops": None}
    try:
        with np.errstate(all="ignore"):
            results = load_op("", node.op_type, opset)(node, settings).run(*inputs)
        return [np.asarray(each) for each in results]
    except Exception:  # whatever is wrong with the node, its result stays unknown
        return None


def _silent(*_: object) -> None:
    pass


def constant_of(node: Node) -> TensorProto | None:
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
