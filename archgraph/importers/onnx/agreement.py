"""When to believe what archgraph noted in a file of its own.

Other tools change files and leave the notes as they were. So a note on an operator counts only
where the nodes bear it out: the same tensors, the same kind of work, the same shapes.
"""

from __future__ import annotations

import math
from dataclasses import fields

from archgraph.ops import Expand, Op, Permute, Pointwise, Reshape, Resize, Shape, Softmax
from archgraph.plugins import origin_of

__all__ = ["agree"]

_FREE = ("momentum", "p", "padding", "ceil_mode", "count_include_pad", "dim")
"""Settings that one file may hold in several forms, or not at all."""

_FORMS: tuple[frozenset[str], ...] = (
    frozenset(("AdaptiveAvgPool2d", "AvgPool2d", "GlobalAvgPool2d", "Identity")),
    frozenset(("AdaptiveMaxPool2d", "MaxPool2d", "Identity")),
    frozenset(("Reshape", "Flatten")),
    frozenset(("Pad", "ZeroPad2d", "PadShortcut")),
    frozenset(("Index", "IndexSelect")),
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


_SAME_OF_BOOLEANS = {
    f"{kind}_{word}": word
    for kind in ("bitwise", "logical")
    for word in ("and", "not", "or", "xor")
}
"""Functions of numbers' bits, which those of truth are for booleans."""


def agree(noted: Op, read: Op, shape: Shape) -> bool:
    """Return whether an operator that is noted may have been written as the one that is read.

    ``shape`` is the whole shape of what it reads.
    """
    if type(noted) is not type(read):
        # How another package's operator is written, only that package knows.
        theirs = origin_of("operators", noted.kind) is not None
        return theirs or any({noted.kind, read.kind} <= forms for forms in _FORMS)
    if isinstance(noted, Softmax) and isinstance(read, Softmax):
        return (noted.dim - read.dim) % len(shape) == 0
    if isinstance(noted, (Expand, Reshape)):
        return True  # it gives the same shape, which is all that it says
    if isinstance(noted, Resize) and isinstance(read, Resize):
        # Which of two points is the nearest is not told apart.
        return noted.mode.partition("-")[0] == read.mode.partition("-")[0]
    if isinstance(noted, Pointwise) and isinstance(read, Pointwise):
        names = [_SAME_OF_BOOLEANS.get(each.function, each.function) for each in (noted, read)]
        return names[0] == names[1]
    # What is not learned is written as ones and zeros.
    plain = not getattr(noted, "elementwise_affine", True)
    free = (*_FREE, "elementwise_affine", "bias") if plain else _FREE
    return all(
        _equal(*(_counted(each, field.name, len(shape)) for each in (noted, read)))
        for field in fields(noted)
        if field.name not in free
    )


def _counted(op: Op, name: str, rank: int) -> object:
    """Return a setting in the form in which two may be compared: axes counted from 0."""
    value = getattr(op, name)
    if name != "dims" or not rank:
        return value
    axes = tuple(dim % rank for dim in value)
    return axes if isinstance(op, Permute) else tuple(sorted(axes or range(rank)))


def _equal(one: object, other: object) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-6)
    return one == other
