"""Arithmetic on sizes: what the small static nodes of a file compute, computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archgraph.importers.onnx.folding_bounds import ARITHMETIC, bound_of
from archgraph.importers.onnx.held_numbers import held_numbers
from archgraph.importers.onnx.nodes import STANDARD, Kind, Node
from archgraph.limits import FOLDED

if TYPE_CHECKING:
    from onnx import TensorProto

__all__ = ["Folding", "constant_of", "run_node"]


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
        key = (
            node.kind,
            dtype,
            *(
                None if each is None else (each.shape, each.dtype, each.tobytes())
                for each in inputs
            ),
        )
        if key not in self.known:
            self.known[key] = self._computed(node, inputs, dtype)
        return self.known[key]

    def _computed(self, node: Node, inputs: Sequence[Any], dtype: str | None) -> list[Any] | None:
        if node.op_type == "CastLike":  # to the type of a tensor whose numbers do not matter
            if dtype is None or not inputs or inputs[0] is None:
                return None
            try:
                return [inputs[0].astype(dtype)]
            except TypeError:  # NumPy lacks those of few bits
                return None
        found = run_node(node, inputs, self.opset, FOLDED)
        return found if found and all(each.size <= FOLDED for each in found) else None


def run_node(node: Node, inputs: Sequence[Any], opset: int, most: int) -> list[Any] | None:
    """Return the results of a node for the arrays that it reads; None where they cannot be told.

    Nothing is computed that may have more elements than ``most``.
    """
    import numpy as np
    from onnx.reference.ops import load_op

    bound = bound_of(node.op_type, node.kind.settings, inputs)
    if bound is None or bound > most or node.domain not in STANDARD or not _is_plain(node.kind):
        return None
    settings = {"log": _silent, "opsets": {"": opset}, "verbose": 0, "new_ops": None}
    try:
        with np.errstate(all="ignore"):
            results = load_op("", node.op_type, opset)(node.proto, settings).run(*inputs)
        return [np.asarray(each) for each in results]
    except Exception:  # whatever is wrong with the node, its result stays unknown
        return None


def _is_plain(kind: Kind) -> bool:
    """Return whether a node holds no graphs, nor tensors that onnx would look for in a file."""
    return all(
        each.type in _PLAIN or (each.type == _TENSOR and held_numbers(each.t) is not None)
        for each in kind.attribute
    )


_PLAIN = frozenset((1, 2, 3, 6, 7, 8))  # AttributeProto.AttributeType: numbers and texts
_TENSOR = 4


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
