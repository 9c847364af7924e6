"""A small network for every operator, with settings that are not the usual where it has some."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import archgraph as ag
from archgraph import ops
from archgraph.ops import Op

__all__ = ["networks", "own_operators", "samples"]

MAPS, TOKENS = ((4, 6, 6), "float32"), ((5, 8), "float32")
SOLID = ((4, 3, 6, 6), "float32")
WHOLE = ((5,), "int64")


def own_operators() -> list[type[Op]]:
    """Return our operators, without those that other tests define."""
    return [kind for kind in ops.OPS.values() if kind.__module__.startswith("archgraph.ops.")]


class Stored(NamedTuple):
    """An input that the network stores: learned, or a constant with these numbers."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    numbers: tuple[int, ...] | None = None


Given = Stored | tuple[tuple[int | str, ...], str]


def samples() -> list[tuple[Op, tuple[Given, ...]]]:
    """Return operators, each with the shapes and element types of its inputs."""
    heads = ((4, 5, 8), "float32")
    kernel, row, matrices = (Stored(shape) for shape in ((4, 2, 3, 3), (4,), (3, 8, 4)))
    ends = Stored((3,), "int64", (1, 1, 2))
    return [
        (ops.Conv2d(4, 8, (3, 1), 2, 1, groups=2), (MAPS,)),
        (ops.Conv1d(5, 3, 3, 2, 1), (TOKENS,)),
        (ops.Conv3d(4, 2, (1, 3, 2), padding=(0, 1, 0)), (SOLID,)),
        (ops.ConvTranspose2d(4, 8, 3, 2, 1, 1, 2), (MAPS,)),
        (ops.Convolution(2, 1, groups=2), (MAPS, kernel, row)),
        (ops.Convolution((2, 1), 1, 1, 2, True, (1, 0)), (MAPS, kernel)),
        (ops.GroupedMatMul(), (((8,), "float32"), matrices, ends)),
        (ops.Sort(1, True, 2), (TOKENS,)),
        (ops.Sort(), (MAPS,)),
        (ops.Scatter(1), (TOKENS, ((1, 8), "int64"), ((1, 8), "float32"))),
        (ops.Scatter(1, "add"), (TOKENS, ((3, 8), "int64"), ((3, 8), "float32"))),
        (ops.Linear(8, 5), (TOKENS,)),
        (ops.Linear(8, 5, False, True), (TOKENS,)),
        (ops.Linear(8, 5, True, True), (((8,), "float32"),)),
        (ops.Embedding(9, 3), (WHOLE,)),
        (ops.LSTM(8, 3, 2, True, True, True), (TOKENS,)),
        (ops.LSTM(8, 4), (((5, "N", 8), "float32"),)),
        (ops.GRU(8, 3, 2, False, True), (TOKENS,)),
        (ops.RNN(8, 3, 1, True, True, False, "relu"), (TOKENS,)),
        (ops.BatchNorm2d(4), (MAPS,)),
        (ops.BatchNorm2d(8), (((8,), "float32"),)),
        (ops.LayerNorm((6, 6), 1e-3, bias=False), (MAPS,)),
        (ops.LayerNorm(8), (TOKENS,)),
        (ops.GroupNorm(2, 4, 1e-3), (MAPS,)),
        (ops.GroupNorm(4, 4, affine=False), (MAPS,)),
        (ops.RMSNorm(8), (TOKENS,)),
        (ops.LocalResponseNorm(3), (MAPS,)),
        (ops.MaxPool2d(2), (MAPS,)),
        (ops.AvgPool2d(2), (MAPS,)),
        (ops.MaxPool1d(3, 2, 1, 1, True), (TOKENS,)),
        (ops.MaxPool3d((1, 2, 2)), (SOLID,)),
        (ops.AvgPool1d(3, 2, 1, True, False), (TOKENS,)),
        (ops.AvgPool3d(2, padding=1), (SOLID,)),
        (ops.AdaptiveAvgPool2d(2), (MAPS,)),
        (ops.AdaptiveMaxPool2d(2), (MAPS,)),
        (ops.GlobalAvgPool2d(), (MAPS,)),
        (ops.PixelShuffle(2), (MAPS,)),
        (ops.Resize(scale=(2.0, 0.5), mode="bilinear"), (MAPS,)),
        (ops.Resize(size=(9, 4), mode="bicubic", align_corners=True), (MAPS,)),
        (ops.Resize(scale=2), (MAPS,)),
        *((kind(), (MAPS,)) for kind in (ops.ReLU, ops.ReLU6, ops.LeakyReLU, ops.SiLU)),
        *((kind(), (MAPS,)) for kind in (ops.Hardswish, ops.Hardsigmoid, ops.Sigmoid, ops.Tanh)),
        *(
            (kind(), (MAPS,))
            for kind in (ops.GELU, ops.QuickGELU, ops.Softmax, ops.Dropout, ops.Identity)
        ),
        (ops.Hardsigmoid(0.2), (MAPS,)),
        (ops.PReLU(4), (MAPS,)),
        (ops.PReLU(), (TOKENS,)),
        (ops.GELU("tanh"), (TOKENS,)),
        (ops.LogSoftmax(1), (MAPS,)),
        (ops.Pointwise("elu", (0.5,)), (TOKENS,)),
        (ops.Add(), (MAPS, MAPS, MAPS)),
        (ops.Mul(), (MAPS, MAPS)),
        (ops.MatMul(), (MAPS, MAPS)),
        (ops.Einsum("bld,bsd->bls"), (TOKENS, TOKENS)),
        (ops.Concat(), (MAPS, MAPS)),
        (ops.Stack(-1), (MAPS, MAPS)),
        *(
            (ops.Pointwise(name), (TOKENS,))
            for name in ("exp", "neg", "softplus", "erf", "sign", "mish", "isnan")
        ),
        *(
            (ops.Pointwise(name), (TOKENS, TOKENS))
            for name in ("sub", "div", "floor_divide", "remainder", "minimum", "ne", "ge", "atan2")
        ),
        (ops.Pointwise("where"), (((5, 8), "bool"), TOKENS, TOKENS)),
        (ops.Pointwise("bitwise_and"), (WHOLE, WHOLE)),
        (ops.Reduce("mean", (1, -1), True), (MAPS,)),
        (ops.Reduce("prod", (1, 2)), (TOKENS,)),
        (ops.Reduce("argmax", (), True), (TOKENS,)),
        (ops.Reduce("argmin", (1,)), (MAPS,)),
        (ops.Reduce("std", (1,)), (TOKENS,)),
        (ops.Reduce("norm"), (TOKENS,)),
        (ops.Reduce("logsumexp"), (TOKENS,)),
        (ops.Reduce("max", (1,)), (TOKENS,)),
        (ops.Cumulate("sum", 1), (TOKENS,)),
        (ops.ScaledDotProductAttention(True, 0.3), (heads, heads, heads)),
        (ops.ScaledDotProductAttention(), (heads, heads, heads, ((4, 5, 5), "float32"))),
        (ops.Flatten(), (MAPS,)),
        (ops.Reshape(("4N", 6, 6)), (MAPS,)),
        (ops.Reshape(("2N", -1, 6)), (MAPS,)),
        (ops.Reshape((-1, 6)), (MAPS,)),
        (ops.Permute((0, 2, 3, 1)), (MAPS,)),
        (ops.Expand((2, "N", -1, 8)), (TOKENS,)),
        (ops.Repeat((1, 2, 3)), (TOKENS,)),
        (ops.Split((2, 3), 1), (TOKENS,)),
        (ops.Split((4, 4), -1), (TOKENS,)),
        (ops.Slice(1, 3), (MAPS,)),
        (ops.Slice(1, 6, -1, 2), (MAPS,)),
        (ops.Select(-1, 1), (TOKENS,)),
        (ops.Flip((1, -1)), (MAPS,)),
        (ops.Roll((2, -1), (2, 3)), (MAPS,)),
        (ops.Pad((1, 2, 0, 1), value=0.5), (MAPS,)),
        (ops.Pad((1, 2, 0, 1), "circular"), (MAPS,)),
        (ops.ZeroPad2d((0, 1, 2, 0)), (MAPS,)),
        (ops.PadShortcut((1, 2), 1, 0), (MAPS,)),
        (ops.Gather(1), (TOKENS, ((3, 8), "int64"))),
        (ops.IndexSelect(2), (TOKENS, WHOLE)),
        (ops.Index((1, 2)), (TOKENS, WHOLE, WHOLE)),
        (ops.Index((1, 2)), (TOKENS, ((3, 1), "int64"), ((1, 2), "int64"))),
        (ops.Cast("int32"), (TOKENS,)),
        (ops.Full(("2N", 3), value=0.5), ()),
        (ops.Arange(("N",)), ()),
    ]


def networks() -> Iterator[tuple[type[Op], ag.ArchGraph]]:
    """Yield a network of one operator for each sample, all its outputs returned."""
    for op, inputs in samples():
        net = ag.ArchGraph(name="one")
        if not inputs:
            net.add("x", ops.Input((2,)))
        names = [_given(net, f"x{n}", each) for n, each in enumerate(inputs)]
        net.add("it", op, names)
        count = len(net.nodes["it"]["outputs"])
        net.set_outputs("it", *(f"it:{n}" for n in range(1, count)))
        yield type(op), net


def _given(net: ag.ArchGraph, name: str, each: Given) -> str:
    if not isinstance(each, Stored):
        return net.add(name, ops.Input(*each))
    kind = "parameter" if each.numbers is None else "constant"
    return net.store(name, each.shape, each.dtype, kind, value=each.numbers)
