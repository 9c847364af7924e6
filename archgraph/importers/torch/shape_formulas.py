"""Formulas for what common functions give on shapes alone.

torch runs many of them on the meta device in Python, step by step; an LSTM takes a tenth of a
second. A formula knows the usual cases (dense tensors of one type, sizes that fit) and gives None
for any other, where torch is asked, which also says what is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch

__all__ = ["FORMULAS", "Formula"]

Formula = Callable[..., Any]
"""Takes a function's arguments; gives tensors on the meta device, or None to ask torch."""

_ELEMENT_BY_ELEMENT = (
    *("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus"),
    *("hardswish", "hardsigmoid", "hardtanh", "sigmoid", "tanh", "log_sigmoid"),
    *("abs", "neg", "exp", "log", "sqrt", "rsqrt", "erf", "sin", "cos", "square", "reciprocal"),
)
"""A floating tensor gives one of its own shape and type, whatever the settings."""

_PAIRS = ("add", "sub", "rsub", "mul", "div", "maximum", "minimum")


def _whole(*tensors: torch.Tensor) -> bool:
    """Return whether floating tensors of one type lie dense and in order."""
    return all(
        each.is_contiguous() and each.dtype == tensors[0].dtype and each.is_floating_point()
        for each in tensors
    )


def _empty(shape: Iterable[int], like: torch.Tensor) -> torch.Tensor:
    return torch.empty(tuple(shape), dtype=like.dtype, device="meta")


# ---- element by element ------------------------------------------------------------------


