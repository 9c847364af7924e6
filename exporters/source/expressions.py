"""How the operators that are no layers are written in a forward method."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from archgraph import ops
from archgraph.errors import ExportError
from archgraph.open_extents import Open
from archgraph.ops import Op
from archgraph.tensors import Batch, Extent, Tensor, follows_batch

from .code_layout import Brackets, Expression, Keyword, Operation, call, flat
from .functions import function, is_functional
from .lent_layers import convolution, functional
from .literals import literal
from .moves import permuted, reshaped
from .python_names import quoted

__all__ = ["EXPRESSIONS", "MERGES", "Terms", "expression", "needs_batch"]

MERGES = (ops.Add, ops.Mul, ops.Concat, ops.MatMul)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an expression is made of: its inputs as they are written, and their tensors.

    Beyond the operators of layers alone, the inputs are variables, attributes or numbers.
    """

    inputs: tuple[Expression, ...]
    read: tuple[Tensor, ...]
    given: tuple[Tensor, ...]

    @property
    def first(self) -> str:
        """The first input, as that of which an element or a method is asked."""
        return _target(self.inputs[0])

    @property
    def operands(self) -> tuple[Expression, ...]:
        """The inputs as they stand beside an operator."""
        return tuple(
            Brackets("(", (each,), ")") if isinstance(each, Operation) else each
            for each in self.inputs
        )

    @property
    def rank(self) -> int:
        """How many axes the first input has; ExportError where that is unknown."""
        shape = self.read[0].shape
        if shape is None:
            raise ExportError("how many axes its input has is not known")
        return len(shape)


def _target(value: Expression) -> str:
    """Return a value on one line, in brackets where a method would be asked of a part of it."""
    text = flat(value) or ""
    return f"({text})" if isinstance(value, Operation) or text.startswith("-") else text


Writer = Callable[[Any, Terms], Expression]

BATCH, DEVICE = "batch", "device"
"""What a forward method calls the two."""


def _extent(value: Extent) -> str:
    if isinstance(value, Open):
        raise ExportError(f"its sizes depend on {value}, which is left open; say it with input")
    if type(value) is not Batch:
        return str(value)
    return BATCH if int(value) == 1 else f"{int(value)} * {BATCH}"


def _listed(values: Sequence[Any], opening: str = "[", closing: str = "]") -> Expression:
    return Brackets(opening, tuple(map(str, values)), closing)


def _tuple(values: Sequence[Any]) -> Expression:
    """Return numbers as a tuple, one alone as itself."""
    return str(values[0]) if len(values) == 1 else _listed(values, "(", ")")


def _keywords(**given: Any) -> list[Expression]:
    return [Keyword(name, value) for name, value in given.items() if value is not None]


def _function(name: str) -> Writer:
    return lambda _, t: call(name, *t.inputs)


def _reshape(op: ops.Reshape, t: Terms) -> Expression:
    shape = op.shape
    before, after = t.read[0].shape, t.given[0].shape
    if before is not None and after is not None:
        found = reshaped(t.first, before, after)
        if found is not None:
            return found
    if _open(shape):
        shape = [-1 if type(each) in (Batch, Open) else each for each in shape]
    return call(f"{t.first}.reshape", *(map(_extent, shape) if shape else ["()"]))


def _open(shape: Sequence[int]) -> bool:
    """Return whether the one extent that follows the batch or is open can be left to reshape."""
    following = [type(each) in (Batch, Open) for each in shape]
    return sum(following) == 1 and all(
        f or each > 0 for f, each in zip(following, shape, strict=True)
    )


def _method(name: str, field: str) -> Writer:
    return lambda op, t: call(f"{t.first}.{name}", *map(_extent, getattr(op, field)))


def _expand(op: ops.Expand, t: Terms) -> Expression:
    if not _is_number(t.inputs[0]):
        return call(f"{t.first}.expand", *map(_extent, op.shape))
    return call("torch.full", _sizes(op.shape), t.inputs[0], *_made(t.read[0].dtype or "float32"))


