"""When to believe what archgraph noted in a file of its own.

Other tools change files and leave the notes as they were. So a note on an operator counts only
where the nodes bear it out: the same tensors, the same kind of work, the same shapes.
"""

from __future__ import annotations

import math
from dataclasses import fields

from archgraph.ops import Op, Shape, Softmax

__all__ = ["agree"]

_FREE = ("momentum", "p", "padding", "ceil_mode", "count_include_pad", "dim")
"""Settings that one file may hold in several forms, or not at all."""

_FORMS: tuple[frozenset[str], ...] = (
    frozenset(("AdaptiveAvgPool2d", "AvgPool2d", "GlobalAvgPool2d", "Identity")),
    frozenset(("AdaptiveMaxPool2d", "MaxPool2d", "Identity")),
    frozenset(("Reshape", "Flatten")),
    *(
        frozenset((kind, "Identity"))
        for kind in (
            "Add",
            "Cast",
            "Concat",
            "Dropout",
            "Expand",
            "Flatten",
            "Mul",
            "Pad",
            "Permute",
            "Reshape",
            "Slice",
            "ZeroPad2d",
        )
    ),
)
"""Operators that may be written as the same ONNX operator."""


def agree(noted: Op, read: Op, shape: Shape) -> bool:
    """Return whether an operator that is noted may have been written as the one that is read.

    ``shape`` is the whole shape of what it reads.
    """
    if type(noted) is not type(read):
        return any({noted.kind, read.kind} <= forms for forms in _FORMS)
    if isinstance(noted, Softmax) and isinstance(read, Softmax):
        return (noted.dim - read.dim) % len(shape) == 0
    return all(
        _equal(getattr(noted, each.name), getattr(read, each.name))
        for each in fields(noted)
        if each.name not in _FREE
    )


def _equal(one: object, other: object) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-6)
    return one == other
