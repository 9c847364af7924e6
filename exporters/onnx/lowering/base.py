"""How an operator is written in ONNX: found by its type."""

from __future__ import annotations

from functools import singledispatch

from archgraph import ops
from archgraph.errors import ExportError

from ..context import Context

__all__ = ["lower"]

_ONE_TO_ONE = {
    ops.Flatten: "Flatten",
    ops.GlobalAvgPool2d: "GlobalAveragePool",
    ops.Identity: "Identity",
    ops.MatMul: "MatMul",
    ops.ReLU: "Relu",
    ops.Sigmoid: "Sigmoid",
    ops.Tanh: "Tanh",
    ops.Dropout: "Identity",
}


@singledispatch
def lower(op: ops.Op, c: Context) -> None:
    """Write one operator into ``c``; ExportError when ONNX has no form for it.

    An operator of another package joins with ``lower.register``.
    """
    if type(op) not in _ONE_TO_ONE:
        raise ExportError(f"node '{c.node}': the operator {op.kind} has no ONNX form.")
    c.emit(_ONE_TO_ONE[type(op)], *c.alike())


@lower.register
def _(op: ops.Opaque, c: Context) -> None:
    raise ExportError(f"node '{c.node}': the operator '{op.type_name}' is unknown.")