def _split(op: ops.Split, t: Terms) -> Expression:
    dim = Keyword("dim", str(op.dim))
    if len(set(op.sizes)) == 1:
        return call(f"{t.first}.chunk", str(len(op.sizes)), dim)
    return call(f"{t.first}.split", _listed([_extent(each) for each in op.sizes]), dim)


def _at(t: Terms, dims: Sequence[int], places: Sequence[str]) -> Expression:
    """Return the first input's elements at places of axes: ``x[:, 3]``."""
    found = [":"] * (max(dims) + 1)
    for dim, place in zip(dims, places, strict=True):
        found[dim] = place
    return Brackets(f"{t.first}[", tuple(found), "]")


def _slice(op: ops.Slice, t: Terms) -> Expression:
    step = "" if op.step == 1 else f":{op.step}"
    return _at(t, [op.dim % t.rank], [f"{op.start}:{op.stop}{step}"])


def _select(op: ops.Select, t: Terms) -> Expression:
    return _at(t, [op.dim % t.rank], [str(op.index)])


def _whole(t: Terms, number: int) -> str:
    """Return places as torch takes them: 64-bit integers."""
    text = _target(t.inputs[number])
    return text if t.read[number].dtype == "int64" else f"{text}.long()"


def _gather(op: ops.Gather, t: Terms) -> Expression:
    return call("torch.gather", t.first, str(op.dim), _whole(t, 1))


def _index_select(op: ops.IndexSelect, t: Terms) -> Expression:
    return _at(t, [op.dim % t.rank], [_whole(t, 1)])


def _index(op: ops.Index, t: Terms) -> Expression:
    places = [_whole(t, number) for number in range(1, len(t.inputs))]
    return _at(t, op.dims, places)


def _scatter(op: ops.Scatter, t: Terms) -> Expression:
    name = "scatter_add" if op.reduce == "add" else "scatter"
    return call(f"{t.first}.{name}", str(op.dim), _whole(t, 1), t.inputs[2])


def _sort(op: ops.Sort, t: Terms) -> Expression:
    dim = Keyword("dim", str(op.dim))
    if op.k is not None:
        least = [] if op.descending else [Keyword("largest", "False")]
        return call(f"{t.first}.topk", str(op.k), dim, *least)
    down = [Keyword("descending", "True")] if op.descending else []
    return call(f"{t.first}.sort", dim, *down, Keyword("stable", "True"))


def _pad(op: ops.Pad, t: Terms) -> Expression:
    mode = None if op.mode == "constant" else quoted(op.mode)
    value = literal(op.value) if op.value and mode is None else None
    return call("F.pad", t.first, _listed(op.padding, "(", ")"), *_keywords(mode=mode, value=value))


def _resize(op: ops.Resize, t: Terms) -> Expression:
    size, scale = (
        each and (each if len(each) > 1 else each * (t.rank - 2)) for each in (op.size, op.scale)
    )
    corners = "True" if op.align_corners and not op.mode.startswith("nearest") else None
    return call(
        "F.interpolate",
        t.first,
        *_keywords(
            size=size and _listed(size, "(", ")" if len(size) > 1 else ",)"),
            scale_factor=scale and _listed(scale, "(", ")" if len(scale) > 1 else ",)"),
            mode=None if op.mode == "nearest" else quoted(op.mode),
            align_corners=corners,
        ),
    )


def _full(op: ops.Full, _: Terms) -> Expression:
    value = bool(op.value) if op.dtype == "bool" else op.value
    value = int(value) if op.dtype.startswith(("int", "uint")) else value
    return call("torch.full", _sizes(op.shape), literal(value), *_made(op.dtype))


def _sizes(shape: Sequence[int]) -> Expression:
    sizes = tuple(map(_extent, shape))
    return Brackets("(", sizes, ",)" if len(sizes) == 1 else ")")


def _arange(op: ops.Arange, _: Terms) -> Expression:
    return call("torch.arange", *map(_extent, op.shape), *_made(op.dtype))


def _made(dtype: str) -> list[Expression]:
    return _keywords(dtype=f"torch.{dtype}", device=DEVICE)


_REDUCE = {"max": "amax", "min": "amin"}


