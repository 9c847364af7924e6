"""The operators, one frozen dataclass each, with PyTorch's names for their fields."""

from archgraph.ops.activation import (
    GELU,
    Dropout,
    Hardsigmoid,
    Hardswish,
    LeakyReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from archgraph.ops.base import Op, Pair, Shape, elements, shape_text
from archgraph.ops.conv import Conv2d, ConvTranspose2d, conv_extent
from archgraph.ops.linear import Linear, MatMul
from archgraph.ops.merge import Add, Concat, Mul
from archgraph.ops.norm import BatchNorm2d, LocalResponseNorm
from archgraph.ops.pool import (
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    AvgPool2d,
    GlobalAvgPool2d,
    MaxPool2d,
    pool_extent,
)
from archgraph.ops.reshape import Flatten, Identity, PadShortcut, Slice, ZeroPad2d
from archgraph.ops.source import Input, Opaque
from archgraph.ops.words import Words

__all__ = [
    "GELU",
    "OPS",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool2d",
    "Add",
    "AvgPool2d",
    "BatchNorm2d",
    "Concat",
    "Conv2d",
    "ConvTranspose2d",
    "Dropout",
    "Flatten",
    "GlobalAvgPool2d",
    "Hardsigmoid",
    "Hardswish",
    "Identity",
    "Input",
    "LeakyReLU",
    "Linear",
    "LocalResponseNorm",
    "MatMul",
    "MaxPool2d",
    "Mul",
    "Op",
    "Opaque",
    "PadShortcut",
    "Pair",
    "ReLU",
    "ReLU6",
    "Shape",
    "SiLU",
    "Sigmoid",
    "Slice",
    "Softmax",
    "Tanh",
    "Words",
    "ZeroPad2d",
    "conv_extent",
    "elements",
    "pool_extent",
    "shape_text",
]

OPS: dict[str, type[Op]] = {
    op.__name__: op
    for op in (
        AdaptiveAvgPool2d,
        AdaptiveMaxPool2d,
        Add,
        AvgPool2d,
        BatchNorm2d,
        Concat,
        Conv2d,
        ConvTranspose2d,
        Dropout,
        Flatten,
        GELU,
        GlobalAvgPool2d,
        Hardsigmoid,
        Hardswish,
        Identity,
        Input,
        LeakyReLU,
        Linear,
        LocalResponseNorm,
        MatMul,
        MaxPool2d,
        Mul,
        Opaque,
        PadShortcut,
        ReLU,
        ReLU6,
        SiLU,
        Sigmoid,
        Slice,
        Softmax,
        Tanh,
        ZeroPad2d,
    )
}
"""Every operator by name: what a graph file may hold, and nothing else."""
