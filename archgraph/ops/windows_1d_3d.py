"""Convolutions and pools along one and three axes: sequences, videos and volumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archgraph.ops.conv import _Conv
from archgraph.ops.pool import _AvgPool, _MaxPool

__all__ = ["AvgPool1d", "AvgPool3d", "Conv1d", "Conv3d", "MaxPool1d", "MaxPool3d"]


@dataclass(frozen=True)
class Conv1d(_Conv):
    """1-D convolution: (N, C, L) → (N, out_channels, L'); costs as those of Conv2d."""

    axes: ClassVar[int] = 1


@dataclass(frozen=True)
class Conv3d(_Conv):
    """3-D convolution: (N, C, D, H, W) → (N, out_channels, D', H', W'); costs as those of Conv2d.

    K is K_d · K_h · K_w.
    """

    axes: ClassVar[int] = 3


@dataclass(frozen=True)
class MaxPool1d(_MaxPool):
    """Max pooling: (N, C, L) → (N, C, L').  FLOPs: K − 1 comparisons per output."""

    axes: ClassVar[int] = 1


@dataclass(frozen=True)
class MaxPool3d(_MaxPool):
    """Max pooling: (N, C, D, H, W) → (N, C, D', H', W').

    FLOPs: K_d · K_h · K_w − 1 comparisons per output.
    """

    axes: ClassVar[int] = 3


@dataclass(frozen=True)
class AvgPool1d(_AvgPool):
    """Average pooling: (N, C, L) → (N, C, L').  FLOPs: K per output."""

    axes: ClassVar[int] = 1


@dataclass(frozen=True)
class AvgPool3d(_AvgPool):
    """Average pooling: (N, C, D, H, W) → (N, C, D', H', W').

    FLOPs: K_d · K_h · K_w per output.
    """

    axes: ClassVar[int] = 3
