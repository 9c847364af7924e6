"""One PyTorch layer for each operator (private)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import singledispatch
from typing import Any

import torch
from torch import nn

from archgraph import ops
from archgraph.errors import ExportError
from archgraph.ops.registry import offered_for

from . import arithmetic, moves
from .base import Batched, Call, Surroundings
from .learned import BatchNorm2d, TransposedLinear, attention, convolution, recurrent

__all__ = ["LAYERS", "Batched", "Surroundings", "layer"]


def _dtype(name: str) -> torch.dtype:
    found: torch.dtype = getattr(torch, name)
    return found


def _fields(op: ops.Op) -> dict[str, Any]:
    """Return all settings by PyTorch's names, which are the operator's."""
    return {field.name: getattr(op, field.name) for field in fields(op)}


LAYERS: dict[type[ops.Op], Callable[[Any], nn.Module]] = {
    # learned
    ops.Conv1d: lambda op: nn.Conv1d(**_fields(op)),
    ops.Conv2d: lambda op: nn.Conv2d(**_fields(op)),
    ops.Conv3d: lambda op: nn.Conv3d(**_fields(op)),
    ops.ConvTranspose2d: lambda op: nn.ConvTranspose2d(**_fields(op)),
    ops.Linear: lambda op: (TransposedLinear if op.transposed else nn.Linear)(
        op.in_features, op.out_features, op.bias
    ),
    ops.Embedding: lambda op: nn.Embedding(op.num_embeddings, op.embedding_dim),
    ops.LSTM: recurrent,
    ops.GRU: recurrent,
    ops.RNN: recurrent,
    # normalisation
    ops.BatchNorm2d: lambda op: BatchNorm2d(op.num_features, op.eps, op.momentum),
    ops.LayerNorm: lambda op: nn.LayerNorm(
        op.normalized_shape, op.eps, op.elementwise_affine, op.bias
    ),
    ops.GroupNorm: lambda op: nn.GroupNorm(op.num_groups, op.num_channels, op.eps, op.affine),
    ops.RMSNorm: lambda op: nn.RMSNorm(op.normalized_shape, op.eps, op.elementwise_affine),
    ops.LocalResponseNorm: lambda op: nn.LocalResponseNorm(op.size, op.alpha, op.beta, op.k),
    # pooling, resampling
    ops.MaxPool1d: lambda op: nn.MaxPool1d(**_fields(op)),
    ops.MaxPool2d: lambda op: nn.MaxPool2d(**_fields(op)),
    ops.MaxPool3d: lambda op: nn.MaxPool3d(**_fields(op)),
    ops.AvgPool1d: lambda op: nn.AvgPool1d(**_fields(op)),
    ops.AvgPool2d: lambda op: nn.AvgPool2d(**_fields(op)),
    ops.AvgPool3d: lambda op: nn.AvgPool3d(**_fields(op)),
    ops.AdaptiveAvgPool2d: lambda op: nn.AdaptiveAvgPool2d(op.output_size),
    ops.AdaptiveMaxPool2d: lambda op: nn.AdaptiveMaxPool2d(op.output_size),
    ops.GlobalAvgPool2d: lambda _: nn.AdaptiveAvgPool2d(1),
    ops.PixelShuffle: lambda op: nn.PixelShuffle(op.upscale_factor),
    ops.Resize: lambda op: Call(
        op,
        moves.resize,
        size=op.size,
        scale=op.scale,
        mode=op.mode,
        align_corners=op.align_corners,
    ),
    # activations
    ops.ReLU: lambda _: nn.ReLU(),
    ops.ReLU6: lambda _: nn.ReLU6(),
    ops.LeakyReLU: lambda op: nn.LeakyReLU(op.negative_slope),
    ops.PReLU: lambda op: nn.PReLU(op.num_parameters),
    ops.SiLU: lambda _: nn.SiLU(),
    ops.GELU: lambda op: nn.GELU(op.approximate),
    ops.QuickGELU: lambda op: Call(op, arithmetic.quick_gelu),
    ops.Hardswish: lambda _: nn.Hardswish(),
    ops.Hardsigmoid: lambda op: (
        nn.Hardsigmoid()
        if op == ops.Hardsigmoid()
        else Call(op, arithmetic.hard_sigmoid, slope=op.slope)
    ),
    ops.Sigmoid: lambda _: nn.Sigmoid(),
    ops.Tanh: lambda _: nn.Tanh(),
    ops.Softmax: lambda op: nn.Softmax(op.dim),
    ops.LogSoftmax: lambda op: nn.LogSoftmax(op.dim),
    ops.Dropout: lambda op: nn.Dropout(op.p),
    # arithmetic
    ops.Add: lambda op: Call(op, arithmetic.total),
    ops.Mul: lambda op: Call(op, arithmetic.product),
    ops.MatMul: lambda op: Call(op, torch.matmul),
    ops.GroupedMatMul: lambda op: Call(op, arithmetic.grouped_product),
    ops.Convolution: lambda op: Call(op, convolution, settings=op),
    ops.Einsum: lambda op: Call(op, arithmetic.einsum, equation=op.equation),
    ops.Pointwise: lambda op: Call(op, arithmetic.FUNCTIONS[op.function], **op.constants),
    ops.Reduce: lambda op: Call(
        op, arithmetic.reduce, name=op.function, dims=op.dims, keepdim=op.keepdim
    ),
    ops.Cumulate: lambda op: Call(op, arithmetic.CUMULATING[op.function], dim=op.dim),
    ops.ScaledDotProductAttention: lambda op: Call(
        op, attention, is_causal=op.is_causal, scale=op.scale, enable_gqa=op.enable_gqa
    ),
    # what moves, is cut, taken or made
    ops.Identity: lambda _: nn.Identity(),
    ops.Flatten: lambda _: nn.Flatten(),
    ops.Reshape: lambda op: Batched(op, moves.reshape, shape=op.shape),
    ops.Permute: lambda op: Call(op, torch.permute, dims=op.dims),
    ops.Expand: lambda op: Batched(op, moves.expand, shape=op.shape),
    ops.Repeat: lambda op: Batched(op, moves.repeat, repeats=op.repeats),
    ops.Concat: lambda op: Call(op, moves.concat, dim=op.dim),
    ops.Stack: lambda op: Call(op, moves.stack, dim=op.dim),
    ops.Split: lambda op: Batched(op, moves.split, parts=op.sizes, dim=op.dim),
    ops.Slice: lambda op: Call(
        op, moves.slice_, start=op.start, stop=op.stop, dim=op.dim, step=op.step
    ),
    ops.Select: lambda op: Call(op, torch.select, dim=op.dim, index=op.index),
    ops.Roll: lambda op: Call(op, torch.roll, shifts=op.shifts, dims=op.dims),
    ops.Flip: lambda op: Call(op, torch.flip, dims=op.dims),
    ops.Pad: lambda op: Call(op, moves.pad, padding=op.padding, mode=op.mode, value=op.value),
    ops.ZeroPad2d: lambda op: nn.ZeroPad2d(op.padding),
    ops.PadShortcut: lambda op: Call(
        op,
        moves.pad_shortcut,
        stride=op.stride,
        before=op.channels_before,
        after=op.channels_after,
    ),
    ops.Gather: lambda op: Call(op, moves.gather, dim=op.dim),
    ops.IndexSelect: lambda op: Call(op, moves.index_select, dim=op.dim),
    ops.Index: lambda op: Call(op, moves.index, dims=op.dims),
    ops.Sort: lambda op: Call(op, moves.sort, dim=op.dim, descending=op.descending, k=op.k),
    ops.Scatter: lambda op: Call(op, moves.SCATTERING[op.reduce], dim=op.dim),
    ops.Cast: lambda op: Call(op, moves.cast, dtype=_dtype(op.dtype)),
    ops.Full: lambda op: Batched(
        op, moves.full, shape=op.shape, value=op.value, dtype=_dtype(op.dtype)
    ),
    ops.Arange: lambda op: Batched(op, moves.arange, shape=op.shape, dtype=_dtype(op.dtype)),
}
"""What makes the layer of each operator."""


@singledispatch
def layer(op: ops.Op) -> nn.Module:
    """Return a new layer that computes ``op``; ExportError when there is none.

    That of another package's operator is its entry point in the group ``archgraph.layers``: a class
    that takes the operator's fields and names its parameters as the operator does.
    """
    if type(op) in LAYERS:
        return LAYERS[type(op)](op)
    if offered := offered_for(op, "layers"):
        made: nn.Module = offered.load()(**_fields(op))
        return made
    raise ExportError(f"its operator {op.kind} has no PyTorch layer.")


@layer.register
def _(op: ops.Opaque) -> nn.Module:
    raise ExportError(f"its operator '{op.type_name}' is unknown to archgraph.")
