"""Functions of each element, with numbers of the formula as stored constants."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

import torch

from archgraph.importers.torch.building import Building, Constant, Source, rule
from archgraph.importers.torch.trace import Call, Value
from archgraph.ops import POINTWISE, Add, Cast, Mul, Op, Pointwise
from archgraph.tensors import SMALL, Batch, Tensor, promoted

__all__ = ["cast", "constant", "joined", "number", "operand"]

KINDS = {bool: "bool", int: "int64", float: "float32"}


def cast(b: Building, source: Source, dtype: str | None) -> Source:
    """Return a source in an element type."""
    if dtype is None or b.tensor(source).dtype == dtype:
        return source
    if isinstance(source, Constant):
        shape = source.tensor.shape
        return Constant(Tensor(shape, dtype), source.numbers, source.role, kept=source.kept)
    return b.add(Cast(dtype), [source], word="cast")


def number(value: float, like: str | None, role: str) -> Constant:
    """Return a number of a formula as a constant, beside a tensor of a type (torch's promotion).

    A number changes the type of a tensor only where its kind is higher: a float beside integers.
    """
    if type(value) is Batch:  # a number that is another for each batch
        return Constant(Tensor((), like or "int64"), None, role)
    kind = KINDS[type(value)]
    dtype = kind if like is None or _rank(kind) > _rank(like) else like
    if isnan(value):
        return Constant(Tensor((), dtype), None, role)
    plain = float(value) if _rank(dtype) == _rank("float32") else value
    return Constant(Tensor((), dtype), (plain,), role)


def constant(numbers: torch.Tensor, dtype: str, role: str) -> Constant:
    """Return numbers of a formula as a constant of an element type."""
    kept = numbers.to(getattr(torch, dtype))
    told = tuple(kept.flatten().tolist()) if kept.numel() <= SMALL else None
    return Constant(Tensor(tuple(kept.shape), dtype), told, role, kept=kept)


def _rank(dtype: str) -> int:
    order = ("bool", "uint", "int", "float", "complex")
    found = next((i for i, word in enumerate(order) if dtype.startswith(word)), 3)
    return 2 if found == 1 else found


def operand(b: Building, given: Any, like: str | None, role: str) -> Source:
    """Return an operand that is a tensor or a number."""
    return b.source(given) if isinstance(given, Value) else number(given, like, role)


def _type_of(*given: Any) -> str | None:
    return next((each.dtype for each in given if isinstance(each, Value)), None)


def joined(b: Building, op: Op, inputs: Sequence[Source], dtype: str | None, **more: Any) -> Source:
    """Add an operation on several tensors whose result is of a type.

    torch lets tensors without axes not change the type of others; they are cast here.
    """
    read = list(inputs)
    if promoted([b.tensor(each).dtype for each in read]) != dtype:
        read = [each if b.shape(each) else cast(b, each, dtype) for each in read]
    if promoted([b.tensor(each).dtype for each in read]) != dtype:
        read = [cast(b, each, dtype) for each in read]
    return b.add(op, read, **more)


def _pair(b: Building, call: Call, first: str = "self", second: str = "other") -> list[Source]:
    one, two = call[first], call[second]
    like = _type_of(one, two)
    return [operand(b, one, like, first), operand(b, two, like, second)]


def _scaled(b: Building, source: Source, factor: float, word: str) -> Source:
    if factor == 1:
        return source
    return b.add(Mul(), [source, number(factor, b.tensor(source).dtype, word)], word=word)


@rule("add")
def _add(b: Building, call: Call) -> Source:
    one, two = _pair(b, call)
    two = _scaled(b, two, call["alpha"] if call["alpha"] is not None else 1, "alpha")
    return joined(b, Add(), [one, two], call.outputs[0].dtype)


@rule("sub", "subtract", "rsub")
def _sub(b: Building, call: Call) -> Source:
    one, two = _pair(b, call)
    if call.name == "rsub":
        one, two = two, one
    two = _scaled(b, two, call["alpha"] if call["alpha"] is not None else 1, "alpha")
    return joined(b, Pointwise("sub"), [one, two], call.outputs[0].dtype)


@rule("mul", "multiply")
def _mul(b: Building, call: Call) -> Source:
    return joined(b, Mul(), _pair(b, call), call.outputs[0].dtype)


@rule("square")
def _square(b: Building, call: Call) -> Source:
    return b.add(Mul(), [b.source(call["self"])] * 2)


@rule("div", "divide", "true_divide")
def _div(b: Building, call: Call) -> Source:
    mode, dtype = call["rounding_mode"], call.outputs[0].dtype
    if mode == "floor":
        return joined(b, Pointwise("floor_divide"), _pair(b, call), dtype)
    found = joined(b, Pointwise("div"), _pair(b, call), dtype)
    return b.add(Pointwise("trunc"), [found], word="trunc") if mode == "trunc" else found


@rule("pow")
def _pow(b: Building, call: Call) -> Source:
    return joined(b, Pointwise("pow"), _pair(b, call, second="exponent"), call.outputs[0].dtype)


SAME = ("floor_divide", "remainder", "atan2", "minimum", "maximum")
BITS = ("bitwise_and", "bitwise_or", "bitwise_xor")


@rule(*SAME, *BITS)
def _binary(b: Building, call: Call) -> Source:
    return joined(b, Pointwise(call.name), _pair(b, call), call.outputs[0].dtype)


@rule("eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor")
def _comparison(b: Building, call: Call) -> Source:
    return b.add(Pointwise(call.name), _pair(b, call))


OTHERS = ("logsigmoid", "hardtanh")
"""Functions of one tensor that have rules of their own."""

UNARY = [name for name, each in POINTWISE.items() if each.arity == 1 and name not in OTHERS]

UNUSED = {"scale": 1, "input_scale": 1, "decimals": 0}
"""Arguments of functions in torch that archgraph's have not, where they change nothing."""


@rule(*UNARY, "special_erf", "special_expm1", "negative")
def _unary(b: Building, call: Call) -> Source | None:
    name = {"negative": "neg"}.get(call.name, call.name.removeprefix("special_"))
    numbers = POINTWISE[name].numbers
    rest = call.arguments.keys() - {"self", *numbers}
    if any(each not in UNUSED or call[each] != UNUSED[each] for each in rest):
        return None
    return b.add(Pointwise(name, tuple(call[each] for each in numbers)), [b.source(call["self"])])


@rule("clamp", "clip", "clamp_min", "clamp_max")
def _clamp(b: Building, call: Call) -> Source:
    source, dtype = b.source(call["self"]), call.outputs[0].dtype
    low, high = call["min"], call["max"]
    read = [source]
    read += [operand(b, e, dtype, w) for e, w in ((low, "min"), (high, "max")) if e is not None]
    name = "clamp" if len(read) == 3 else "maximum" if low is not None else "minimum"
    return joined(b, Pointwise(name), read, dtype)


@rule("where")
def _where(b: Building, call: Call) -> Source | None:
    if call["self"] is None:
        return None
    one, two = _pair(b, call)
    dtype = call.outputs[0].dtype
    condition = b.source(call["condition"])
    return b.add(Pointwise("where"), [condition, cast(b, one, dtype), cast(b, two, dtype)])


@rule("masked_fill")
def _masked_fill(b: Building, call: Call) -> Source:
    dtype = call.outputs[0].dtype
    value = cast(b, operand(b, call["value"], dtype, "value"), dtype)
    return b.add(Pointwise("where"), [b.source(call["mask"]), value, b.source(call["self"])])


@rule("lerp")
def _lerp(b: Building, call: Call) -> Source:
    dtype = call.outputs[0].dtype
    read = [
        b.source(call["self"]),
        b.source(call["end"]),
        operand(b, call["weight"], dtype, "weight"),
    ]
    return joined(b, Pointwise("lerp"), read, dtype)


@rule("addcmul", "addcdiv")
def _addcmul(b: Building, call: Call) -> Source:
    dtype = call.outputs[0].dtype
    op: Op = Mul() if call.name == "addcmul" else Pointwise("div")
    read = [b.source(call["tensor1"]), b.source(call["tensor2"])]
    found = _scaled(b, joined(b, op, read, dtype, word="mul"), call["value"], "value")
    return joined(b, Add(), [b.source(call["self"]), found], dtype, word="add")
