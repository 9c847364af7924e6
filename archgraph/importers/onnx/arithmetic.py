"""How many multiply-adds an operator of a file takes that archgraph has no operator for."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from archgraph.importers.onnx.values import Values
from archgraph.ops import Shape

if TYPE_CHECKING:
    from onnx import NodeProto

__all__ = ["macs_of"]

UNTOLD = frozenset({
    "Attention", "ConvInteger", "DFT", "DeformConv", "Einsum", "GRU", "If", "LSTM",
    "LinearAttention", "Loop", "MatMulInteger", "QLinearConv", "QLinearMatMul", "RNN", "STFT",
    "Scan",
})  # fmt: skip
"""Standard operators that multiply and add as layers do, in ways that are not followed here."""


def macs_of(node: NodeProto, values: Values) -> int | None:
    """Return a node's multiply-adds for one image, or None where they cannot be told.

    They are those of convolutions, linear layers and matrix products; any other standard operator
    has none. A transposed convolution multiplies each element of its input with
    C_out / groups · K weights.
    """
    if node.domain not in ("", "ai.onnx") or node.op_type in UNTOLD:
        return None
    if node.op_type not in ("Conv", "ConvTranspose", "Gemm", "MatMul"):
        return 0
    first, second = (_shape(name, values) for name in node.input[:2])
    result = _shape(node.output[0], values)
    if first is None or second is None or result is None:
        return None
    if node.op_type == "ConvTranspose":
        total = prod(first) * prod(second[1:])
    elif node.op_type == "Conv":
        total = prod(result) * prod(second[1:])
    else:
        turned = any(each.name == "transA" and each.i for each in node.attribute)
        total = prod(result) * first[0 if turned else -1]
    return total // values.batch if total % values.batch == 0 else None


def _shape(name: str, values: Values) -> Shape | None:
    found = values.static.get(name)
    return values.shapes.get(name) if found is None else found.shape
