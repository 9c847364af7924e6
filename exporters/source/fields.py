"""How each operator is written in PyTorch: its constructor's arguments, or its expression."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from archgraph import ops
from archgraph.errors import ExportError
from archgraph.ops import Op

from .layout import Brackets, Expression, Keyword, Operation, call

__all__ = ["EXPRESSIONS", "Field", "constructor_of", "expression_of", "literal"]


@dataclass(frozen=True, slots=True)
class Field:
    """One argument of a constructor: positional, or by name where it differs from its default.

    Fields of one ``family`` may be given by the same parameter of a class.
    """

    name: str
    value: Any
    family: str
    positional: bool = False
    default: Any = None


_CHANNELS = ("in_channels", "out_channels", "num_features")
_FEATURES = ("in_features", "out_features")
_POSITIONAL = (*_CHANNELS, *_FEATURES, "size", "output_size", "p", "negative_slope")

_CONSTRUCTORS = {
    "GlobalAvgPool2d": "nn.AdaptiveAvgPool2d",
    "PadShortcut": "ZeroPadShortcut",
}

EXPRESSIONS = (
    *(ops.Add, ops.Mul, ops.MatMul, ops.Concat, ops.Flatten, ops.Slice),
    *(ops.ReLU, ops.ReLU6, ops.LeakyReLU, ops.SiLU, ops.GELU, ops.Sigmoid, ops.Tanh, ops.Softmax),
)
"""The operators that a forward method writes as expressions; the others are submodules."""

_FUNCTIONS = {
    "Sigmoid": "torch.sigmoid",
    "Tanh": "torch.tanh",
    "ReLU": "F.relu",
    "ReLU6": "F.relu6",
    "SiLU": "F.silu",
    "GELU": "F.gelu",
}


def literal(value: Any) -> str:
    """Return a value as Python source: a pair of equals as one number."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    return value if isinstance(value, str) else repr(value)


def constructor_of(op: Op) -> tuple[str, tuple[Field, ...]]:
    """Return the class that computes an operator and its arguments."""
    if isinstance(op, (ops.Opaque, ops.Input)):
        raise ExportError(f"the operator {op.kind} cannot be written as PyTorch source.")
    if isinstance(op, ops.GlobalAvgPool2d):
        return _CONSTRUCTORS[op.kind], (Field("output_size", 1, "output_size", True),)
    found = []
    for field in fields(op):
        value = getattr(op, field.name)
        if field.name == "stride" and value == getattr(op, "kernel_size", None) and _pool(op):
            continue  # the kernel's size is the default
        family = "channels" if field.name in _CHANNELS else field.name
        family = "features" if field.name in _FEATURES else family
        default = None if field.default.__class__.__name__ == "_MISSING_TYPE" else field.default
        if isinstance(value, tuple) and isinstance(default, int):
            default = (default, default)
        if field.name in ("p", "dim", "negative_slope"):
            default = None
        found.append(Field(field.name, value, family, field.name in _POSITIONAL, default))
    return _CONSTRUCTORS.get(op.kind, f"nn.{op.kind}"), tuple(found)


def expression_of(op: Op, inputs: tuple[Expression, ...]) -> Expression:
    """Return what one of the EXPRESSIONS computes from its inputs."""
    first = inputs[0]
    if isinstance(op, ops.Add):
        return Operation("+", inputs) if len(inputs) > 1 else first
    if isinstance(op, ops.Mul):
        factors = tuple(Brackets("(", (i,), ")") if _is_sum(i) else i for i in inputs)
        return Operation("*", factors) if len(inputs) > 1 else first
    if isinstance(op, ops.Concat):
        return call("torch.cat", Brackets("[", inputs, "]"), Keyword("dim", str(op.dim)))
    if isinstance(op, ops.MatMul):
        return call("torch.matmul", *inputs)
    if isinstance(op, ops.Flatten):
        return call("torch.flatten", first, "1")
    if isinstance(op, ops.Slice):
        return Brackets(_subscripted(first), (":", f"{op.start}:{op.stop}"), "]")
    if isinstance(op, ops.Softmax):
        return call("torch.softmax", first, Keyword("dim", str(op.dim)))
    if isinstance(op, ops.LeakyReLU):
        return call("F.leaky_relu", first, literal(op.negative_slope))
    return call(_FUNCTIONS[op.kind], first)


def _subscripted(value: Expression) -> str:
    # A slice reads a variable: forward.py gives it nothing else.
    return f"{value}["


def _is_sum(value: Expression) -> bool:
    return isinstance(value, Operation) and value.sign == "+"


def _pool(op: Op) -> bool:
    return op.family == "pool"
