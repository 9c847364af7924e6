"""Layers whose tensors lie elsewhere, as functions of these: ``F.conv2d(x, weight, stride=2)``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archgraph import ops
from archgraph.ops import Op

from .code_layout import Expression, Keyword, call
from .literals import literal

__all__ = ["convolution", "functional"]

Inputs = Sequence[Expression]
"""What such a layer reads, and behind it its tensors in the operator's order."""


def _differing(*given: tuple[str, Any, Any]) -> list[Expression]:
    """Return settings by name where they differ from what the function does by itself."""
    return [Keyword(name, literal(value)) for name, value, usual in given if value != usual]


def convolution(op: ops.Convolution, inputs: Inputs, axes: int) -> Expression:
    """Return a convolution along ``axes`` axes whose weights are an input."""
    settings = [
        ("stride", op.stride, 1),
        ("padding", op.padding, 0),
        ("output_padding", op.output_padding, 0),
        ("groups", op.groups, 1),
        ("dilation", op.dilation, 1),
    ]
    word = "conv_transpose" if op.transposed else "conv"
    return call(f"F.{word}{axes}d", *inputs, *_differing(*settings))


def _convolution(op: Any, inputs: Inputs) -> Expression:
    plain = ops.Convolution(
        op.stride,
        op.padding,
        op.dilation,
        op.groups,
        isinstance(op, ops.ConvTranspose2d),
        getattr(op, "output_padding", 0),
    )
    return convolution(plain, inputs, len(op.kernel_size))


def _linear(op: ops.Linear, inputs: Inputs) -> Expression:
    x, weight, *bias = inputs
    return call("F.linear", x, f"{weight}.T" if op.transposed else weight, *bias)


def _batch_norm(op: ops.BatchNorm2d, inputs: Inputs) -> Expression:
    x, weight, bias, mean, variance, *_ = inputs
    eps = _differing(("momentum", op.momentum, 0.1), ("eps", op.eps, 1e-5))
    return call("F.batch_norm", x, mean, variance, weight, bias, "self.training", *eps)


def _layer_norm(op: ops.LayerNorm, inputs: Inputs) -> Expression:
    x, *tensors = inputs
    eps = Keyword("eps", literal(op.eps))
    return call("F.layer_norm", x, str(op.normalized_shape), *tensors, eps)


def _rms_norm(op: ops.RMSNorm, inputs: Inputs) -> Expression:
    x, *weight = inputs
    eps = Keyword("eps", literal(op.eps))
    return call("F.rms_norm", x, str(op.normalized_shape), *weight, eps)


def _group_norm(op: ops.GroupNorm, inputs: Inputs) -> Expression:
    x, *tensors = inputs
    return call("F.group_norm", x, str(op.num_groups), *tensors, *_differing(("eps", op.eps, 1e-5)))


_FUNCTIONS: dict[type[Op], Callable[[Any, Inputs], Expression]] = {
    **dict.fromkeys((ops.Conv1d, ops.Conv2d, ops.Conv3d, ops.ConvTranspose2d), _convolution),
    ops.Linear: _linear,
    ops.Embedding: lambda _, inputs: call("F.embedding", *inputs),
    ops.PReLU: lambda _, inputs: call("F.prelu", *inputs),
    ops.BatchNorm2d: _batch_norm,
    ops.LayerNorm: _layer_norm,
    ops.GroupNorm: _group_norm,
    ops.RMSNorm: _rms_norm,
}


def functional(op: Op, inputs: Inputs) -> Expression | None:
    """Return what a layer computes from its inputs and its tensors; None where no function does."""
    made = _FUNCTIONS.get(type(op))
    return None if made is None else made(op, inputs)
