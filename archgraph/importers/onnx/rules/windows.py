"""Convolutions and pooling: kernels, strides and the ways in which ONNX says padding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from archgraph import ops
from archgraph.importers.onnx.call import Call, Made, UnreadableError, made
from archgraph.ops import (
    AdaptiveMaxPool2d,
    AvgPool2d,
    Conv2d,
    ConvTranspose2d,
    GlobalAvgPool2d,
    MaxPool2d,
    Op,
    Pair,
    Shape,
    ZeroPad2d,
)

__all__ = ["READERS"]


def _global(op: Op, function: str) -> Callable[[Call], list[Op]]:
    """Make a reader of what reduces whole maps; along one or three axes it is a reduction."""

    def reader(call: Call) -> list[Op]:
        axes = len(call.map) - 1
        if axes < 1:
            raise UnreadableError
        return [op if axes == 2 else ops.Reduce(function, tuple(range(2, axes + 2)), True)]

    return reader


class _Window(NamedTuple):
    """How a kernel moves; ``begin`` and ``end`` are the padding before and behind each axis."""

    kernel: Shape
    stride: Shape
    dilation: Shape
    begin: Shape
    end: Shape

    @property
    def even(self) -> bool:
        """Whether the padding is the same on both sides."""
        return self.begin == self.end

    @property
    def axes(self) -> int:
        """Along how many axes it moves."""
        return len(self.kernel)

    def zeros(self) -> Op:
        """Return the padding as an operator of its own."""
        pairs = zip(reversed(self.begin), reversed(self.end), strict=True)
        pads = tuple(size for pair in pairs for size in pair)  # the last axis first
        return ZeroPad2d(pads) if len(pads) == 4 else ops.Pad(pads)


def _conv(call: Call) -> list[Op]:
    """Read a Conv along one to three axes, behind zeros where the padding differs between sides."""
    weight = call.weight(1)
    window, groups = _window(call, weight[2:]), call.integer("group", 1)
    op: Op = made(
        _CONVS[window.axes](),
        weight[1] * groups,
        weight[0],
        window.kernel,
        window.stride,
        window.begin if window.even else 0,
        window.dilation,
        groups,
        call.adds(2),
    )
    return [op] if window.even else [window.zeros(), op]


def _conv_transpose(call: Call) -> list[Op]:
    """Read a ConvTranspose whose padding is the same on both sides."""
    weight = call.weight(1)
    if len(weight) != 4 or "output_shape" in call.settings:
        raise UnreadableError
    if call.settings.get("auto_pad", "NOTSET") != "NOTSET":
        raise UnreadableError
    window, groups = _window(call, weight[2:]), call.integer("group", 1)
    extra = call.integers("output_padding", 0, 0)
    if not window.even or len(extra) != 2:
        raise UnreadableError
    return [
        ConvTranspose2d(
            weight[0],
            weight[1] * groups,
            window.kernel,
            window.stride,
            window.begin,
            (extra[0], extra[1]),
            groups,
            call.adds(2),
            window.dilation,
        )
    ]


def _computed(read: Callable[[Call], list[Made]]) -> Callable[[Call], list[Made]]:
    """Make a reader of convolutions that reads their weights where no layer stores them so."""

    def either(call: Call) -> list[Made]:
        try:
            return read(call)
        except UnreadableError:
            return [Made(_functional(call), call.data)]

    return either


def _functional(call: Call) -> Op:
    """Read a Conv or ConvTranspose whose weights are computed, or along axes that have no layer."""
    transposed, weight = call.op_type == "ConvTranspose", call.shape(1)
    size = tuple(each for each in weight[2:] if type(each) is int)
    auto = transposed and call.settings.get("auto_pad", "NOTSET") != "NOTSET"
    if len(size) + 2 != len(weight) or auto or "output_shape" in call.settings:
        raise UnreadableError
    window = _window(call, size)
    if not window.even:
        raise UnreadableError
    groups, extra = call.integer("group", 1), (0,) * window.axes
    if transposed:
        extra = call.integers("output_padding", *extra)
    return ops.Convolution(window.stride, window.begin, window.dilation, groups, transposed, extra)


def _max_pool(call: Call) -> list[Op]:
    """Read a MaxPool; padding that only rounds the output up becomes ``ceil_mode``."""
    window = _window(call, call.integers("kernel_shape"))
    kind = _MAX_POOLS[window.axes]()
    op = kind(window.kernel, window.stride, window.begin, window.dilation, _up(call))
    if window.even:
        return [op]
    if any(e < b for b, e in zip(window.begin, window.end, strict=True)):
        raise UnreadableError
    # The maximum ignores padding, so what counts is where the windows lie.
    up = replace(op, ceil_mode=True)
    if _sized(up, call.map) != _result(call):
        raise UnreadableError
    return [up]


def _average_pool(call: Call) -> list[Op]:
    """Read an AveragePool; one window that covers all there is becomes a GlobalAvgPool2d."""
    window = _window(call, call.integers("kernel_shape"))
    if set(window.dilation) != {1}:
        raise UnreadableError
    kind = _AVG_POOLS[window.axes]()
    counted = bool(call.integer("count_include_pad", 0))
    padded = any(window.begin) or any(window.end)
    if window.axes == 2 and _result(call)[1:] == (1, 1) and (not padded or not counted):
        sizes = zip(call.map[1:], window.begin, window.kernel, strict=True)
        if all(begin + size <= kernel for size, begin, kernel in sizes):
            return [GlobalAvgPool2d()]
    kernel, stride = window.kernel, window.stride
    if window.even:
        return [kind(kernel, stride, window.begin, _up(call), counted or not padded)]
    if counted:
        return [window.zeros(), kind(kernel, stride, 0, _up(call))]
    op = kind(kernel, stride, window.begin, ceil_mode=True, count_include_pad=False)
    if any(e < b for b, e in zip(window.begin, window.end, strict=True)):
        raise UnreadableError
    if _sized(op, call.map) != _result(call):
        raise UnreadableError
    return [op if any(window.begin) else replace(op, count_include_pad=True)]


def _result(call: Call) -> Shape:
    """Return the output's shape without its first axis; empty where it is unknown."""
    shape = call.result.shape
    return () if shape is None or None in shape else tuple(shape[1:])


