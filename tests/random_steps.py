"""Steps of a random graph beyond maps: tokens, tables, functions of elements, reductions."""

from __future__ import annotations

from collections.abc import Callable

from random_growing import Growing
from random_moves import MOVING_STEPS
from random_weights import GIVEN_STEPS

from archgraph import ops
from archgraph.tensors import Batch, follows_batch

__all__ = ["MORE_STEPS"]

WHOLE = ("int64", "int32")


def _layer_norm(g: Growing) -> None:
    if x := g.pick():
        shape = g.shape(x)[-g.integer(1, 2) :]
        norm = ops.LayerNorm(shape, 1e-5, g.either(), g.either())
        g.add(g.one_of(norm, ops.RMSNorm(shape, 1e-6, g.either())), x)


def _group_norm(g: Growing) -> None:
    if x := g.pick(lambda shape: len(shape) > 1):
        channels = g.shape(x)[0]
        groups = g.one_of(*(n for n in range(1, channels + 1) if channels % n == 0))
        g.add(ops.GroupNorm(groups, channels, 1e-5, g.either()), x)


_OTHER_AXES = (
    *(ops.Conv1d, ops.MaxPool1d, ops.AvgPool1d),
    *(ops.Conv3d, ops.MaxPool3d, ops.AvgPool3d),
)


