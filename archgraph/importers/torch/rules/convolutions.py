"""Convolutions and pooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archgraph.importers.torch.building import Building, Source, rule
from archgraph.importers.torch.trace import Call
from archgraph.ops import (
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    Conv1d,
    Conv2d,
    Conv3d,
    Convolution,
    ConvTranspose2d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    Op,
    Pad,
    Reduce,
    Reshape,
)

__all__: list[str] = []


def _each(value: Any, axes: int) -> Any:
    """Return a setting of every axis, which torch writes once where all are equal."""
    return (
        tuple(value) * (axes // len(value)) if isinstance(value, (list, tuple)) and value else None
    )


def _same(kernel: Sequence[int], dilation: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return what ``padding="same"`` adds before and behind each axis."""
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return [t // 2 for t in totals], [t - t // 2 for t in totals]


CONVOLUTIONS: tuple[type[Conv1d | Conv2d | Conv3d], ...] = (Conv1d, Conv2d, Conv3d)
"""The convolutions along one, two and three axes."""


def _images(b: Building, value: Any, axes: int) -> Source:
    """Return what a window moves over, with an axis for the batch where one image has none."""
    source = b.source(value)
    if len(value.shape) == axes + 1:
        source = b.add(Reshape((1, *b.shape(source))), [source], word="batch")
    return source


def _over(b: Building, value: Any, op: Op, axes: int) -> Source:
    """Add an operator whose window moves over images; one alone has no axis for the batch."""
    return _alone(b, b.add(op, [_images(b, value, axes)]), value, axes)


def _alone(b: Building, found: Source, value: Any, axes: int) -> Source:
    if len(value.shape) == axes + 1:
        return b.add(Reshape(b.shape(found)[1:]), [found], word="alone")
    return found


@rule("conv1d", "conv2d", "conv3d", "convolution")
def _conv(b: Building, call: Call) -> Source | None:
    if call["transposed"]:
        return _transposed(b, call)
    shape = call["weight"].shape
    source, kind = _images(b, call["input"], len(shape) - 2), CONVOLUTIONS[len(shape) - 3]
    padding, dilation = call["padding"], _each(call["dilation"], kind.axes)
    if padding == "valid":
        padding = (0,)
    elif padding == "same":
        before, behind = _same(shape[2:], dilation)
        if before != behind:
            added = [n for pair in zip(before[::-1], behind[::-1], strict=True) for n in pair]
            source, before = b.add(Pad(tuple(added)), [source], word="pad"), [0] * kind.axes
        padding = before
    op = kind(
        call["groups"] * shape[1],
        shape[0],
        shape[2:],
        _each(call["stride"], kind.axes),
        _each(padding, kind.axes),
        dilation,
        call["groups"],
        call["bias"] is not None,
    )
    plain = Convolution(op.stride, op.padding, op.dilation, op.groups)
    return _with_weights(b, call, op, plain, source)


@rule("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def _conv_transpose(b: Building, call: Call) -> Source | None:
    return _transposed(b, call)


def _transposed(b: Building, call: Call) -> Source:
    shape = call["weight"].shape
    axes = len(shape) - 2
    source = _images(b, call["input"], axes)
    stride, padding, extra, dilation = (
        _each(call[word], axes) for word in ("stride", "padding", "output_padding", "dilation")
    )
    groups, op = call["groups"], None
    if axes == 2:
        width, bias = groups * shape[1], call["bias"] is not None
        op = ConvTranspose2d(
            shape[0], width, shape[2:], stride, padding, extra, groups, bias, dilation
        )
    plain = Convolution(stride, padding, dilation, groups, True, extra)
    return _with_weights(b, call, op, plain, source)


def _with_weights(
    b: Building, call: Call, op: Op | None, plain: Convolution, source: Source
) -> Source:
    """Add a convolution; where its weights are not stored as they are, one that reads them."""
    weight, bias = b.key(call["weight"]), b.key(call["bias"])
    own = weight is not None and (bias is not None) == (call["bias"] is not None)
    if op is not None and own:
        found = b.add(op, [source], keys={"weight": weight, "bias": bias})
    else:
        given = [call["weight"], *([call["bias"]] if call["bias"] is not None else [])]
        found = b.add(plain, [source, *map(b.source, given)])
    return _alone(b, found, call["input"], len(call["weight"].shape) - 2)


MAX_POOLS: dict[str, type[MaxPool1d | MaxPool2d | MaxPool3d]] = {
    "max_pool1d": MaxPool1d,
    "max_pool2d": MaxPool2d,
    "max_pool2d_with_indices": MaxPool2d,
    "max_pool3d": MaxPool3d,
}


@rule(*MAX_POOLS)
def _max_pool(b: Building, call: Call) -> Source:
    kind = MAX_POOLS[call.name]
    names = ("kernel_size", "stride", "padding", "dilation")
    settings = {name: _each(call[name], kind.axes) for name in names}
    return _over(b, call["self"], kind(**settings, ceil_mode=call["ceil_mode"]), kind.axes)


AVG_POOLS: dict[str, type[AvgPool1d | AvgPool2d | AvgPool3d]] = {
    "avg_pool1d": AvgPool1d,
    "avg_pool2d": AvgPool2d,
    "avg_pool3d": AvgPool3d,
}


@rule(*AVG_POOLS)
def _avg_pool(b: Building, call: Call) -> Source | None:
    if call["divisor_override"] is not None:
        return None
    kind = AVG_POOLS[call.name]
    settings = {n: _each(call[n], kind.axes) for n in ("kernel_size", "stride", "padding")}
    op = kind(**settings, ceil_mode=call["ceil_mode"], count_include_pad=call["count_include_pad"])
    return _over(b, call["self"], op, kind.axes)


@rule("adaptive_avg_pool2d")
def _adaptive_avg_pool2d(b: Building, call: Call) -> Source:
    return _over(b, call["self"], AdaptiveAvgPool2d(_each(call["output_size"], 2)), 2)


@rule("adaptive_max_pool2d")
def _adaptive_max_pool2d(b: Building, call: Call) -> Source:
    return _over(b, call["self"], AdaptiveMaxPool2d(_each(call["output_size"], 2)), 2)


@rule("adaptive_avg_pool1d", "adaptive_max_pool1d", "adaptive_avg_pool3d", "adaptive_max_pool3d")
def _to_one(b: Building, call: Call) -> Source | None:
    """Pool to one element, which is a reduction."""
    if any(each != 1 for each in call["output_size"]):
        return None
    axes = tuple(range(-int(call.name[-2]), 0))
    function = "mean" if "avg" in call.name else "max"
    return b.add(Reduce(function, axes, keepdim=True), [b.source(call["self"])])