def _sized(op: Op, shape: Shape) -> Shape:
    return op.output_shape((1, *shape))[1:]


def _chain(reader: Callable[[Call], list[Op]], *roles: str) -> Callable[[Call], list[Made]]:
    """Make a reader whose last operator but padding has the weights at inputs 1 and 2."""

    def read(call: Call) -> list[Made]:
        found = [Made(op) for op in reader(call)]
        found[0] = found[0]._replace(reads=(call.inputs[0],))
        if roles:
            places = {role: place for place, role in enumerate(roles, 1) if call.adds(place)}
            weights = call.weights(**places)
            found[-1] = found[-1]._replace(weights=weights)
        return found

    return read


def _up(call: Call) -> bool:
    return bool(call.integer("ceil_mode", 0))


def _window(call: Call, kernel: Shape) -> _Window:
    axes = len(kernel)
    if axes not in _CONVS or len(call.map) != axes + 1:
        raise UnreadableError
    ones = (1,) * axes
    stride, dilation = call.integers("strides", *ones), call.integers("dilations", *ones)
    if not len(stride) == len(dilation) == axes or min(*stride, *dilation, *kernel) < 1:
        raise UnreadableError
    auto = call.settings.get("auto_pad", "NOTSET")
    pads = call.integers("pads", *(0,) * (2 * axes))
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        sides = [
            _same(size, k, s, d, auto == "SAME_UPPER")
            for size, k, s, d in zip(call.map[1:], kernel, stride, dilation, strict=True)
        ]
        pads = (*(before for before, _ in sides), *(behind for _, behind in sides))
    elif auto == "VALID":
        pads = (0,) * (2 * axes)
    if len(pads) != 2 * axes or min(pads) < 0:
        raise UnreadableError
    return _Window(tuple(kernel), tuple(stride), tuple(dilation), pads[:axes], pads[axes:])


def _same(size: int, kernel: int, stride: int, dilation: int, upper: bool) -> Pair:
    """Return the padding that makes the output ceil(size / stride) long (Conv, auto_pad)."""
    whole = max(0, (-(-size // stride) - 1) * stride + dilation * (kernel - 1) + 1 - size)
    less, more = whole // 2, whole - whole // 2
    return (less, more) if upper else (more, less)


# By the number of axes; what few networks need is imported when one does.
_CONVS: dict[int, Callable[[], Any]] = {
    1: lambda: ops.Conv1d,
    2: lambda: Conv2d,
    3: lambda: ops.Conv3d,
}
_MAX_POOLS: dict[int, Callable[[], Any]] = {
    1: lambda: ops.MaxPool1d,
    2: lambda: MaxPool2d,
    3: lambda: ops.MaxPool3d,
}
_AVG_POOLS: dict[int, Callable[[], Any]] = {
    1: lambda: ops.AvgPool1d,
    2: lambda: AvgPool2d,
    3: lambda: ops.AvgPool3d,
}

READERS: dict[str, Callable[[Call], list[Made]]] = {
    "AveragePool": _chain(_average_pool),
    "Conv": _computed(_chain(_conv, "weight", "bias")),
    "ConvTranspose": _computed(_chain(_conv_transpose, "weight", "bias")),
    "GlobalAveragePool": _chain(_global(GlobalAvgPool2d(), "mean")),
    "GlobalMaxPool": _chain(_global(AdaptiveMaxPool2d(1), "max")),
    "MaxPool": _chain(_max_pool),
}
"""How each ONNX operator of this family is read."""
