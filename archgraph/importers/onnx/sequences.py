"""Sequences of tensors, as torch's exporter writes a split: each part is a value of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archgraph.importers.onnx.settings import UnreadableError, integer
from archgraph.limits import FOLDED
from archgraph.tensors import Tensor

if TYPE_CHECKING:
    from archgraph.importers.onnx.nodes import Node

__all__ = ["part_of", "parts_of"]


def part_of(sequence: str, place: int) -> str:
    """Return the value that a part of a sequence is known by; the first bears its name."""
    return f"{sequence}\0{place}" if place else sequence


def parts_of(node: Node, source: Tensor, numbers: Any | None) -> list[Tensor] | None:
    """Return the parts that a SplitToSequence gives, or None where they are unknown.

    ``numbers`` is its second input: the extent of each part, or that of all but the last.
    """
    settings = node.kind.settings
    try:
        keeps, axis = integer(settings, "keepdims", 1), integer(settings, "axis", 0)
    except UnreadableError:
        return None
    if not source.shape or not keeps or not -len(source.shape) <= axis < len(source.shape):
        return None
    axis %= len(source.shape)
    extent = source.shape[axis]
    if type(extent) is not int or numbers is None or numbers.dtype.kind not in "iu":
        return None
    if numbers.ndim == 0:
        step = int(numbers)
        if step < 1 or extent > step * FOLDED:
            return None
        sizes = [min(step, extent - start) for start in range(0, extent, step)]
    else:
        sizes = numbers.reshape(-1).tolist()
        if min(sizes, default=0) < 0:
            return None
    shape = source.shape
    return [Tensor((*shape[:axis], n, *shape[axis + 1 :]), source.dtype) for n in sizes] or None