def _reduce(op: ops.Reduce, t: Terms) -> Expression:
    name, dims = op.function, op.dims
    if not dims and (op.keepdim or name == "logsumexp"):
        dims = tuple(range(t.rank))
    keep = "True" if op.keepdim else None
    if name == "prod" and len(dims) > 1:
        text = t.first
        for dim in sorted((dim % t.rank for dim in dims), reverse=True):
            text += f".prod({dim}{', keepdim=True' if keep else ''})"
        return text
    if name.startswith("arg") and len(dims) > 1:
        return f"{t.first}.{name}().reshape({', '.join('1' * t.rank)})"
    dim = _tuple(dims) if dims else None
    if name == "norm":
        return call("torch.linalg.vector_norm", t.first, *_keywords(dim=dim, keepdim=keep))
    return call(f"{t.first}.{_REDUCE.get(name, name)}", *_keywords(dim=dim, keepdim=keep))


def _cumulate(op: ops.Cumulate, t: Terms) -> Expression:
    if op.function == "max":
        return f"{t.first}.cummax({op.dim}).values"
    return call(f"{t.first}.cum{op.function}", str(op.dim))


def _quick_gelu(_: ops.QuickGELU, t: Terms) -> Expression:
    x = t.inputs[0]
    return Operation("*", (x, call("torch.sigmoid", Operation("*", ("1.702", x)))))


_SIGNS = {
    **{"sub": "-", "div": "/", "floor_divide": "//", "remainder": "%"},
    **{"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="},
    **{"bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^"},
}

_IN_FUNCTIONAL = (
    *("softplus", "softsign", "mish", "elu", "selu", "celu", "logsigmoid", "hardtanh"),
    *("hardshrink", "softshrink", "threshold"),
)


def _pointwise(op: ops.Pointwise, t: Terms) -> Expression:
    name = op.function
    if name in _SIGNS:
        return Operation(_SIGNS[name], t.operands)
    if name in ("maximum", "minimum") and t.read[1].shape == () and _is_number(t.inputs[1]):
        word = "min" if name == "maximum" else "max"
        return call(f"{t.first}.clamp", Keyword(word, t.inputs[1]))
    if name == "neg":
        return f"-{t.first}"
    if name == "pow" and len(t.inputs) == 2:
        return call(f"{t.first}.pow", t.inputs[1])
    numbers = tuple(Keyword(word, literal(each)) for word, each in op.constants.items())
    given = numbers if op.numbers or name == "threshold" else ()
    return call(f"{'F' if name in _IN_FUNCTIONAL else 'torch'}.{name}", *t.inputs, *given)


def _is_number(value: Expression) -> bool:
    """Return whether a value is written as a number."""
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


_NUMBER = re.compile(r'-?[\d.]+(e-?\d+)?|float\("-?\w+"\)|True|False')


def _hard_sigmoid(op: ops.Hardsigmoid, t: Terms) -> Expression:
    if op == ops.Hardsigmoid():
        return call("F.hardsigmoid", *t.inputs)
    return call(f"({literal(op.slope)} * {t.first} + 0.5).clamp", "0", "1")


def _softmax(op: ops.Softmax, t: Terms) -> Expression:
    word = "log_softmax" if isinstance(op, ops.LogSoftmax) else "softmax"
    return call(f"torch.{word}", t.inputs[0], Keyword("dim", str(op.dim)))


def _attention(op: ops.ScaledDotProductAttention, t: Terms) -> Expression:
    query, key, value, *mask = t.inputs
    masked = mask[0] if mask else None
    if masked is not None and op.is_causal:
        # PyTorch takes a mask or is_causal, not both: what is seen of both, as numbers to add.
        seen = f"torch.ones_like({masked}, dtype=torch.bool).tril()"
        if t.read[3].dtype == "bool":
            masked = Operation("&", (masked, seen))
        else:
            masked = call(f"{masked}.masked_fill", f"~{seen}", 'float("-inf")')
    return call(
        "F.scaled_dot_product_attention",
        *(query, key, value),
        *_keywords(
            attn_mask=masked,
            is_causal="True" if op.is_causal and not mask else None,
            scale=None if _usual(op.scale, t.read[0]) else literal(op.scale),
            enable_gqa="True" if op.enable_gqa else None,
        ),
    )


