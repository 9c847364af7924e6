"""How an operator is written in ONNX: found by its type."""

from __future__ import annotations

from functools import singledispatch

from archgraph import ops
from archgraph.errors import ExportError
from archgraph.ops.registry import offered_for

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

    That of another package's operator is its entry point in the group ``archgraph.lowerings``, a
    function of the two.
    """
    if type(op) in _ONE_TO_ONE:
        c.emit(_ONE_TO_ONE[type(op)], *c.alike())
    elif offered := offered_for(op, "lowerings"):
        offered.load()(op, c)
    else:
        raise ExportError(f"node '{c.node}': the operator {op.kind} has no ONNX form.")


@lower.register
def _(op: ops.Opaque, c: Context) -> None:
    raise ExportError(f"node '{c.node}': the operator '{op.type_name}' is unknown.")
