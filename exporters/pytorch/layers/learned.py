"""Layers with weights, or with modes, that torch.nn has in another form, and attention."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from archgraph import ops

__all__ = ["BatchNorm2d", "TransposedLinear", "attention", "convolution", "recurrent"]


class BatchNorm2d(nn.BatchNorm2d):
    """Batch normalisation of tensors with two axes or more."""

    def _check_input_dim(self, input: Tensor) -> None:
        if input.ndim < 2:
            raise ValueError(f"expected two axes or more, but got {input.ndim}")


class TransposedLinear(nn.Module):
    """A fully connected layer whose weights are stored as in_features × out_features."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_features, out_features))
        self.bias = nn.Parameter(torch.empty(out_features)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Return x · weight + bias."""
        return functional.linear(x, self.weight.T, self.bias)

    def extra_repr(self) -> str:
        """Return what repr shows between the brackets."""
        rows, columns = self.weight.shape
        return f"in_features={rows}, out_features={columns}, bias={self.bias is not None}"


def attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, **settings: Any
) -> Tensor:
    """Return softmax(Q·Kᵀ · scale + mask) · V; torch takes a mask or is_causal, not both."""
    if mask is not None and settings["is_causal"]:
        shape = query.shape[-2], key.shape[-2]
        seen = torch.ones(shape, dtype=torch.bool, device=query.device).tril()
        hidden = torch.zeros(shape, dtype=query.dtype, device=query.device)
        hidden = hidden.masked_fill(~seen, float("-inf"))
        mask = mask & seen if mask.dtype == torch.bool else mask + hidden
        settings["is_causal"] = False
    return functional.scaled_dot_product_attention(query, key, value, mask, **settings)


def convolution(
    x: Tensor, weight: Tensor, bias: Tensor | None = None, *, settings: ops.Convolution
) -> Tensor:
    """Return a convolution of maps along all their axes."""
    names = ("stride", "padding", "dilation", "output_padding")
    stride, padding, dilation, extra = (settings.each(name, weight.ndim - 2) for name in names)
    found: Tensor = torch.convolution(
        x, weight, bias, stride, padding, dilation, settings.transposed, extra, settings.groups
    )
    return found


def _hold_lent(layer: nn.RNNBase) -> None:
    """Refresh torch's own list of a layer's weights, which knows of none lent for one call."""
    held: list[Any] = [getattr(layer, name) for name in layer._flat_weights_names]
    if any(one is not other for one, other in zip(held, layer._flat_weights, strict=True)):
        layer._flat_weights = held


class LSTM(nn.LSTM):
    """torch's LSTM with its states as inputs and outputs of their own."""

    def forward(self, x: Tensor, *given: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        """Return the sequence and both last states; states that are not given are zeros."""
        _hold_lent(self)
        if len(given) == 1:
            size = (*given[0].shape[:-1], self.hidden_size)
            given = (*given, given[0].new_zeros(size))
        output, (hidden, cell) = super().forward(x, given or None)  # type: ignore[arg-type]
        return output, hidden, cell


class GRU(nn.GRU):
    """torch's GRU with its state as an input of its own."""

    def forward(self, x: Tensor, *given: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        """Return the sequence and the last state; one that is not given is zeros."""
        _hold_lent(self)
        output, hidden = super().forward(x, *given)
        return output, hidden


class RNN(nn.RNN):
    """torch's RNN with its state as an input of its own."""

    def forward(self, x: Tensor, *given: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        """Return the sequence and the last state; one that is not given is zeros."""
        _hold_lent(self)
        output, hidden = super().forward(x, *given)
        return output, hidden


def recurrent(op: ops.LSTM | ops.GRU | ops.RNN) -> nn.Module:
    """Return torch's recurrent layer with an operator's settings."""
    made: dict[str, Any] = {"LSTM": LSTM, "GRU": GRU, "RNN": RNN}
    settings = {field.name: getattr(op, field.name) for field in fields(op)}
    layer: nn.Module = made[op.kind](**settings)
    return layer