def _usual(scale: float | None, query: Tensor) -> bool:
    """Return whether attention's scale is the one that PyTorch takes by itself."""
    width = (query.shape or (0,))[-1]
    return scale is None or (width > 0 and math.isclose(scale, width**-0.5, rel_tol=1e-7))


def _gelu(op: ops.GELU, t: Terms) -> Expression:
    approximate = None if op.approximate == "none" else quoted(op.approximate)
    return call("F.gelu", *t.inputs, *_keywords(approximate=approximate))


EXPRESSIONS: dict[type[Op], Writer] = {
    ops.Add: lambda _, t: Operation("+", t.operands),
    ops.Mul: lambda _, t: Operation("*", t.operands),
    ops.Concat: lambda op, t: call(
        "torch.cat", Brackets("[", t.inputs, "]"), Keyword("dim", str(op.dim))
    ),
    ops.Stack: lambda op, t: call(
        "torch.stack", Brackets("[", t.inputs, "]"), Keyword("dim", str(op.dim))
    ),
    ops.MatMul: _function("torch.matmul"),
    ops.GroupedMatMul: _function("grouped_matmul"),  # written into the file
    ops.Convolution: lambda op, t: convolution(op, t.inputs, t.rank - 2),
    ops.Einsum: lambda op, t: call("torch.einsum", quoted(op.equation), *t.inputs),
    ops.Pointwise: _pointwise,
    ops.Reduce: _reduce,
    ops.Cumulate: _cumulate,
    ops.ScaledDotProductAttention: _attention,
    ops.Flatten: lambda _, t: call("torch.flatten", t.inputs[0], "1"),
    ops.Reshape: _reshape,
    ops.Permute: lambda op, t: permuted(t.first, op.dims),
    ops.Expand: _expand,
    ops.Repeat: _method("repeat", "repeats"),
    ops.Split: _split,
    ops.Slice: _slice,
    ops.Select: _select,
    ops.Flip: lambda op, t: call("torch.flip", t.first, _listed(op.dims)),
    ops.Roll: lambda op, t: call("torch.roll", t.first, _listed(op.shifts), _listed(op.dims)),
    ops.Pad: _pad,
    ops.Gather: _gather,
    ops.IndexSelect: _index_select,
    ops.Index: _index,
    ops.Scatter: _scatter,
    ops.Sort: _sort,
    ops.Cast: lambda op, t: call(f"{t.first}.to", f"torch.{op.dtype}"),
    ops.Resize: _resize,
    ops.Full: _full,
    ops.Arange: _arange,
    ops.ReLU: _function("F.relu"),
    ops.ReLU6: _function("F.relu6"),
    ops.LeakyReLU: lambda op, t: call("F.leaky_relu", t.inputs[0], literal(op.negative_slope)),
    ops.SiLU: _function("F.silu"),
    ops.GELU: _gelu,
    ops.QuickGELU: _quick_gelu,
    ops.Hardswish: _function("F.hardswish"),
    ops.Hardsigmoid: _hard_sigmoid,
    ops.Sigmoid: _function("torch.sigmoid"),
    ops.Tanh: _function("torch.tanh"),
    ops.Softmax: _softmax,
    ops.LogSoftmax: _softmax,
}
"""The operators that a forward method writes as expressions; the others are submodules."""


def needs_batch(op: Op) -> bool:
    """Return whether an operator's source says how large the batch is, or where tensors lie."""
    if isinstance(op, ops.Full | ops.Arange):
        return True
    if isinstance(op, ops.Reshape) and _open(op.shape):
        return False
    fields = (getattr(op, name) for name in op.__dataclass_fields__ if hasattr(op, name))
    return any(isinstance(value, tuple) and follows_batch(value) for value in fields)


def expression(op: Op, terms: Terms) -> Expression:
    """Return what an operator computes from its inputs; ExportError where there is no such."""
    if type(op) in EXPRESSIONS:
        return EXPRESSIONS[type(op)](op, terms)
    if is_functional(op):
        return function(op, terms.inputs[0])
    found = functional(op, terms.inputs)
    if found is not None:
        return found
    raise ExportError(f"its {op.kind} reads tensors of other layers")
