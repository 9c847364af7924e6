"""Convolutions and grouped products whose weights are inputs."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from archgraph import ops

__all__ = ["convolution", "grouped_product"]


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


def grouped_product(rows: Tensor, matrices: Tensor, ends: Tensor) -> Tensor:
    """Return each row times the matrix of its group; rows behind the last end meet the last."""
    bounds = [0, *ends.tolist()[:-1], len(rows)]
    spans = zip(pairwise(bounds), matrices, strict=True)
    return torch.cat([rows[start:stop] @ matrix for (start, stop), matrix in spans])
