"""Convolutions and pooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archgraph.importers.torch.building import Building, Source, rule
from archgraph.importers.torch.trace import Call
from archgraph.ops import (
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    AvgPool2d,
    Conv2d,
    ConvTranspose2d,
    MaxPool2d,
    Opaque,
    Pad,
    Reduce,
)

__all__: list[str] = []


def _two(value: Any) -> Any:
    """Return both extents of a setting that torch writes once where they are equal."""
    return tuple(value) * (2 // len(value)) if isinstance(value, (list, tuple)) and value else None


def _same(kernel: Sequence[int], dilation: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return what ``padding="same"`` adds before and behind each axis."""
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return [t // 2 for t in totals], [t - t // 2 for t in totals]


@rule("conv2d")
def _conv2d(b: Building, call: Call) -> Source | None:
    source, shape = b.source(call["input"]), call["weight"].shape
    padding, dilation = call["padding"], _two(call["dilation"])
    if padding == "valid":
        padding = (0, 0)
    elif padding == "same":
        before, behind = _same(shape[2:], dilation)
        if before != behind:
            added = (before[1], behind[1], before[0], behind[0])
            source, before = b.add(Pad(added), [source], word="pad"), [0, 0]
        padding = before
    op = Conv2d(
        call["groups"] * shape[1],
        shape[0],
        shape[2:],
        _two(call["stride"]),
        _two(padding),
        dilation,
        call["groups"],
        call["bias"] is not None,
    )
    return _with_weights(b, call, op, source)


@rule("conv_transpose2d")
def _conv_transpose2d(b: Building, call: Call) -> Source | None:
    shape = call["weight"].shape
    op = ConvTranspose2d(
        shape[0],
        call["groups"] * shape[1],
        shape[2:],
        _two(call["stride"]),
        _two(call["padding"]),
        _two(call["output_padding"]),
        call["groups"],
        call["bias"] is not None,
        _two(call["dilation"]),
    )
    return _with_weights(b, call, op, b.source(call["input"]))


def _with_weights(
    b: Building, call: Call, op: Conv2d | ConvTranspose2d, source: Source
) -> Source | None:
    """Add a convolution; where its weights are computed, one that only says what it costs."""
    weight, bias = b.key(call["weight"]), b.key(call["bias"])
    if weight is not None and (bias is not None) == (call["bias"] is not None):
        return b.add(op, [source], keys={"weight": weight, "bias": bias})
    shape = b.shape(source)
    out = call.outputs[0]
    opaque = Opaque(
        call.name, out.shape, 0, op.macs((shape,), op.output_shape(shape)), out.dtype, batched=False
    )
    return b.add(opaque, [source, *(b.source(each) for each in call.values[1:])])


@rule("max_pool2d", "max_pool2d_with_indices")
def _max_pool2d(b: Building, call: Call) -> Source:
    return b.add(
        MaxPool2d(
            _two(call["kernel_size"]),
            _two(call["stride"]),
            _two(call["padding"]),
            _two(call["dilation"]),
            call["ceil_mode"],
        ),
        [b.source(call["self"])],
    )


@rule("avg_pool2d")
def _avg_pool2d(b: Building, call: Call) -> Source | None:
    if call["divisor_override"] is not None:
        return None
    return b.add(
        AvgPool2d(
            _two(call["kernel_size"]),
            _two(call["stride"]),
            _two(call["padding"]),
            call["ceil_mode"],
            call["count_include_pad"],
        ),
        [b.source(call["self"])],
    )


@rule("adaptive_avg_pool2d")
def _adaptive_avg_pool2d(b: Building, call: Call) -> Source:
    return b.add(AdaptiveAvgPool2d(_two(call["output_size"])), [b.source(call["self"])])


@rule("adaptive_max_pool2d")
def _adaptive_max_pool2d(b: Building, call: Call) -> Source:
    return b.add(AdaptiveMaxPool2d(_two(call["output_size"])), [b.source(call["self"])])


@rule("adaptive_avg_pool1d", "adaptive_max_pool1d", "adaptive_avg_pool3d", "adaptive_max_pool3d")
def _to_one(b: Building, call: Call) -> Source | None:
    """Pool to one element, which is a reduction."""
    size = call["output_size"]
    if any(each != 1 for each in size):
        return None
    axes = tuple(range(-len(size) if len(size) > 1 else -int(call.name[-2]), 0))
    function = "mean" if "avg" in call.name else "max"
    return b.add(Reduce(function, axes, keepdim=True), [b.source(call["self"])])
