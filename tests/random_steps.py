"""Steps of a random graph beyond maps: tokens, tables, tensors that move, are taken or made."""

from __future__ import annotations

import math
from collections.abc import Callable

from random_growing import Growing

from archgraph import ops
from archgraph.tensors import Batch, N, follows_batch

__all__ = ["MORE_STEPS"]

WHOLE = ("int64", "int32")


def _layer_norm(g: Growing) -> None:
    if x := g.pick():
        shape = g.shape(x)[-g.integer(1, 2) :]
        if g.either():
            g.add(ops.LayerNorm(shape, 1e-5, g.either(), g.either()), x)
        else:
            g.add(ops.RMSNorm(shape, 1e-6, g.either()), x)


def _other_axes(g: Growing) -> None:
    """Convolve or pool along one axis or three."""
    axes = g.one_of(1, 3)
    if x := g.pick(lambda shape: len(shape) == axes + 1 and min(shape[1:]) > 1):
        channels = g.shape(x)[0]
        kernel, stride = g.integer(1, 2), g.integer(1, 2)
        conv = ops.Conv1d if axes == 1 else ops.Conv3d
        most = ops.MaxPool1d if axes == 1 else ops.MaxPool3d
        mean = ops.AvgPool1d if axes == 1 else ops.AvgPool3d
        kind = g.one_of("conv", "max", "mean")
        if kind == "conv":
            g.add(conv(channels, g.integer(1, 4), kernel, stride, g.integer(0, 1)), x)
        elif kind == "max":
            g.add(most(kernel, stride, g.integer(0, kernel // 2), ceil_mode=g.either()), x)
        else:
            g.add(mean(kernel, stride, g.integer(0, kernel // 2), g.either(), g.either()), x)


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
    linear = [name for name in g.net if type(g.net.op(name)) is ops.Linear]
    if linear and (name := g.one_of(*linear)):
        op, key = g.net.op(name), g.net.keys_of(name)["weight"]
        assert isinstance(op, ops.Linear)
        x = g.any(lambda whole: bool(whole) and whole[-1] == op.in_features)
        if x:
            g.add(op, x, tensors={"weight": key})


def _again(g: Growing) -> None:
    """Run a layer for the second time."""
    runs = [n for n in g.net if g.net.op(n).parameters() and "@" not in n]
    if runs and (name := g.one_of(*runs)) and f"{name}@2" not in g.net:
        taken = [g.whole(source) for source in g.net.reads(name)]
        if len(taken) == 1 and (x := g.any(lambda whole: whole == taken[0])):
            g.net.add(f"{name}@2", g.net.op(name), [x])


def _attention(g: Growing) -> None:
    if x := g.pick(lambda shape: len(shape) >= 2):
        shape = g.shape(x)
        key = g.pick(lambda s: s[:-2] == shape[:-2] and s[-1] == shape[-1]) or x
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
    if x := g.any(lambda whole: len(whole) == 3 and sum(map(follows_batch, zip(whole))) == 1):
        whole = g.whole(x)
        if follows_batch(whole[2:]):
            return
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
        g.add(ops.Pointwise(name), x)


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
    if x := g.any(types=("bool",)):
        whole = g.whole(x)
        y = g.any(lambda other: other == whole, types=("bool",))
        assert y
        name = g.one_of(
            *("logical_and", "logical_or", "logical_xor", "logical_not", "bitwise_not"),
            *("bitwise_and", "bitwise_or", "bitwise_xor"),
        )
        g.add(ops.Pointwise(name), *([x] if name.endswith("not") else [x, y]))


def _bits(g: Growing) -> None:
    if x := g.any(types=WHOLE):
        number = g.constant(g.integer(1, 7), dtype=str(g.tensor(x).dtype), scalar=True)
        name = g.one_of("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not")
        g.add(ops.Pointwise(name), *([x] if name == "bitwise_not" else [x, number]))


def _reduce(g: Growing) -> None:
    kinds = ("float32", "int64", "bool")
    if x := g.any(lambda whole: len(whole) > 0, kinds):
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


def _reshape(g: Growing) -> None:
    """Move extents between axes, also into the batch and out of it."""
    if x := g.any(lambda whole: len(whole) > 0):
        whole = g.whole(x)
        if g.either() and follows_batch(whole):
            shape = tuple(-1 if type(each) is Batch else each for each in whole[::-1])
            g.add(ops.Reshape(shape), x)
        elif len(whole) > 1 and type(whole[0]) is Batch and type(whole[1]) is int:
            g.add(ops.Reshape((Batch(int(whole[0]) * whole[1]), *whole[2:])), x)
        elif type(whole[0]) is Batch and int(whole[0]) > 1:
            g.add(ops.Reshape((N, int(whole[0]), *whole[1:])), x)
        else:
            g.add(ops.Reshape((1, *whole, 1)), x)


def _permute(g: Growing) -> None:
    if x := g.any(lambda whole: len(whole) > 1):
        rank = len(g.whole(x))
        by = g.integer(1, rank - 1)
        order = tuple((axis + by) % rank for axis in range(rank))
        dims = (*order[:-1], order[-1] - rank) if g.either() else order
        g.add(ops.Permute(dims), x)


def _parameter(g: Growing) -> None:
    """Add or multiply by a learned tensor, as a position embedding or a scale of channels."""
    if x := g.any(lambda whole: len(whole) > 0 and not follows_batch(whole[-1:])):
        whole = g.whole(x)
        number = next(g.numbers)
        key = g.one_of(f"learned{number}", f"block{number // 3}.learned{number}")
        learned = g.net.store(key, whole[-1:])
        op = g.one_of(ops.Add(), ops.Mul())
        g.add(op, *([x, learned] if g.either() else [learned, x]))


def _class_token(g: Growing) -> None:
    """Put a learned token before those of every image."""
    if x := g.pick(lambda shape: len(shape) == 2):
        width = g.shape(x)[1]
        token = g.net.store(f"token{next(g.numbers)}", (1, 1, width))
        g.add(ops.Concat(1), g.add(ops.Expand(("N", g.one_of(-1, 1), width)), token), x)


def _split(g: Growing) -> None:
    if x := g.any():
        whole = g.whole(x)
        axis = g.axis(whole, 2)
        if axis is not None:
            first = g.integer(1, whole[axis] - 1)
            dim = g.one_of(axis, axis - len(whole))
            g.add(ops.Split((first, whole[axis] - first), dim), x)


def _stack(g: Growing) -> None:
    if x := g.any():
        whole = g.whole(x)
        others = [g.any(lambda found: found == whole) or x for _ in range(g.integer(0, 2))]
        g.add(ops.Stack(g.integer(-1, len(whole))), x, *others)


def _concat_any(g: Growing) -> None:
    if x := g.any(lambda whole: len(whole) > 0):
        g.add(ops.Concat(g.integer(-1, len(g.whole(x)) - 1)), x, x)


def _select(g: Growing) -> None:
    if x := g.any():
        whole = g.whole(x)
        axis = g.axis(whole)
        if axis is not None:
            g.add(ops.Select(g.integer(-whole[axis], whole[axis] - 1), axis), x)


def _slice_any(g: Growing) -> None:
    if x := g.any():
        whole = g.whole(x)
        axis = g.axis(whole)
        if axis is not None:
            start = g.integer(0, whole[axis] - 1)
            stop, dim = g.integer(start + 1, whole[axis]), g.one_of(axis, axis - len(whole))
            g.add(ops.Slice(start, stop, dim, g.integer(1, 2)), x)


def _roll(g: Growing) -> None:
    if x := g.any(lambda whole: len(whole) > 0):
        rank = len(g.whole(x))
        dims = sorted({g.integer(0, rank - 1) for _ in range(2)})
        if g.either():
            g.add(ops.Flip(tuple(dims)), x)
        else:
            g.add(ops.Roll(tuple(g.integer(-3, 3) for _ in dims), tuple(dims)), x)


def _pad(g: Growing) -> None:
    """Pad as torch takes it: constant any axes; otherwise the last of three or two of four."""
    mode = g.one_of("constant", "constant", "reflect", "replicate", "circular")
    if mode == "constant":
        if x := g.any(lambda whole: len(whole) > 0 and not follows_batch(whole[-1:])):
            padding = [g.integer(0, 2), g.integer(0, 2)]
            if g.whole(x)[-1] > 2:
                padding[g.integer(0, 1)] = -1
            g.add(ops.Pad(tuple(padding), value=g.one_of(0.0, 1.5)), x)
    elif x := g.pick(lambda shape: len(shape) == 3 and min(shape[1:]) > 1):
        g.add(ops.Pad(tuple(g.integer(0, 1) for _ in range(4)), mode), x)


def _repeat(g: Growing) -> None:
    if x := g.any(lambda whole: math.prod(whole) < 300):
        times = [g.integer(1, 2) for _ in g.whole(x)]
        g.add(ops.Repeat((*([1] if g.either() else []), *times)), x)


def _gather(g: Growing) -> None:
    """Take along an axis what is largest there."""
    if x := g.any():
        axis = g.axis(g.whole(x))
        if axis is not None:
            g.add(ops.Gather(axis), x, g.add(ops.Reduce("argmax", (axis,), True), x))


def _index_select(g: Growing) -> None:
    if x := g.any():
        whole = g.whole(x)
        axis = g.axis(whole)
        if axis is not None:
            numbers = [g.integer(-1, whole[axis] - 1) for _ in range(g.integer(1, 4))]
            places = g.constant(*numbers, dtype=g.one_of(*WHOLE))
            g.add(ops.IndexSelect(g.one_of(axis, axis - len(whole))), x, places)


def _index(g: Growing) -> None:
    if x := g.any(lambda whole: sum(not follows_batch(each) for each in zip(whole)) > 1):
        whole = g.whole(x)
        axes = [axis for axis, size in enumerate(whole) if not follows_batch((size,))]
        dims = g.one_of(tuple(axes[:2]), tuple(axes[-2:]), (axes[0], axes[-1]), (axes[0],))
        count = g.integer(1, 3)
        places = [
            g.constant(*[g.integer(0, whole[axis] - 1) for _ in range(count)], dtype="int64")
            for axis in dims
        ]
        g.add(ops.Index(dims), x, *places)


def _cast(g: Growing) -> None:
    if x := g.any(types=("float32", "bool", *WHOLE)):
        g.add(ops.Cast(g.one_of("float32", "bool", *WHOLE)), x)


def _resize(g: Growing) -> None:
    if x := g.map():
        mode = g.one_of("nearest", "nearest-exact", "bilinear", "bicubic", "area")
        corners = mode in ("bilinear", "bicubic") and g.either()
        if g.either():
            size = tuple(g.integer(1, 2 * extent) for extent in g.shape(x)[1:])
            g.add(ops.Resize(size=size, mode=mode, align_corners=corners), x)
        else:
            scale = g.one_of((2.0,), (2.0, 1.5), (0.5, 2.0) if g.shape(x)[1] > 1 else (1.5,))
            g.add(ops.Resize(scale=scale, mode=mode, align_corners=corners), x)


def _pixel_shuffle(g: Growing) -> None:
    if x := g.pick(lambda shape: len(shape) == 3 and shape[0] % 4 == 0):
        g.add(ops.PixelShuffle(2), x)


def _made(g: Growing) -> None:
    shape = g.one_of((2, 3), ("N", 2), (3, "2N"), ())
    if g.either():
        g.add(ops.Full(shape, g.one_of("float32", "int64"), g.integer(-2, 2)))
    else:
        g.add(ops.Arange(g.one_of(("N",), ("2N",), (4,)), g.one_of("int64", "float32")))


def _einsum(g: Growing) -> None:
    if x := g.pick(lambda shape: len(shape) == 2):
        y = g.pick(lambda shape: len(shape) == 2 and shape[1] == g.shape(x)[1])
        assert y
        g.add(
            ops.Einsum(g.one_of("blc,bsc->bls", "b l c, b s c -> b s", "...lc,...sc->...ls")), x, y
        )


def _outer(g: Growing) -> None:
    """Multiply every image by every other, as CLIP does."""
    if x := g.any(lambda whole: len(whole) == 2 and whole[0] == N and not follows_batch(whole[1:])):
        g.add(ops.MatMul(), x, g.add(ops.Permute((1, 0)), x))


MORE_STEPS: dict[str, Callable[[Growing], None]] = {
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
    "reshape": _reshape,
    "permute": _permute,
    "parameter": _parameter,
    "class_token": _class_token,
    "split": _split,
    "stack": _stack,
    "concat_any": _concat_any,
    "select": _select,
    "slice_any": _slice_any,
    "roll": _roll,
    "pad": _pad,
    "repeat": _repeat,
    "gather": _gather,
    "index_select": _index_select,
    "index": _index,
    "cast": _cast,
    "resize": _resize,
    "pixel_shuffle": _pixel_shuffle,
    "made": _made,
    "einsum": _einsum,
    "outer": _outer,
}
"""What a random graph grows by beside maps."""
