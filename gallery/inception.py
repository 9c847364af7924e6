"""Inception modules: GoogLeNet's own, and the naive form that its 1×1 reductions replaced."""

from __future__ import annotations

from typing import Any, NamedTuple

from archgraph.builder import Builder
from archgraph.graph import ArchGraph
from archgraph.ops import BatchNorm2d, MaxPool2d, ReLU, Shape

from .papers import GOOGLENET, facts

__all__ = ["Widths", "conv_unit", "inception", "inception_naive", "inception_reduced"]


class Widths(NamedTuple):
    """The filters of one module: one line of the paper's table 1."""

    conv1x1: int
    reduce3x3: int
    conv3x3: int
    reduce5x5: int
    conv5x5: int
    pool_proj: int


def conv_unit(
    b: Builder,
    x: str,
    filters: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    *,
    batch_norm: bool = False,
    **attributes: Any,
) -> str:
    """Add ``conv``, ``bn`` with batch norm, and ``relu`` in the open scope."""
    x = b.conv("conv", x, filters, kernel, stride, padding, bias=not batch_norm, **attributes)
    if batch_norm:
        x = b.add("bn", BatchNorm2d(filters, eps=0.001), x)
    return b.add("relu", ReLU(), x)


def inception(b: Builder, x: str, widths: Widths, batch_norm: bool = False) -> str:
    """Add the four branches of a module and their concatenation in the open scope."""

    def unit(path: str, x: str, filters: int, kernel: int, label: str, **role: str) -> str:
        with b.scope(path, **role):
            padding = kernel // 2
            return conv_unit(b, x, filters, kernel, 1, padding, batch_norm=batch_norm, label=label)

    reduction = {"role": "reduction"}
    wide = 3 if batch_norm else 5
    branch1 = unit("branch1", x, widths.conv1x1, 1, "1×1")
    branch2 = unit("branch2.0", x, widths.reduce3x3, 1, "3×3 reduce", **reduction)
    branch2 = unit("branch2.1", branch2, widths.conv3x3, 3, "3×3")
    branch3 = unit("branch3.0", x, widths.reduce5x5, 1, f"{wide}×{wide} reduce", **reduction)
    branch3 = unit("branch3.1", branch3, widths.conv5x5, wide, f"{wide}×{wide}")
    pooled = b.add("branch4.0", MaxPool2d(3, 1, 1, ceil_mode=True), x, label="pool")
    branch4 = unit("branch4.1", pooled, widths.pool_proj, 1, "pool proj.", **reduction)
    return b.concat("concat", branch1, branch2, branch3, branch4)


def inception_naive(input: Shape = (256, 28, 28)) -> ArchGraph:
    """Return the naive module (figure 2a): 128 1×1, 192 3×3, 96 5×5 and a pool on one input."""
    b = Builder("inception_naive", input, title="Inception, naive", **facts(GOOGLENET))
    with b.stage("module", "Inception, naive"):
        branches = []
        for branch, (filters, kernel) in enumerate(((128, 1), (192, 3), (96, 5)), 1):
            with b.scope(f"branch{branch}"):
                label = f"{kernel}×{kernel}"
                branches.append(conv_unit(b, b.input, filters, kernel, 1, kernel // 2, label=label))
        branches.append(b.add("branch4", MaxPool2d(3, 1, 1), b.input, label="pool"))
        return b.build(b.concat("concat", *branches))


def inception_reduced(input: Shape = (256, 28, 28), reduce: int = 64) -> ArchGraph:
    """Return the same module with 1×1 reductions and a pool projection of ``reduce`` filters."""
    b = Builder("inception_reduced", input, title="Inception with reductions", **facts(GOOGLENET))
    with b.stage("module", "Inception with reductions"):
        widths = Widths(128, reduce, 192, reduce, 96, reduce)
        return b.build(inception(b, b.input, widths))
