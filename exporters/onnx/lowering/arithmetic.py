"""Sums, products and functions of each element in ONNX."""

from __future__ import annotations

import math
from collections.abc import Callable

from archgraph import ops
from archgraph.tensors import follows_batch, promoted

from ..context import Context
from .base import lower

__all__ = ["COMPOSED", "DIRECT"]

DIRECT = {
    "abs": "Abs",
    "sign": "Sign",
    "floor": "Floor",
    "ceil": "Ceil",
    "round": "Round",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "sin": "Sin",
    "cos": "Cos",
    "tan": "Tan",
    "asin": "Asin",
    "acos": "Acos",
    "atan": "Atan",
    "sinh": "Sinh",
    "cosh": "Cosh",
    "asinh": "Asinh",
    "acosh": "Acosh",
    "atanh": "Atanh",
    "erf": "Erf",
    "softsign": "Softsign",
    "selu": "Selu",
    "neg": "Neg",
    "reciprocal": "Reciprocal",
    "logical_not": "Not",
    "isnan": "IsNaN",
    "isinf": "IsInf",
    "sub": "Sub",
    "div": "Div",
    "pow": "Pow",
    "minimum": "Min",
    "maximum": "Max",
    "eq": "Equal",
    "lt": "Less",
    "le": "LessOrEqual",
    "gt": "Greater",
    "ge": "GreaterOrEqual",
    "logical_and": "And",
    "logical_or": "Or",
    "logical_xor": "Xor",
}
"""The functions that ONNX has as one operator, with the same meaning."""

_OF_BOOLS = {"logical_and", "logical_or", "logical_xor", "logical_not"}
_BITS = {
    "bitwise_and": ("BitwiseAnd", "And"),
    "bitwise_or": ("BitwiseOr", "Or"),
    "bitwise_xor": ("BitwiseXor", "Xor"),
    "bitwise_not": ("BitwiseNot", "Not"),
}


@lower.register(ops.Add)
@lower.register(ops.Mul)
def _(op: ops.Add | ops.Mul, c: Context) -> None:
    kind = "Add" if isinstance(op, ops.Add) else "Mul"
    if c.dtype == "bool":
        kind = "Or" if kind == "Add" else "And"
    values = c.alike()
    # ONNX adds two at a time.
    if len(values) == 1:
        c.emit("Identity", *values)
        return
    so_far = values[0]
    for index, other in enumerate(values[1:-1], 1):
        so_far = c.emit(kind, so_far, other, part=f"step{index}")
    c.emit(kind, so_far, values[-1])


@lower.register
def _(op: ops.Einsum, c: Context) -> None:
    c.emit("Einsum", *c.alike(), equation=op.equation)


@lower.register(ops.GroupedMatMul)
def _(_: ops.GroupedMatMul, c: Context) -> None:
    # A row's group is how many ends it has reached; its matrix is taken from there.
    rows, matrices, ends = c.inputs
    count, groups = c.shapes[0][0], int(c.shapes[1][0])
    if follows_batch((count,)):
        last = c.emit("Reshape", c.sizes("rows", (count,)), c.integers("scalar"), part="last")
    else:
        last = c.integer("last", int(count))
    places = c.emit("Range", c.integer("start", 0), last, c.integer("step", 1), part="row")
    column = c.emit("Unsqueeze", places, c.integers("behind", 1), part="rows.column")
    whole = c.cast(ends, c.read[2].dtype, "int64", "ends")
    reached = c.emit("GreaterOrEqual", column, whole, part="reached")
    counted = c.cast(reached, "bool", "int64", "counted")
    group = c.emit("ReduceSum", counted, c.integers("behind", 1), part="group", keepdims=0)
    group = c.emit("Min", group, c.integer("most", groups - 1), part="within")
    taken = c.emit("Gather", matrices, group, part="matrix", axis=0)
    wide = c.emit("Unsqueeze", rows, c.integers("behind", 1), part="wide")
    product = c.emit("MatMul", wide, taken, part="product")
    c.emit("Squeeze", product, c.integers("behind", 1))


@lower.register
def _(op: ops.Pointwise, c: Context) -> None:
    name, result = op.function, ops.POINTWISE[op.function].result
    types = [each.dtype for each in c.read]
    common = promoted(types) or "float32"
    if name == "where":
        chosen = c.cast(c.inputs[0], types[0], "bool", "chosen")
        c.emit("Where", chosen, *c.alike()[1:])
        return
    wanted = common if result == "bool" else c.dtype
    values = c.alike("bool" if name in _OF_BOOLS else wanted)
    if name in _BITS:
        _bits(name, values, wanted, c)
    elif name in DIRECT:
        c.emit(DIRECT[name], *values)
    elif name in COMPOSED:
        COMPOSED[name](c, *values, **op.constants)
    else:
        raise c.refuse(f"ONNX has no form for the function {name}.")


