"""How each operator is written in PyTorch: a constructor with arguments, or an expression."""

from __future__ import annotations

import math
from dataclasses import MISSING, dataclass, fields
from typing import Any

from archgraph import ops
from archgraph.errors import ExportError
from archgraph.ops import Op

from .layout import Brackets, Expression, Keyword, Operation, call

__all__ = ["EXPRESSIONS", "MERGES", "Field", "constructor", "expression", "literal", "plain"]


@dataclass(frozen=True, slots=True)
class Field:
    """One argument of a constructor: positional, or by name where it differs from its default.

    Fields of one ``family`` may be given by the same parameter of a class. ``label`` is what the
    paper calls the layer.
    """

    name: str
    value: Any
    family: str
    positional: bool = False
    default: Any = None
    label: str = ""


_FAMILIES = {
    **dict.fromkeys(("in_channels", "out_channels", "num_features", "groups"), "channels"),
    **dict.fromkeys(("in_features", "out_features"), "features"),
    **dict.fromkeys(("channels_before", "channels_after"), "zeros"),
}
"""The fields that may be given by one parameter; the others stand for themselves."""

_POSITIONAL = (
    *("in_channels", "out_channels", "num_features", "in_features", "out_features"),
    *("size", "output_size", "p"),
)
_ALWAYS = ("p", "dim")
"""Fields that a reader wants to see even where they hold their default."""

MERGES = (ops.Add, ops.Mul, ops.Concat, ops.MatMul)

EXPRESSIONS = (
    *MERGES,
    *(ops.Flatten, ops.Slice),
    *(ops.ReLU, ops.ReLU6, ops.LeakyReLU, ops.SiLU, ops.GELU, ops.Sigmoid, ops.Tanh, ops.Softmax),
    *(ops.Hardswish, ops.Hardsigmoid),
)
"""The operators that a forward method writes as expressions; the others are submodules."""

_LAYERS = {
    **{
        kind: f"nn.{kind}"
        for kind in (
            *("Conv2d", "Linear", "BatchNorm2d", "LocalResponseNorm", "Dropout", "Identity"),
            *("MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "ZeroPad2d"),
            *("ReLU", "ReLU6", "LeakyReLU", "SiLU", "GELU", "Sigmoid", "Tanh", "Softmax"),
            *("Flatten", "ConvTranspose2d", "Hardswish", "Hardsigmoid", "PReLU", "GroupNorm"),
            *("Conv1d", "Conv3d", "MaxPool1d", "MaxPool3d", "AvgPool1d", "AvgPool3d"),
        )
    },
    "GlobalAvgPool2d": "nn.AdaptiveAvgPool2d",
    "PadShortcut": "PadShortcut",  # written into the file
}
"""The class that computes each operator; its arguments are the operator's fields."""

_FUNCTIONS = {
    "Sigmoid": "torch.sigmoid",
    "Tanh": "torch.tanh",
    "ReLU": "F.relu",
    "ReLU6": "F.relu6",
    "SiLU": "F.silu",
    "GELU": "F.gelu",
    "Hardswish": "F.hardswish",
    "Hardsigmoid": "F.hardsigmoid",
}


def plain(value: Any) -> Any:
    """Return a pair of equal numbers as one number, as people write it."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def literal(value: Any) -> str:
    """Return a number, or a pair of them, as Python source."""
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(plain(value))


def constructor(op: Op, label: str = "") -> tuple[str, tuple[Field, ...]]:
    """Return the class that computes an operator and its arguments; ExportError if none does."""
    if isinstance(op, ops.Opaque):
        raise ExportError(f"its operator '{op.type_name}' is unknown to archgraph")
    if ops.OPS.get(op.kind) is not type(op) or op.kind not in _LAYERS:
        raise ExportError(f"its operator {op.kind} has no PyTorch layer")
    function = _LAYERS[op.kind]
    if isinstance(op, ops.GlobalAvgPool2d):
        return function, (Field("output_size", 1, "output_size", True),)
    found = []
    for field in fields(op):
        name, value = field.name, plain(getattr(op, field.name))
        default = None if field.default is MISSING or name in _ALWAYS else plain(field.default)
        family = _FAMILIES.get(name, name)
        positional = name in _POSITIONAL or op.family == "reshape"
        found.append(Field(name, value, family, positional, default, label))
    return function, tuple(found)


def expression(op: Op, inputs: tuple[Expression, ...]) -> Expression:
    """Return what one of the EXPRESSIONS computes from its inputs; a Slice reads a variable."""
    first = inputs[0]
    if isinstance(op, ops.Add):
        return Operation("+", inputs)
    if isinstance(op, ops.Mul):
        return Operation("*", inputs)
    if isinstance(op, ops.Concat):
        return call("torch.cat", Brackets("[", inputs, "]"), Keyword("dim", str(op.dim)))
    if isinstance(op, ops.MatMul):
        return call("torch.matmul", *inputs)
    if isinstance(op, ops.Flatten):
        return call("torch.flatten", first, "1")
    if isinstance(op, ops.Slice):
        return f"{first}[:, {op.start}:{op.stop}]"
    if isinstance(op, ops.Softmax):
        return call("torch.softmax", first, Keyword("dim", str(op.dim)))
    if isinstance(op, ops.LeakyReLU):
        return call("F.leaky_relu", first, literal(op.negative_slope))
    return call(_FUNCTIONS[op.kind], first)
