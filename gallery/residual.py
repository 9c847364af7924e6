"""Residual blocks: F(x) + x, with the identity, zero padding or a projection as the shortcut."""

from __future__ import annotations

from typing import Literal

from archgraph.builder import Builder
from archgraph.ops import PadShortcut

__all__ = ["Shortcut", "basic_block", "bottleneck_block"]

Shortcut = Literal["A", "B"] | None
"""Option A pads with zeros, B projects (section 3.3); None leaves the shortcut out."""


def basic_block(b: Builder, x: str, width: int, stride: int, shortcut: Shortcut) -> str:
    """Add two 3×3 convolutions and their shortcut in the open scope (figure 5, left)."""
    y = b.conv("conv1", x, width, 3, stride, 1, bias=False, label="3×3")
    y = b.relu("relu1", b.batch_norm("bn1", y))
    y = b.conv("conv2", y, width, 3, 1, 1, bias=False, label="3×3")
    y = b.batch_norm("bn2", y)
    if shortcut:
        y = b.sum("add", y, _shortcut(b, x, b.shape(y)[0], stride, shortcut))
    return b.relu("relu2", y)


def bottleneck_block(
    b: Builder, x: str, width: int, stride: int, stride_in: str, shortcuts: bool
) -> str:
    """Add a 1×1, 3×3, 1×1 bottleneck and its shortcut in the open scope (figure 5, right)."""
    first, second = (stride, 1) if stride_in == "1x1" else (1, stride)
    y = b.conv("conv1", x, width, 1, first, bias=False, label="1×1", role="reduction")
    y = b.relu("relu1", b.batch_norm("bn1", y))
    y = b.conv("conv2", y, width, 3, second, 1, bias=False, label="3×3")
    y = b.relu("relu2", b.batch_norm("bn2", y))
    y = b.conv("conv3", y, 4 * width, 1, bias=False, label="1×1")
    y = b.batch_norm("bn3", y)
    if shortcuts:
        y = b.sum("add", y, _shortcut(b, x, 4 * width, stride, "B"))
    return b.relu("relu3", y)


def _shortcut(b: Builder, x: str, channels: int, stride: int, option: Shortcut) -> str:
    """Add what the shortcut needs to bring ``x`` to the block's output shape."""
    missing = channels - b.shape(x)[0]
    if stride == 1 and not missing:
        return x
    if option == "A":
        # The zeros go half in front, half behind, as in the best-known CIFAR code.
        pad = PadShortcut(stride, missing // 2, missing - missing // 2)
        return b.add("shortcut", pad, x, label="zero padding", role="projection")
    with b.scope("downsample", role="projection"):
        y = b.conv("0", x, channels, 1, stride, bias=False, label="1×1 projection")
        return b.batch_norm("1", y)
