"""The groups of layers that several papers share: a layer with its activation, a classifier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archgraph.builder import Builder
from archgraph.ops import Dropout, Op, Pair, ReLU

__all__ = ["conv_act", "dropout", "linear_act"]


def conv_act(
    b: Builder,
    names: tuple[str, str],
    x: str,
    out_channels: int,
    kernel_size: int | Pair,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    *,
    label: str,
    act: Callable[[], Op] = ReLU,
    block: bool = True,
    **options: Any,
) -> str:
    """Add a convolution and its activation, as one block called ``label``."""
    if not block:
        x = b.conv(names[0], x, out_channels, kernel_size, stride, padding, label=label, **options)
        return b.add(names[1], act(), x)
    with b.block(label, label):
        x = b.conv(names[0], x, out_channels, kernel_size, stride, padding, label=label, **options)
        return b.add(names[1], act(), x)


def linear_act(
    b: Builder,
    names: tuple[str, str],
    x: str,
    out_features: int,
    *,
    label: str,
    act: Callable[[], Op] = ReLU,
) -> str:
    """Add a fully connected layer and its activation, as one block called ``label``."""
    with b.block(label, label):
        x = b.linear(names[0], x, out_features, label=label)
        return b.add(names[1], act(), x)


def dropout(b: Builder, name: str, x: str, p: float = 0.5) -> str:
    """Add a Dropout."""
    return b.add(name, Dropout(p), x)
