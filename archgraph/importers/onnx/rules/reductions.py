"""Reductions: many elements become one."""

from __future__ import annotations

from collections.abc import Callable

from archgraph import ops
from archgraph.importers.onnx.call import Call, Made, UnreadableError
from archgraph.ops import Op

__all__ = ["READERS"]

_NAMES = {
    "ReduceL2": "norm",
    "ReduceLogSumExp": "logsumexp",
    "ReduceMax": "max",
    "ReduceMean": "mean",
    "ReduceMin": "min",
    "ReduceProd": "prod",
    "ReduceSum": "sum",
}


def _reduce(call: Call) -> list[Made]:
    shape, axes = call.shape(0), call.axes(1)
    if not axes:
        if call.integer("noop_with_empty_axes", 0):
            return [Made(ops.Identity(), (call.inputs[0],))]
        axes = list(range(len(shape)))
    found = sorted(axis % len(shape) for axis in axes)
    kept = bool(call.integer("keepdims", 1))
    if call.op_type == "ReduceMean" and len(shape) == 4 and found == [2, 3]:
        pool = Made(ops.GlobalAvgPool2d(), (call.inputs[0],))
        return [pool] if kept else [pool, Made(ops.Flatten())]
    return _made(call, ops.Reduce(_NAMES[call.op_type], tuple(found), kept))


def _arg(call: Call) -> list[Made]:
    axis = call.integer("axis", 0) % len(call.shape(0))
    kept = bool(call.integer("keepdims", 1))
    return _made(call, ops.Reduce(call.op_type.lower(), (axis,), kept))


def _cumulate(call: Call) -> list[Made]:
    axes = call.numbers(1)
    if call.integer("exclusive", 0) or call.integer("reverse", 0) or not axes:
        raise UnreadableError
    return _made(call, ops.Cumulate("sum", int(axes[0]) % len(call.shape(0))))


def _sort(call: Call) -> list[Made]:
    """Read TopK, which is a sort where it gives all."""
    shape = call.shape(0)
    axis = call.integer("axis", -1) % len(shape)
    found = call.extents(1) if call.has(1) else call.integers("k")
    if not found or len(call.outputs) != 2 or not all(call.outputs):
        raise UnreadableError
    count = None if found[0] == shape[axis] else found[0]
    op = ops.Sort(axis, bool(call.integer("largest", 1)), count)
    return [Made(op, (call.inputs[0],), makes=call.outputs)]


def _made(call: Call, op: Op) -> list[Made]:
    return [Made(op, (call.inputs[0],))]


READERS: dict[str, Callable[[Call], list[Made]]] = {
    **dict.fromkeys(_NAMES, _reduce),
    "ArgMax": _arg,
    "ArgMin": _arg,
    "CumSum": _cumulate,
    "TopK": _sort,
}
"""How each ONNX operator of this family is read."""
