"""Layers that store nothing as functions: ``F.max_pool2d(x, kernel_size=2)``."""

from __future__ import annotations

import re

from archgraph import ops
from archgraph.ops import Op

from .code_layout import Expression, Keyword, call
from .fields import constructor
from .literals import literal

__all__ = ["function", "is_functional"]

_KINDS = (
    *("MaxPool1d", "MaxPool2d", "MaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d"),
    *("AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "GlobalAvgPool2d", "Dropout", "Identity"),
    *("LocalResponseNorm", "PixelShuffle", "ZeroPad2d"),
)


def is_functional(op: Op) -> bool:
    """Return whether a layer has a function of torch.nn.functional and stores nothing."""
    return op.kind in _KINDS and ops.OPS.get(op.kind) is type(op)


def function(op: Op, read: Expression) -> Expression:
    """Return the call of the function that computes what the layer does."""
    if isinstance(op, ops.Identity):
        return read
    made, fields = constructor(op)
    given = [
        literal(f.value) if f.positional else Keyword(f.name, literal(f.value))
        for f in fields
        if f.positional or f.value != f.default
    ]
    if isinstance(op, ops.ZeroPad2d):
        padding = op.padding if isinstance(op.padding, tuple) else (op.padding,) * 4
        return call("F.pad", read, repr(tuple(padding)))
    if isinstance(op, ops.Dropout):
        given.append("self.training")
    word = made.removeprefix("nn.")
    words = re.findall(r"[A-Z][a-z]+(?:\dd)?", word)
    return call(f"F.{'_'.join(each.lower() for each in words)}", read, *given)
