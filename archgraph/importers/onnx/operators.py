"""How each ONNX operator is read: as one of archgraph's operators, or as a few in a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archgraph import ops
from archgraph.importers.onnx.call import Call, UnreadableError
from archgraph.importers.onnx.windows import average_pool, conv, conv_transpose, max_pool
from archgraph.ops import Op, Shape, elements

__all__ = ["read"]

_LARGEST = 2**62
"""Bounds of a slice that mean "to the end" are about this large."""


def read(call: Call) -> list[Op]:
    """Return the operators that a node stands for; each but the first reads the one before.

    An empty list means that the node passes its input on. Raises UnreadableError, or whatever an
    operator raises that cannot be made of what the file says.
    """
    reader = _READERS.get(call.op_type)
    if reader is None:
        raise UnreadableError
    return reader(call)


def _activation(op: Op) -> Callable[[Call], list[Op]]:
    def reader(call: Call) -> list[Op]:
        _ = call.map
        return [op]

    return reader


def _merge(op: Op) -> Callable[[Call], list[Op]]:
    def reader(call: Call) -> list[Op]:
        if len(call.data) != len(call.inputs):
            raise UnreadableError
        return [op]

    return reader


def _leaky_relu(call: Call) -> list[Op]:
    _ = call.map
    return [ops.LeakyReLU(call.number("alpha", 0.01))]


def _clip(call: Call) -> list[Op]:
    _ = call.map
    low: Any = [call.settings["min"]] if "min" in call.settings else call.numbers(1)
    high: Any = [call.settings["max"]] if "max" in call.settings else call.numbers(2)
    if low == [0] and high == [6]:
        return [ops.ReLU6()]
    if low == [0] and (high is None or high[0] > 1e38):
        return [ops.ReLU()]
    raise UnreadableError


def _softmax(call: Call) -> list[Op]:
    axis = call.integer("axis", 1 if call.opset < 13 else -1)
    rank = len(call.map) + 1
    if call.opset < 13 and axis != rank - 1 and elements(call.map[axis:]) != 1:
        raise UnreadableError  # all axes from this one on, as one
    return [ops.Softmax(axis % rank)]


def _dropout(call: Call) -> list[Op]:
    if call.inputs[0] not in call.data:
        raise UnreadableError
    try:
        given = call.numbers(1) if call.opset >= 12 else None
    except UnreadableError:
        given = None
    return [ops.Dropout(call.number("ratio", given[0] if given else 0.5))]


def _batch_norm(call: Call) -> list[Op]:
    (features,) = call.weight(1)
    momentum = call.number("momentum", 0.9)
    kept = round(1 - momentum, 7)
    return [ops.BatchNorm2d(features, call.number("epsilon", 1e-5), kept)]


def _lrn(call: Call) -> list[Op]:
    numbers = [call.number(k, d) for k, d in (("alpha", 1e-4), ("beta", 0.75), ("bias", 1.0))]
    return [ops.LocalResponseNorm(call.integer("size", 0), *numbers)]


def _gemm(call: Call) -> list[Op]:
    if len(call.map) != 1 or call.integer("transA", 0):
        raise UnreadableError
    rows, columns = call.weight(1)
    if call.integer("transB", 0):
        rows, columns = columns, rows
    return [ops.Linear(rows, columns, call.learned(2))]


def _matmul(call: Call) -> list[Op]:
    if len(call.data) == 2:
        return [ops.MatMul()]
    _ = call.map
    rows, columns = call.weight(1)
    return [ops.Linear(rows, columns, bias=False)]


def _concat(call: Call) -> list[Op]:
    if len(call.data) != len(call.inputs):
        raise UnreadableError
    rank = len(call.shapes[call.data[0]]) + 1
    axis = call.integer("axis", 1) % rank
    if axis == 0:
        raise UnreadableError
    return [ops.Concat(axis)]


def _reshape(call: Call) -> list[Op]:
    """Read whatever gives the same elements another shape: one row, or what it was."""
    if not call.data or call.inputs[0] != call.data[0] or call.shape is None:
        raise UnreadableError
    before, after = call.shapes[call.data[0]], call.shape
    if before == after:
        return [ops.Identity()]
    if after == (elements(before),):
        return [ops.Flatten()]
    raise UnreadableError


def _same(call: Call) -> list[Op]:
    if call.inputs[0] not in call.data:
        raise UnreadableError
    return [ops.Identity()]


def _transpose(call: Call) -> list[Op]:
    order = call.integers("perm")
    if order != tuple(range(len(call.map) + 1)):
        raise UnreadableError
    return [ops.Identity()]


def _slice(call: Call) -> list[Op]:
    shape = call.map
    if "starts" in call.settings:
        starts, stops = call.integers("starts"), call.integers("ends")
        axes, steps = call.axes(len(call.inputs)), None
    else:
        starts, stops = tuple(call.numbers(1) or ()), tuple(call.numbers(2) or ())
        axes, steps = call.axes(3), call.numbers(4)
    if len(starts) != 1 or axes != [1] or steps not in (None, [1]):
        raise UnreadableError
    start, stop, _ = slice(int(starts[0]), min(int(stops[0]), _LARGEST)).indices(shape[0])
    return [ops.Slice(start, stop)]


def _pad(call: Call) -> list[Op]:
    mode = call.settings.get("mode", "constant")
    old = call.integers("pads") or call.integers("paddings")
    pads = [int(n) for n in old or call.numbers(1) or ()]
    value = call.settings.get("value") if old else (call.numbers(2) or [0])[0]
    if len(call.map) != 3 or len(pads) != 8 or min(pads) < 0 or mode != "constant" or value:
        raise UnreadableError
    (n0, c0, top, left), (n1, c1, bottom, right) = pads[:4], pads[4:]
    if call.has(3) or n0 or n1:
        raise UnreadableError
    found: list[Op] = []
    if c0 or c1:
        found.append(ops.PadShortcut(1, c0, c1))
    if any((top, left, bottom, right)):
        found.append(ops.ZeroPad2d((left, right, top, bottom)))
    return found or [ops.Identity()]


def _mean(call: Call) -> list[Op]:
    shape = call.map
    if len(shape) != 3:
        raise UnreadableError
    if call.shape != (shape[0], 1, 1) or 1 in shape[1:]:
        axes = call.axes(1)
        if axes is None or {axis % 4 for axis in axes} != {2, 3}:
            raise UnreadableError
    kept = call.integer("keepdims", 1)
    return [ops.GlobalAvgPool2d()] if kept else [ops.GlobalAvgPool2d(), ops.Flatten()]


def _hard_sigmoid(call: Call) -> list[Op]:
    settings = call.number("alpha", 0.2), call.number("beta", 0.5)
    if max(abs(settings[0] - 1 / 6), abs(settings[1] - 0.5)) > 1e-6:
        raise UnreadableError
    return [ops.Hardsigmoid()]


def _global_max(call: Call) -> list[Op]:
    _: Shape = call.map
    return [ops.AdaptiveMaxPool2d(1)]


_READERS: dict[str, Callable[[Call], list[Op]]] = {
    "Add": _merge(ops.Add()),
    "AveragePool": average_pool,
    "BatchNormalization": _batch_norm,
    "Cast": _same,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Dropout": _dropout,
    "Flatten": _reshape,
    "Gelu": _activation(ops.GELU()),
    "Gemm": _gemm,
    "GlobalAveragePool": _activation(ops.GlobalAvgPool2d()),
    "GlobalMaxPool": _global_max,
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": _activation(ops.Hardswish()),
    "Identity": _same,
    "LRN": _lrn,
    "LeakyRelu": _leaky_relu,
    "MatMul": _matmul,
    "MaxPool": max_pool,
    "Mul": _merge(ops.Mul()),
    "Pad": _pad,
    "ReduceMean": _mean,
    "Relu": _activation(ops.ReLU()),
    "Reshape": _reshape,
    "Sigmoid": _activation(ops.Sigmoid()),
    "Slice": _slice,
    "Softmax": _softmax,
    "Squeeze": _reshape,
    "Sum": _merge(ops.Add()),
    "Swish": _activation(ops.SiLU()),
    "Tanh": _activation(ops.Tanh()),
    "Transpose": _transpose,
    "Unsqueeze": _reshape,
}
