"""What a Reshape of a file gives, whose shape may hold the batch that the file fixes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from archgraph.errors import ShapeError
from archgraph.importers.onnx.nodes import Node
from archgraph.importers.onnx.sampled_sizes import varies
from archgraph.importers.onnx.values import Values
from archgraph.limits import AXES
from archgraph.tensors import Batch, Open, Tensor, at_point

__all__ = ["reshaped"]


def reshaped(node: Node, values: Values, fixed: int | None) -> Tensor | None:
    """Return what a Reshape gives, where both its shape and its input's are known.

    A file that fixes its batch has it in its constant shapes too: where axis 0 of the input
    follows the batch, axis 0 of the shape carries it, if the elements are as many.

    Raises ShapeError where they are not as many.
    """
    source, target = values.tensor(node.input[0]), values.static.get(node.input[1])
    if target is None or target.numbers is None or source.shape is None or None in source.shape:
        return None
    if any(each.dtype.kind not in "iu" or each.size > AXES for each in target.numbers):
        return None
    keep = node.kind.settings.get("allowzero", 0) != 0
    shape, sizes = source.shape, values.sizes
    numbers = [each.reshape(-1).tolist() for each in target.numbers]
    if len(numbers) == 1 and fixed and shape and type(shape[0]) is Batch:
        carried = _carried(shape, numbers[0], fixed)
        if carried is not None:
            return Tensor(carried, source.dtype)
    follows = len(numbers) > 1 or varies(shape)
    points = sizes.points if follows else sizes.points[:1]
    found = []
    for size, point in enumerate(points):
        wanted = numbers[size if len(numbers) > 1 else 0]
        found.append(Tensor(_filled(at_point(shape, point), wanted, keep), source.dtype))
    return sizes.told(found) if follows else found[0]


def _carried(
    shape: Sequence[Any], wanted: Sequence[int], fixed: int
) -> tuple[int | None, ...] | None:
    """Return a constant shape with the batch on axis 0, where the elements are as many."""
    if not wanted or wanted[0] < 1 or wanted[0] % fixed:
        return None
    if not {Batch, Open}.isdisjoint(map(type, shape[1:])):
        return None
    target = [shape[i] if w == 0 and i < len(shape) else w for i, w in enumerate(wanted)]
    total, known = prod(shape) * fixed, prod(each for each in target if each != -1)
    if -1 in target:
        if not known or total % known:
            return None
        target[target.index(-1)] = total // known
    elif known != total:
        return None
    return (Batch(wanted[0] // fixed), *target[1:])


def _filled(shape: Sequence[int], wanted: Sequence[int], keep: bool) -> tuple[int, ...]:
    """Return what a Reshape's numbers mean for an input of this shape; ShapeError if it cannot."""
    target = [
        shape[axis] if word == 0 and not keep and axis < len(shape) else word
        for axis, word in enumerate(wanted)
    ]
    total, known = prod(shape), prod(each for each in target if each != -1)
    if target.count(-1) == 1 and known and total % known == 0:
        target[target.index(-1)] = total // known
        known = total
    if known != total or min(target, default=0) < 0:
        raise ShapeError(
            f"it cannot give {'×'.join(map(str, shape))}, {total:,} elements, the shape "
            f"{'×'.join(map(str, wanted))}."
        )
    return tuple(target)
