"""Windows of a tensor that lie side by side or over each other, laid out as an axis, and back."""

from __future__ import annotations

import torch

from archgraph.importers.torch.building import Building, Constant, Source, rule
from archgraph.importers.torch.rules.arithmetic import constant
from archgraph.importers.torch.trace import Call
from archgraph.ops import Expand, Full, Index, IndexSelect, Pad, Permute, Reshape, Scatter, Slice
from archgraph.tensors import Batch

__all__: list[str] = []


def _starts(size: int, window: int, step: int, dilation: int = 1) -> torch.Tensor:
    """Return the places of each element of every window: windows × elements."""
    count = (size - dilation * (window - 1) - 1) // step + 1
    return step * torch.arange(count)[:, None] + dilation * torch.arange(window)


@rule("unfold")
def _windows(b: Building, call: Call) -> Source | None:
    """Windows along one axis, each laid along a new last axis."""
    shape = call["self"].shape
    axis = call["dimension"] % len(shape)
    if type(shape[axis]) is Batch:
        return None
    places = constant(_starts(shape[axis], call["size"], call["step"]), "int64", "places")
    found = b.add(IndexSelect(axis), [b.source(call["self"]), places], word="windows")
    order = [each for each in range(len(shape) + 1) if each != axis + 1]
    return b.add(Permute((*order, axis + 1)), [found]) if axis + 1 < len(shape) else found


@rule("im2col")
def _columns(b: Building, call: Call) -> Source | None:
    """Windows of maps as columns: N × C·K × L."""
    source, size = b.source(call["self"]), call["self"].shape[2:]
    if len(size) != 2:
        return None
    kernel, dilation, padding, stride = (
        call[word] for word in ("kernel_size", "dilation", "padding", "stride")
    )
    if any(padding):
        pads = (padding[1], padding[1], padding[0], padding[0])
        source = b.add(Pad(pads), [source], word="pad")
    rows, columns = (
        _starts(size[axis] + 2 * padding[axis], kernel[axis], stride[axis], dilation[axis]).T
        for axis in (0, 1)
    )
    places: list[Constant] = [
        constant(rows[:, None, :, None], "int64", "rows"),
        constant(columns[:, None, :], "int64", "columns"),
    ]
    found = b.add(Index((2, 3)), [source, *places], word="windows")
    return b.add(Reshape(call.outputs[0].shape), [found])


@rule("col2im")
def _maps(b: Building, call: Call) -> Source | None:
    """Columns put back as maps: what lies over each other adds up."""
    kernel, dilation, padding, stride = (
        call[word] for word in ("kernel_size", "dilation", "padding", "stride")
    )
    if len(call["self"].shape) != 3:
        return None
    size = [each + 2 * pad for each, pad in zip(call["output_size"], padding, strict=True)]
    rows, columns = (
        _starts(size[axis], kernel[axis], stride[axis], dilation[axis]).T for axis in (0, 1)
    )
    places = (rows[:, None, :, None] * size[1] + columns[:, None, :]).reshape(1, 1, -1)
    batch, channels = call.outputs[0].shape[:2]
    shape = (batch, channels, places.shape[-1])
    dtype = call.outputs[0].dtype or "float32"
    wide = b.add(Reshape(shape), [b.source(call["self"])], word="windows")
    where = b.add(Expand(shape), [constant(places, "int64", "places")], word="places")
    zeros = b.add(Full((batch, channels, size[0] * size[1]), dtype), [], word="zeros")
    laid = b.add(Scatter(2, "add"), [zeros, where, wide], word="sums")
    found = b.add(Reshape((batch, channels, *size)), [laid], word="maps")
    for axis, pad in enumerate(padding, 2):
        if pad:
            found = b.add(Slice(pad, size[axis - 2] - pad, axis), [found], word="crop")
    return found


@rule("pixel_unshuffle")
def _pixel_unshuffle(b: Building, call: Call) -> Source | None:
    """Each square of pixels becomes channels: C × H × W → C·r² × H/r × W/r."""
    step, shape = call["downscale_factor"], call["self"].shape
    if len(shape) != 4:
        return None
    batch, channels, height, width = shape
    cut = Reshape((batch, channels, height // step, step, width // step, step))
    laid = b.add(cut, [b.source(call["self"])], word="squares")
    laid = b.add(Permute((0, 1, 3, 5, 2, 4)), [laid], word="permute")
    return b.add(Reshape(call.outputs[0].shape), [laid])
