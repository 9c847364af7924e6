"""How many numbers a node computes at most, told before it computes them.

A few bytes may ask for any number of elements: by the numbers that a Tile or a Range reads, by a
sum of rows over nothing, by two long vectors that are broadcast. What is not listed here is never
computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from math import isfinite, prod
from typing import Any

from archgraph.importers.onnx.settings import BROKEN, Settings, integer

__all__ = ["ARITHMETIC", "bound_of"]

Bound = Callable[[Settings, Sequence[Any]], int]
"""The most elements of anything computed, by the settings and the arrays that are read."""

_PLAIN = "fiubcV"
"""The kinds of NumPy's types that are numbers; V are those of few bits. Texts may grow."""


def bound_of(op_type: str, settings: Settings, inputs: Sequence[Any]) -> int | None:
    """Return how many elements a node computes at most; None where it must not be computed."""
    bound = _BOUNDS.get(op_type)
    if bound is None or any(a is not None and a.dtype.kind not in _PLAIN for a in inputs):
        return None
    try:
        return bound(settings, inputs)
    except BROKEN:
        return None  # it lacks what it must read


def _whole(shape: Sequence[int]) -> int:
    """Return a shape's elements; an extent of 0 counts as 1, for a sum over it may be long."""
    return prod(max(1, each) for each in shape)


def _broadcast(*shapes: Sequence[int]) -> int:
    return _whole([max(column) for column in zip_longest(*map(reversed, shapes), fillvalue=1)])


def _first(_: Settings, inputs: Sequence[Any]) -> int:
    """Bound what gives its first input's elements, or fewer."""
    return _whole(inputs[0].shape)


def _each(_: Settings, inputs: Sequence[Any]) -> int:
    """Bound what computes each element from those at the same place."""
    return _broadcast(*(each.shape for each in inputs if each is not None))


def _concat(_: Settings, inputs: Sequence[Any]) -> int:
    return sum(_whole(each.shape) for each in inputs)


def _gather(settings: Settings, inputs: Sequence[Any]) -> int:
    shape = list(inputs[0].shape)
    del shape[integer(settings, "axis", 0)]
    return _whole(shape) * _whole(inputs[1].shape)


def _of_shape(_: Settings, inputs: Sequence[Any]) -> int:
    return _whole(_wholes(inputs[0]))


def _expand(_: Settings, inputs: Sequence[Any]) -> int:
    return _broadcast(inputs[0].shape, _wholes(inputs[1]))


def _tile(_: Settings, inputs: Sequence[Any]) -> int:
    return _whole(inputs[0].shape) * _whole(_wholes(inputs[1]))


def _range(_: Settings, inputs: Sequence[Any]) -> int:
    start, limit, step = (float(each.reshape(-1)[0]) for each in inputs)
    count = (limit - start) / step
    if not isfinite(count) or not all(map(isfinite, (start, limit, step))):
        raise ValueError
    return max(0, int(count)) + 1


def _product(_: Settings, inputs: Sequence[Any]) -> int:
    """Bound a product of matrices; what is multiplied counts too, as far as it takes long."""
    one, other = tuple(inputs[0].shape), tuple(inputs[1].shape)
    if not one or not other:
        raise ValueError
    one, other = one if len(one) > 1 else (1, *one), other if len(other) > 1 else (*other, 1)
    rows, inner, columns = one[-2], int(one[-1]), other[-1]
    batch = _broadcast(one[:-2], other[:-2])
    return batch * _whole((rows, columns)) * max(1, inner // _AT_ONCE)


_AT_ONCE = 256
"""So many multiplications take the time of one element."""


def _split(settings: Settings, inputs: Sequence[Any]) -> int:
    return max(_whole(inputs[0].shape), integer(settings, "num_outputs", 1))


def _quantised(settings: Settings, inputs: Sequence[Any]) -> int:
    """Bound what is scaled: by one number, by one for each place on an axis, or for each block."""
    shape, scale = list(inputs[0].shape), inputs[1]
    if scale.size > 1:
        axis = integer(settings, "axis", 1)
        shape[axis] = max(shape[axis], int(scale.size))
    blocks = _whole(scale.shape) * max(1, integer(settings, "block_size", 0))
    return max(_whole(shape), blocks)


def _pad(_: Settings, inputs: Sequence[Any]) -> int:
    shape, pads = inputs[0].shape, _wholes(inputs[1])
    more = max(map(abs, pads), default=0)
    return _whole([each + 2 * more for each in shape])


def _wholes(array: Any) -> list[int]:
    return [int(each) for each in array.reshape(-1).tolist()]


_ARITHMETIC: dict[str, Bound] = {
    **dict.fromkeys((
        "Abs", "Cast", "CastLike", "Ceil", "Exp", "Flatten", "Floor", "Identity", "Neg", "Not",
        "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSum", "Reshape", "Slice", "Sqrt", "Squeeze",
        "Transpose", "Unsqueeze",
    ), _first),
    **dict.fromkeys((
        "Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max",
        "Min", "Mod", "Mul", "Or", "Pow", "Sub", "Where",
    ), _each),
    "Concat": _concat,
    "ConstantOfShape": _of_shape,
    "Expand": _expand,
    "Gather": _gather,
    "Range": _range,
    "Split": _split,
    "Tile": _tile,
}  # fmt: skip

ARITHMETIC = frozenset(_ARITHMETIC)
"""What sizes are computed with, besides sizes of tensors."""

_BOUNDS: dict[str, Bound] = {
    **_ARITHMETIC,
    **dict.fromkeys((
        "Cos", "CumSum", "Log", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceLogSum",
        "ReduceLogSumExp", "ReduceMean", "ReduceSumSquare", "Relu", "Round", "Sigmoid", "Sign",
        "Sin", "Softmax", "Tanh", "Trilu",
    ), _first),
    **dict.fromkeys(("Clip", "PRelu", "Sum", "Xor"), _each),
    "DequantizeLinear": _quantised,
    "MatMul": _product,
    "Pad": _pad,
    "QuantizeLinear": _quantised,
}  # fmt: skip
"""What stands between a stored tensor and a layer that takes it as its weight."""