def _same(self: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor | None:
    return torch.empty_like(self) if self.is_floating_point() else None


def _itself(self: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor | None:
    return self if self.is_floating_point() else None


def _dropout(input: torch.Tensor, p: float, train: bool) -> torch.Tensor | None:
    return _same(input) if train and p else input


def _clamp(self: torch.Tensor, *bounds: Any, **named: Any) -> torch.Tensor | None:
    if any(isinstance(each, torch.Tensor) for each in (*bounds, *named.values())):
        return None
    return _same(self)


def _softmax(self: torch.Tensor, dim: int, dtype: object = None) -> torch.Tensor | None:
    fits = dtype is None and _whole(self) and -self.ndim <= dim < self.ndim
    return _empty(self.shape, self) if fits else None


def _stretched(first: Sequence[int], second: Sequence[int]) -> tuple[int, ...] | None:
    """Return the shape of a pair by the rules of broadcasting; None where they do not fit."""
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    padded = (*((1,) * (len(longer) - len(shorter))), *shorter)
    if any(a != b and 1 not in (a, b) for a, b in zip(longer, padded, strict=True)):
        return None
    return tuple(b if a == 1 else a for a, b in zip(longer, padded, strict=True))


def _pair_shape(self: object, other: object) -> tuple[int, ...] | None:
    if not isinstance(self, torch.Tensor) or not self.is_floating_point():
        return None
    if type(other) in (int, float):
        return tuple(self.shape)
    if not isinstance(other, torch.Tensor) or not _whole(self, other):
        return None
    return _stretched(self.shape, other.shape)


def _pair(self: Any, other: Any, alpha: object = 1, **settings: Any) -> torch.Tensor | None:
    shape = _pair_shape(self, other)
    if shape is None or settings or isinstance(alpha, torch.Tensor):
        return None
    return torch.empty_like(self) if shape == self.shape else _empty(shape, self)


def _pair_written(self: Any, other: Any, *_: Any, **settings: Any) -> torch.Tensor | None:
    shape = _pair_shape(self, other)
    return self if shape is not None and shape == self.shape and not settings else None


# ---- layers ------------------------------------------------------------------------------


def _normalised(input: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor | None:
    """Batch and instance norm: of the shape, strides and type of their input."""
    return torch.empty_like(input) if input.ndim > 1 else None


def _layer_norm(input: torch.Tensor, shape: Sequence[int], *_: Any) -> torch.Tensor | None:
    fits = input.shape[-len(shape) :] == tuple(shape)
    return _empty(input.shape, input) if fits else None


def _group_norm(input: torch.Tensor, groups: int, *_: Any, **__: Any) -> torch.Tensor | None:
    fits = _whole(input) and input.ndim > 2 and input.shape[1] % groups == 0
    return _empty(input.shape, input) if fits else None


def _linear(input: torch.Tensor, weight: torch.Tensor, bias: object = None) -> torch.Tensor | None:
    del bias
    known = weight.ndim == 2 and weight.dtype == input.dtype and input.ndim > 1
    if not known or input.shape[-1] != weight.shape[1]:
        return None
    return _empty((*input.shape[:-1], weight.shape[0]), input)


def _convolution(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: object = None,
    stride: Sequence[int] = (1,),
    padding: Sequence[int] | str = (0,),
    dilation: Sequence[int] = (1,),
    groups: int = 1,
) -> torch.Tensor | None:
    """⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1 on each axis, as torch says."""
    del bias
    rank = weight.ndim - 2
    if isinstance(padding, str) or input.ndim != weight.ndim or not _whole(input, weight):
        return None
    if rank < 1 or any(len(each) not in (1, rank) for each in (stride, padding, dilation)):
        return None
    if input.shape[1] != weight.shape[1] * groups or weight.shape[0] % groups:
        return None
    settings = [
        tuple(each) * rank if len(each) == 1 else tuple(each)
        for each in (stride, padding, dilation)
    ]
    sizes = [
        (size + 2 * p - d * (kernel - 1) - 1) // s + 1
        for size, kernel, (s, p, d) in zip(
            input.shape[2:], weight.shape[2:], zip(*settings, strict=True), strict=True
        )
    ]
    if min(sizes) < 1:
        return None
    return _empty((input.shape[0], weight.shape[0], *sizes), input)


def _attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    *_: Any,
    **__: Any,
) -> torch.Tensor | None:
    if not query.ndim == key.ndim == value.ndim == 4:
        return None
    fits = key.shape[2] == value.shape[2]
    alike = query.shape[:2] == key.shape[:2] == value.shape[:2] and query.shape[3] == key.shape[3]
    if not (fits and alike and query.dtype == key.dtype == value.dtype):
        return None
    logits = (*query.shape[:3], key.shape[2])
    if attn_mask is not None and _stretched(attn_mask.shape, logits) != logits:
        return None
    return _empty((*query.shape[:3], value.shape[3]), query)


def _grouped(
    mat_a: torch.Tensor, mat_b: torch.Tensor, *_: Any, out_dtype: Any = None, **__: Any
) -> torch.Tensor | None:
    """Rows in groups, each times a matrix of its own, in any type: torch's own takes bfloat16."""
    whole = mat_a.is_contiguous() and mat_a.dtype == mat_b.dtype and mat_a.is_floating_point()
    fits = (mat_a.ndim, mat_b.ndim) == (2, 3) and mat_a.shape[1] == mat_b.shape[1]
    if not (whole and fits) or out_dtype not in (None, mat_a.dtype):
        return None
    return _empty((mat_a.shape[0], mat_b.shape[2]), mat_a)


def _joined(tensors: Sequence[torch.Tensor], dim: int = 0) -> torch.Tensor | None:
    first = tensors[0]
    if not first.ndim or not _whole(*tensors) or not -first.ndim <= dim < first.ndim:
        return None
    axis = dim % first.ndim
    if len({(each.shape[:axis], each.shape[axis + 1 :]) for each in tensors}) > 1:
        return None
    shape = list(first.shape)
    shape[axis] = sum(each.shape[axis] for each in tensors)
    return _empty(shape, first)


def _resized(
    input: torch.Tensor, output_size: Sequence[int] | None, *settings: Any
) -> torch.Tensor | None:
    """Resampling to a size, or by factors, the last of the settings."""
    if not _whole(input):
        return None
    if output_size is None:
        factors = settings[-1] if settings else None
        if not isinstance(factors, (list, tuple)) or len(factors) != input.ndim - 2:
            return None
        output_size = [
            math.floor(float(size) * factor)
            for size, factor in zip(input.shape[2:], factors, strict=True)
        ]
    fits = len(output_size) == input.ndim - 2 and min(output_size, default=0) > 0
    return _empty((*input.shape[:2], *output_size), input) if fits else None


# ---- recurrent layers --------------------------------------------------------------------


def _recurrent(states: int) -> Formula:
    """Return the formula of a layer of so many states: its sequence, and each state at the end."""

    def formula(input: torch.Tensor, *rest: Any) -> tuple[torch.Tensor, ...] | None:
        packed = isinstance(rest[2], (list, tuple))  # sizes of the batch stand before the states
        hx = rest[1] if packed else rest[0]
        given = list(hx) if isinstance(hx, (list, tuple)) else [hx]
        if len(given) != states or input.ndim != (2 if packed else 3) or not _whole(*given):
            return None
        if any(each.ndim != 3 for each in given):
            return None
        bidirectional, batch_first = (rest[-1], False) if packed else rest[-2:]
        width = given[0].shape[-1] * (2 if bidirectional else 1)
        if batch_first:
            sequence = _empty((input.shape[1], input.shape[0], width), input).transpose(0, 1)
        else:
            sequence = _empty((*input.shape[:-1], width), input)
        return (sequence, *(_empty(each.shape, each) for each in given))

    return formula


FORMULAS: dict[str, Formula] = {
    **dict.fromkeys(_ELEMENT_BY_ELEMENT, _same),
    **dict.fromkeys([f"{name}_" for name in _ELEMENT_BY_ELEMENT], _itself),
    **dict.fromkeys(["dropout", "feature_dropout", "alpha_dropout"], _dropout),
    **dict.fromkeys(["clamp", "clamp_min", "clamp_max"], _clamp),
    **dict.fromkeys(_PAIRS, _pair),
    **dict.fromkeys([f"{name}_" for name in _PAIRS], _pair_written),
    **dict.fromkeys(["softmax", "log_softmax"], _softmax),
    **dict.fromkeys(["batch_norm", "instance_norm"], _normalised),
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "linear": _linear,
    **dict.fromkeys(["conv1d", "conv2d", "conv3d"], _convolution),
    "scaled_dot_product_attention": _attention,
    "_grouped_mm": _grouped,
    "cat": _joined,
    **dict.fromkeys(
        [f"upsample_{each}" for each in ("linear1d", "bilinear2d", "bicubic2d", "trilinear3d")],
        _resized,
    ),
    **dict.fromkeys([f"upsample_nearest{n}d" for n in (1, 2, 3)], _resized),
    "lstm": _recurrent(2),
    **dict.fromkeys(["gru", "rnn_tanh", "rnn_relu"], _recurrent(1)),
}
"""By the name of the function in ATen."""
