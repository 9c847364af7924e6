"""Functions of each element: activations, arithmetic, comparisons, casts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archgraph import ops
from archgraph.importers.onnx.call import Call, Made, Number, UnreadableError
from archgraph.importers.onnx.shape_inference import TYPES
from archgraph.ops import Op

__all__ = ["READERS"]

Reader = Callable[[Call], list[Made]]


def _as(op: Op) -> Reader:
    def reader(call: Call) -> list[Made]:
        return [Made(op, (call.inputs[0],))]

    return reader


def _function(name: str) -> Reader:
    def reader(call: Call) -> list[Made]:
        return [Made(ops.Pointwise(name), call.data)]

    return reader


def _merge(op: Op) -> Reader:
    def reader(call: Call) -> list[Made]:
        return [Made(op, call.data)]

    return reader


def _of_pairs(name: str) -> Reader:
    """Read a function of any number of tensors as one of two, again and again."""

    def reader(call: Call) -> list[Made]:
        first, *others = call.data
        if not others:
            return [Made(ops.Identity(), (first,))]
        made = [Made(ops.Pointwise(name), (first, others[0]))]
        return made + [Made(ops.Pointwise(name), ("", other)) for other in others[1:]]

    return reader


def _div(call: Call) -> list[Made]:
    whole = str(call.tensor(0).dtype).startswith(("int", "uint"))
    return [Made(ops.Pointwise("floor_divide" if whole else "div"), call.data)]


def _leaky_relu(call: Call) -> list[Made]:
    return [Made(ops.LeakyReLU(call.number("alpha", 0.01)), (call.inputs[0],))]


def _elu(call: Call) -> list[Made]:
    op = ops.Pointwise(call.op_type.lower(), (call.number("alpha", 1.0),))
    return [Made(op, (call.inputs[0],))]


def _clip(call: Call) -> list[Made]:
    low = _bound(call, "min", 1)
    high = _bound(call, "max", 2)
    numbers = [_value(call, bound) for bound in (low, high)]
    if numbers == [0, 6]:
        return [Made(ops.ReLU6(), (call.inputs[0],))]
    if low is not None and numbers[0] == 0 and (high is None or (numbers[1] or 0) > 1e38):
        return [Made(ops.ReLU(), (call.inputs[0],))]
    if None not in numbers and "float" in str(call.tensor(0).dtype):
        known = tuple(each for each in numbers if each is not None)
        return [Made(ops.Pointwise("hardtanh", known), (call.inputs[0],))]
    if low is not None and high is not None:
        return [Made(ops.Pointwise("clamp"), (call.inputs[0], low, high))]
    if low is not None:
        return [Made(ops.Pointwise("maximum"), (call.inputs[0], low))]
    if high is not None:
        return [Made(ops.Pointwise("minimum"), (call.inputs[0], high))]
    return [Made(ops.Identity(), (call.inputs[0],))]


def _bound(call: Call, key: str, position: int) -> str | Number | None:
    if key in call.settings:
        return Number(call.number(key, 0))
    return call.inputs[position] if call.has(position) else None


def _value(call: Call, bound: str | Number | None) -> float | None:
    if isinstance(bound, Number):
        return bound.value
    found = call.values.static.get(bound) if bound else None
    if found is None or found.numbers is None or len(found.numbers) > 1:
        return None
    values: list[Any] = found.numbers[0].reshape(-1).tolist()
    return float(values[0]) if len(values) == 1 else None


def _dropout(call: Call) -> list[Made]:
    try:
        given = call.numbers(1) if call.opset >= 12 else None
    except UnreadableError:
        given = None
    return [Made(ops.Dropout(call.number("ratio", given[0] if given else 0.5)), (call.inputs[0],))]


def _gelu(call: Call) -> list[Made]:
    return [Made(ops.GELU(str(call.settings.get("approximate", "none"))), (call.inputs[0],))]


def _hard_sigmoid(call: Call) -> list[Made]:
    """Read max(0, min(1, α·x + β)), which is a hard sigmoid for β = ½."""
    alpha, beta = call.number("alpha", 0.2), call.number("beta", 0.5)
    if beta == 0.5:
        usual = abs(alpha - 1 / 6) <= 1e-6
        op = ops.Hardsigmoid() if usual else ops.Hardsigmoid(float(f"{alpha:.7g}"))
        return [Made(op, (call.inputs[0],))]
    return [
        Made(ops.Mul(), (call.inputs[0], Number(alpha))),
        Made(ops.Add(), ("", Number(beta))),
        Made(ops.Pointwise("hardtanh", (0.0, 1.0))),
    ]


def _shrink(call: Call) -> list[Made]:
    settings = call.number("lambd", 0.5), call.number("bias", 0.0)
    lambd, bias = settings
    if bias not in (0, lambd):
        raise UnreadableError
    op = ops.Pointwise("softshrink" if bias else "hardshrink", (lambd,))
    return [Made(op, (call.inputs[0],))]


def _swish(call: Call) -> list[Made]:
    """Read x·sigmoid(α·x)."""
    alpha = call.number("alpha", 1.0)
    known = {1.0: ops.SiLU(), 1.702: ops.QuickGELU()}.get(alpha)
    if known is not None:
        return [Made(known, (call.inputs[0],))]
    return [
        Made(ops.Mul(), (call.inputs[0], Number(alpha))),
        Made(ops.Sigmoid()),
        Made(ops.Mul(), (call.inputs[0], "")),
    ]


def _cast(call: Call) -> list[Made]:
    wanted = TYPES.get(call.integer("to", 0)) if "to" in call.settings else call.result.dtype
    if wanted is None:
        raise UnreadableError
    same = wanted == call.tensor(0).dtype
    return [Made(ops.Identity() if same else ops.Cast(wanted), (call.inputs[0],))]


def _softmax(call: Call) -> list[Made]:
    shape = call.shape(0)
    axis = call.integer("axis", 1 if call.opset < 13 else -1) % len(shape)
    if call.opset < 13 and axis != len(shape) - 1:
        rest = [extent for extent in shape[axis + 1 :] if extent != 1]
        if rest:
            raise UnreadableError  # all axes from this one on, as one
    made = ops.LogSoftmax if call.op_type == "LogSoftmax" else ops.Softmax
    return [Made(made(axis), (call.inputs[0],))]


_NAMES = {
    "Abs": "abs", "Acos": "acos", "Acosh": "acosh", "And": "logical_and", "Asin": "asin",
    "Asinh": "asinh", "Atan": "atan", "Atanh": "atanh", "BitwiseAnd": "bitwise_and",
    "BitwiseNot": "bitwise_not", "BitwiseOr": "bitwise_or", "BitwiseXor": "bitwise_xor",
    "Ceil": "ceil", "Cos": "cos", "Cosh": "cosh", "Equal": "eq", "Erf": "erf", "Exp": "exp",
    "Floor": "floor", "Greater": "gt", "GreaterOrEqual": "ge", "IsInf": "isinf", "IsNaN": "isnan",
    "Less": "lt", "LessOrEqual": "le", "Log": "log", "Mish": "mish", "Mod": "remainder",
    "Neg": "neg", "Not": "logical_not", "Or": "logical_or", "Pow": "pow",
    "Reciprocal": "reciprocal", "Round": "round", "Selu": "selu", "Sign": "sign", "Sin": "sin",
    "Sinh": "sinh", "Softplus": "softplus", "Softsign": "softsign", "Sqrt": "sqrt", "Sub": "sub",
    "Tan": "tan", "Where": "where", "Xor": "logical_xor",
}  # fmt: skip
"""ONNX's names of the functions that ``Pointwise`` knows."""

READERS: dict[str, Reader] = {
    **{kind: _function(name) for kind, name in _NAMES.items()},
    "Add": _merge(ops.Add()),
    "Cast": _cast,
    "CastLike": _cast,
    "Celu": _elu,
    "Clip": _clip,
    "Div": _div,
    "Dropout": _dropout,
    "Elu": _elu,
    "Gelu": _gelu,
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": _as(ops.Hardswish()),
    "Identity": _as(ops.Identity()),
    "LeakyRelu": _leaky_relu,
    "LogSoftmax": _softmax,
    "Max": _of_pairs("maximum"),
    "Min": _of_pairs("minimum"),
    "Mul": _merge(ops.Mul()),
    "Relu": _as(ops.ReLU()),
    "Shrink": _shrink,
    "Sigmoid": _as(ops.Sigmoid()),
    "Softmax": _softmax,
    "Sum": _merge(ops.Add()),
    "Swish": _swish,
    "Tanh": _as(ops.Tanh()),
}
"""How each ONNX operator of this family is read."""