def _other_axes(g: Growing) -> None:
    """Convolve or pool along one axis or three."""
    kind = g.one_of(*_OTHER_AXES)
    axes = 1 if kind in _OTHER_AXES[:3] else 3
    if x := g.of_rank(axes + 1, lambda shape: min(shape[1:]) > 1):
        kernel, stride = g.integer(1, 2), g.integer(1, 2)
        if kind in (ops.Conv1d, ops.Conv3d):
            setting = g.shape(x)[0], g.integer(1, 4), kernel, stride, g.integer(0, 1)
            g.add(kind(*setting), x)
        elif kind in (ops.MaxPool1d, ops.MaxPool3d):
            g.add(kind(kernel, stride, g.integer(0, kernel // 2), ceil_mode=g.either()), x)
        else:
            g.add(kind(kernel, stride, g.integer(0, kernel // 2), g.either(), g.either()), x)


def _prelu(g: Growing) -> None:
    if x := g.pick():
        g.add(ops.PReLU(g.one_of(1, g.shape(x)[0])), x)


def _embedding(g: Growing) -> None:
    """Look up tokens: an input of whole numbers from 0 to 4, its batch first or second."""
    length = g.integer(1, 4)
    shape = g.one_of((length,), (length, "N"))
    tokens = ops.Input(shape, g.one_of(*WHOLE))
    x = g.net.add(f"tokens{next(g.numbers)}", tokens)
    g.add(ops.Embedding(g.integer(5, 8), g.integer(1, 6)), x)


def _transposed_linear(g: Growing) -> None:
    if x := g.any(lambda whole: bool(whole) and not follows_batch(whole[-1:])):
        g.add(ops.Linear(g.whole(x)[-1], g.integer(1, 5), g.either(), True), x)


def _tied(g: Growing) -> None:
    """Use the weights of a linear layer once more, in a layer with a bias of its own."""
    if not any(type(g.net.op(name)) is ops.Linear for name in g.net):
        _transposed_linear(g)
    linear = [name for name in g.net if type(g.net.op(name)) is ops.Linear]
    if linear and (name := linear[g.integer(0, len(linear) - 1)]):
        op, key = g.net.op(name), g.net.keys_of(name)["weight"]
        assert isinstance(op, ops.Linear)
        x = g.any(lambda whole: bool(whole) and whole[-1] == op.in_features)
        if x:
            g.add(op, x, tensors={"weight": key})


def _again(g: Growing) -> None:
    """Run a layer for the second time."""
    if not any(g.net.op(name).parameters() for name in g.net):
        _group_norm(g)
    runs = [n for n in g.net if g.net.op(n).parameters() and "@" not in n]
    if runs and (name := runs[g.integer(0, len(runs) - 1)]) and f"{name}@2" not in g.net:
        taken = [g.tensor(source) for source in g.net.reads(name)]
        if len(taken) != 1:
            return
        (tensor,) = taken
        if x := g.any(lambda whole: whole == tensor.shape, (str(tensor.dtype),)):
            g.net.add(f"{name}@2", g.net.op(name), [x])


def _attention(g: Growing) -> None:
    if x := g.pick(lambda shape: len(shape) >= 2):
        shape = g.shape(x)
        key = g.pick(lambda s: len(s) >= 2 and s[:-2] == shape[:-2] and s[-1] == shape[-1]) or x
        inputs = [x, key, g.pick(lambda s: s[:-1] == g.shape(key)[:-1]) or key]
        if g.either():
            inputs.append(g.net.store(f"mask{next(g.numbers)}", (shape[-2], g.shape(key)[-2])))
        causal, scale = g.either(), g.one_of(None, 0.5)
        g.add(ops.ScaledDotProductAttention(causal, scale), *inputs)


def _grouped_attention(g: Growing) -> None:
    """Let two heads of the query share one of key and value."""
    if x := g.map():
        heads, length, width = g.shape(x)
        query = g.add(ops.Concat(1), x, x)
        assert g.shape(query) == (2 * heads, length, width)
        g.add(ops.ScaledDotProductAttention(g.either(), None, True), query, x, x)


def _recurrent(g: Growing) -> None:
    x = g.any(
        lambda whole: (
            len(whole) == 3
            and not follows_batch(whole[2:])
            and sum(map(follows_batch, zip(whole))) == 1
        )
    )
    if x or (x := g.of_rank(2)):
        if g.either():
            x = g.add(ops.Permute((1, 0, 2)), x)  # the batch first or second
        whole = g.whole(x)
        first, hidden = follows_batch(whole[:1]), g.integer(1, 4)
        settings = (g.integer(1, 2), g.either(), first, g.either())
        kind = g.one_of(ops.LSTM, ops.GRU, ops.RNN)
        if kind is ops.LSTM:
            op = ops.LSTM(whole[2], hidden, *settings)
        elif kind is ops.RNN:
            op = ops.RNN(whole[2], hidden, *settings, g.one_of("tanh", "relu"))
        else:
            op = ops.GRU(whole[2], hidden, *settings)
        layers = op.num_layers * op.directions
        states = [
            g.add(ops.Full((layers, whole[0 if first else 1], hidden), value=0.1 * number))
            for number in range(op.states if g.either() else 0)
        ]
        g.add(op, x, *states)


_FREE = (
    *("abs", "neg", "sin", "cos", "tan", "atan", "sinh", "cosh", "asinh", "erf", "expm1", "exp"),
    *("softplus", "softsign", "mish", "elu", "selu", "celu", "logsigmoid", "hardtanh"),
    *("hardshrink", "softshrink", "sign", "floor", "ceil", "round", "trunc", "isnan", "isinf"),
    "threshold",
)
_POSITIVE = ("log", "log1p", "log2", "sqrt", "rsqrt", "reciprocal")
_WITHIN_ONE = ("asin", "acos", "atanh")


def _function(g: Growing) -> None:
    """Apply a function of one tensor, where it is defined and does not explode."""
    if x := g.any():
        x = g.add(ops.Tanh(), x)
        name = g.one_of(*_FREE, *_POSITIVE, *_WITHIN_ONE, "acosh")
        if name in _WITHIN_ONE:
            x = g.add(ops.Mul(), x, g.constant(0.9, scalar=True))
        elif name not in _FREE:
            above = 1.5 if name == "acosh" else 0.5
            x = g.add(ops.Add(), g.add(ops.Pointwise("abs"), x), g.constant(above, scalar=True))
        usual = ops.POINTWISE[name].numbers.values()
        g.add(ops.Pointwise(name, tuple(g.one_of(each, each + 0.25) for each in usual)), x)


def _of_two(g: Growing) -> None:
    if x := g.any():
        whole = g.whole(x)
        y = g.any(lambda other: other == whole)
        if y == x:
            y = g.add(ops.Sigmoid(), x)
        assert y
        name = g.one_of("sub", "minimum", "maximum", "atan2", "lt", "le", "gt", "ge", "eq", "ne")
        g.add(ops.Pointwise(name), x, y)


def _by_number(g: Growing) -> None:
    if x := g.any():
        number = g.constant(g.one_of(0.7, 2.0, 3.0), scalar=g.either())
        name = g.one_of("sub", "div", "floor_divide", "remainder", "pow")
        if name == "pow":
            x = g.add(ops.Pointwise("abs"), g.add(ops.Tanh(), x))
        g.add(ops.Pointwise(name), x, number)


def _of_three(g: Growing) -> None:
    if x := g.any():
        whole = g.whole(x)
        y = g.any(lambda other: other == whole)
        assert y
        if y == x:
            y = g.add(ops.Sigmoid(), x)
        name = g.one_of("where", "clamp", "lerp")
        if name == "where":
            chosen = g.add(ops.Pointwise("gt"), x, y)
            g.add(ops.Pointwise("where"), chosen, x, y)
        elif name == "clamp":
            low, high = (g.constant(each, scalar=True) for each in (-0.5, 0.8))
            g.add(ops.Pointwise("clamp"), x, low, high)
        else:
            g.add(ops.Pointwise("lerp"), x, y, g.constant(0.3, scalar=True))


def _logic(g: Growing) -> None:
    if x := g.of_type("bool"):
        whole = g.whole(x)
        y = g.any(lambda other: other == whole, types=("bool",))
        assert y
        name = g.one_of(
            *("logical_and", "logical_or", "logical_xor", "logical_not", "bitwise_not"),
            *("bitwise_and", "bitwise_or", "bitwise_xor"),
        )
        g.add(ops.Pointwise(name), *([x] if name.endswith("not") else [x, y]))


def _bits(g: Growing) -> None:
    if x := g.of_type(g.one_of(*WHOLE)):
        number = g.constant(g.integer(1, 7), dtype=str(g.tensor(x).dtype), scalar=True)
        name = g.one_of("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not")
        g.add(ops.Pointwise(name), *([x] if name == "bitwise_not" else [x, number]))


def _reduce(g: Growing) -> None:
    if x := g.of_type(g.one_of("float32", "int64", "bool"), 1):
        whole, dtype = g.whole(x), g.tensor(x).dtype
        several = sorted({g.integer(0, len(whole) - 1) for _ in range(g.integer(0, 2))})
        keepdim = g.either()
        if dtype == "bool":
            g.add(ops.Reduce(g.one_of("any", "all"), tuple(several), keepdim), x)
            return
        names = ["sum", "max", "min"]
        if dtype == "float32":
            names += ["mean", "norm", "logsumexp", "argmax", "argmin"]
            axes = several or range(len(whole))
            if any(type(whole[a]) is Batch or whole[a] > 1 for a in axes):
                names += ["var", "std"]
        name = g.one_of(*names)
        if name.startswith("arg"):
            several = several[:1]
        g.add(ops.Reduce(name, tuple(several), keepdim), x)


def _product(g: Growing) -> None:
    if x := g.any(lambda whole: len(whole) > 1):
        x = g.add(ops.Tanh(), x)
        g.add(ops.Reduce("prod", (len(g.whole(x)) - 1, -2), g.either()), x)


def _cumulate(g: Growing) -> None:
    if x := g.any(lambda whole: len(whole) > 0):
        name, dim = g.one_of("sum", "prod", "max"), g.integer(-1, len(g.whole(x)) - 1)
        g.add(ops.Cumulate(name, dim), g.add(ops.Tanh(), x))


def _einsum(g: Growing) -> None:
    if x := g.of_rank(2):
        y = g.pick(lambda shape: len(shape) == 2 and shape[1] == g.shape(x)[1])
        assert y
        g.add(
            ops.Einsum(g.one_of("blc,bsc->bls", "b l c, b s c -> b s", "...lc,...sc->...ls")), x, y
        )


def _outer(g: Growing) -> None:
    """Multiply every image by every other, as CLIP does."""
    if x := g.of_rank(1):
        g.add(ops.MatMul(), x, g.add(ops.Permute((1, 0)), x))


MORE_STEPS: dict[str, Callable[[Growing], None]] = {
    **MOVING_STEPS,
    **GIVEN_STEPS,
    "group_norm": _group_norm,
    "layer_norm": _layer_norm,
    "other_axes": _other_axes,
    "prelu": _prelu,
    "embedding": _embedding,
    "transposed_linear": _transposed_linear,
    "tied": _tied,
    "again": _again,
    "attention": _attention,
    "grouped_attention": _grouped_attention,
    "recurrent": _recurrent,
    "function": _function,
    "of_two": _of_two,
    "by_number": _by_number,
    "of_three": _of_three,
    "logic": _logic,
    "bits": _bits,
    "reduce": _reduce,
    "product": _product,
    "cumulate": _cumulate,
    "einsum": _einsum,
    "outer": _outer,
}
"""What a random graph grows by beside maps."""