def _bits(name: str, values: list[str], dtype: str, c: Context) -> None:
    of_numbers, of_bools = _BITS[name]
    if dtype != "bool" and c.opset < 18:
        raise c.refuse(f"ONNX has {name} from opset 18 on, not in {c.opset}.")
    c.emit(of_bools if dtype == "bool" else of_numbers, *values)


def _ne(c: Context, x: str, y: str) -> None:
    c.emit("Not", c.emit("Equal", x, y, part="equal"))


def _expm1(c: Context, x: str) -> None:
    c.emit("Sub", c.emit("Exp", x, part="exp"), c.number("one", 1.0))


def _log1p(c: Context, x: str) -> None:
    c.emit("Log", c.emit("Add", x, c.number("one", 1.0), part="raised"))


def _log2(c: Context, x: str) -> None:
    c.emit("Div", c.emit("Log", x, part="log"), c.number("base", math.log(2)))


def _rsqrt(c: Context, x: str) -> None:
    c.emit("Reciprocal", c.emit("Sqrt", x, part="sqrt"))


def _trunc(c: Context, x: str) -> None:
    whole = c.emit("Floor", c.emit("Abs", x, part="abs"), part="floor")
    c.emit("Mul", c.emit("Sign", x, part="sign"), whole)


def _mish(c: Context, x: str) -> None:
    if c.opset >= 18:
        c.emit("Mish", x)
        return
    gate = c.emit("Tanh", c.emit("Softplus", x, part="softplus"), part="gate")
    c.emit("Mul", x, gate)


def _logsigmoid(c: Context, x: str) -> None:
    turned = c.emit("Neg", x, part="turned")
    c.emit("Neg", c.emit("Softplus", turned, part="softplus"))


def _softplus(c: Context, x: str, beta: float, threshold: float) -> None:
    """Write log(1 + exp(beta · x)) / beta, and x where beta · x is above the threshold."""
    if (beta, threshold) == (1, 20):  # above 20 the curve is x, as far as 32 bits tell
        c.emit("Softplus", x)
        return
    factor = c.number("beta", beta)
    scaled = c.emit("Mul", x, factor, part="scaled")
    curve = c.emit("Div", c.emit("Softplus", scaled, part="soft"), factor, part="curve")
    above = c.emit("Greater", scaled, c.number("threshold", threshold), part="above")
    c.emit("Where", above, x, curve)


def _elu(c: Context, x: str, alpha: float) -> None:
    c.emit("Elu", x, alpha=alpha)


def _celu(c: Context, x: str, alpha: float) -> None:
    c.emit("Celu", x, alpha=alpha)


def _hardtanh(c: Context, x: str, min_val: float, max_val: float) -> None:
    c.emit("Clip", x, c.number("low", min_val), c.number("high", max_val))


def _hardshrink(c: Context, x: str, lambd: float) -> None:
    c.emit("Shrink", x, lambd=lambd, bias=0.0)


def _softshrink(c: Context, x: str, lambd: float) -> None:
    c.emit("Shrink", x, lambd=lambd, bias=lambd)


def _threshold(c: Context, x: str, threshold: float, value: float) -> None:
    above = c.emit("Greater", x, c.number("threshold", threshold), part="above")
    c.emit("Where", above, x, c.number("value", value))


def _floor_divide(c: Context, x: str, y: str, part: str | None = None) -> str:
    if c.dtype.startswith("float"):
        return c.emit("Floor", c.emit("Div", x, y, part="quotient"), part=part)
    # ONNX divides whole numbers towards zero.
    exact = [c.cast(each, c.dtype, "float64", f"exact{place}") for place, each in enumerate((x, y))]
    below = c.emit("Floor", c.emit("Div", *exact, part="quotient"), part="floor")
    return c.emit("Cast", below, part=part, to=c.elements)


def _remainder(c: Context, x: str, y: str) -> None:
    if not c.dtype.startswith("float"):
        c.emit("Mod", x, y)  # of whole numbers it takes the divisor's sign, as torch does
        return
    times = _floor_divide(c, x, y, "times")
    c.emit("Sub", x, c.emit("Mul", times, y, part="whole"))


def _clamp(c: Context, x: str, low: str, high: str) -> None:
    c.emit("Min", c.emit("Max", x, low, part="raised"), high)


def _lerp(c: Context, x: str, y: str, weight: str) -> None:
    step = c.emit("Mul", c.emit("Sub", y, x, part="way"), weight, part="step")
    c.emit("Add", x, step)


COMPOSED: dict[str, Callable[..., object]] = {
    "ne": _ne,
    "expm1": _expm1,
    "log1p": _log1p,
    "log2": _log2,
    "rsqrt": _rsqrt,
    "trunc": _trunc,
    "mish": _mish,
    "logsigmoid": _logsigmoid,
    "softplus": _softplus,
    "elu": _elu,
    "celu": _celu,
    "threshold": _threshold,
    "hardtanh": _hardtanh,
    "hardshrink": _hardshrink,
    "softshrink": _softshrink,
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "clamp": _clamp,
    "lerp": _lerp,
}
"""The functions that take several ONNX operators."""
