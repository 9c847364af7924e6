"""Values that the user's data does not change: their numbers, and which tensors they are."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from math import prod
from typing import Any

from archgraph.importers.onnx.folding import Folding
from archgraph.importers.onnx.nodes import Node
from archgraph.importers.onnx.sampled_sizes import varies
from archgraph.importers.onnx.settings import UnreadableError, integer, integers
from archgraph.importers.onnx.shape_inference import Numbers
from archgraph.importers.onnx.values import STATE_KEY, Elements, Source, Static, Values, only
from archgraph.limits import FOLDED
from archgraph.tensors import Tensor, at_point, is_known

__all__ = ["SIZES", "is_static", "note_static"]

SIZES = ("Shape", "Size")
"""What tells sizes of tensors that the user's data may change."""

_MOVES = frozenset({
    "Cast", "CastLike", "DequantizeLinear", "Flatten", "Identity", "Reshape", "Squeeze",
    "Transpose", "Unsqueeze",
})  # fmt: skip
"""What gives all elements of one tensor, in this or another order, perhaps as other numbers."""

_SAME_FILL = (_MOVES - {"DequantizeLinear"}) | {
    "Concat", "Expand", "Gather", "Slice", "Split", "Tile",
}  # fmt: skip
"""What gives nothing but elements of what it reads."""

_RANDOM = ("Random", "Multinomial", "Bernoulli")


def is_static(node: Node, static: Container[str]) -> bool:
    """Return whether a node's results do not depend on the user's data."""
    if node.graphs:
        return False
    if node.op_type in SIZES:
        return True
    if node.op_type.startswith(_RANDOM):
        return False
    read = node.input[:1] if node.op_type == "CastLike" else node.input
    return all(not name or name in static for name in read)


def note_static(node: Node, outputs: Sequence[Tensor], values: Values, folding: Folding) -> None:
    """Note what is known of the results of a node that no data changes."""
    numbers = _numbers(node, outputs, values, folding)
    read = [values.static[name] for name in node.input if name in values.static]
    sources = frozenset().union(*(each.sources for each in read))
    if node.op_type in SIZES:
        sources = frozenset()
    first = values.static.get(node.read(0))
    root, turned = _moved(node, first)
    fill = _fill(node, read)
    for place, (name, tensor) in enumerate(zip(node.output, outputs, strict=True)):
        if not name:
            continue
        found = None if numbers is None else tuple(each[place] for each in numbers)
        if node.op_type == "Identity" and fill is not None and STATE_KEY.fullmatch(name):
            # torch's older exporter merges vectors of equal first values, ones or zeros.
            values.stored[name] = values.stored.get(root, Source(tensor))
            own = Static(tensor, Elements(found, fill), name, False, frozenset({name}))
            values.note_static(name, own)
            continue
        made = node.op_type == "ConstantOfShape" and node.read(0) in values.stored
        if made and is_known(tensor) and not varies(tensor.shape):
            values.stored[name] = Source(tensor, None, True)
            own = Static(tensor, Elements(found, fill), name, False, frozenset({name}))
            values.note_static(name, own)
            continue
        if found is not None:
            fill = only(found[0]) if len(found) == 1 else fill
        own = Static(tensor, Elements(found, fill), root, turned, sources)
        values.note_static(name, own)


def _numbers(
    node: Node, outputs: Sequence[Tensor], values: Values, folding: Folding
) -> list[list[Any]] | None:
    """Return the results in numbers, for one size or for each; None where unknown."""
    import numpy as np

    if not node.standard or not outputs or not all(_small(each) for each in outputs):
        return None
    results = []
    for found_now in (
        _sizes(node, values)
        if node.op_type in SIZES
        else _computed(node, outputs[0].dtype, values, folding)
    ):
        if found_now is None or len(found_now) < len(node.output):
            return None
        results.append(found_now)
    if len(results) > 1 and all(
        all(np.array_equal(same[0], other) for other in same[1:])
        for same in zip(*results, strict=True)
    ):
        return results[:1]
    return results


def _sizes(node: Node, values: Values) -> Iterator[list[Any] | None]:
    """Yield what a Shape or Size gives, for one size or for each."""
    import numpy as np

    shape, points, settings = (
        values.tensor(node.read(0)).shape,
        values.sizes.points,
        node.kind.settings,
    )
    if shape is None or None in shape:
        yield None
        return
    for point in points if varies(shape) else points[:1]:
        extents = at_point(shape, point)
        try:
            if node.op_type == "Size":
                yield [np.array(prod(extents), np.int64)]
                continue
            start, end = integer(settings, "start", 0), integer(settings, "end", len(extents))
            yield [np.array(extents[start:end], np.int64)]
        except (UnreadableError, OverflowError):
            yield None


def _computed(
    node: Node, dtype: str | None, values: Values, folding: Folding
) -> Iterator[list[Any] | None]:
    """Yield what a node computes of numbers, for one size or for each."""
    given: list[Numbers | None] = []
    for name in node.input[:1] if node.op_type == "CastLike" else node.input:
        read = values.static.get(name)
        if name and (read is None or read.numbers is None):
            yield None
            return
        given.append(None if read is None else read.numbers)
    count = max((len(each) for each in given if each is not None), default=1)
    for size in range(count):
        arrays = [None if each is None else each[size % len(each)] for each in given]
        yield folding.computed(node, arrays, dtype)


def _small(tensor: Tensor) -> bool:
    """Return whether a tensor may hold sizes: few numbers, as far as can be told."""
    shape = tensor.shape
    if shape is None or None in shape:
        return False
    return varies(shape) or prod(shape) <= FOLDED


def _moved(node: Node, first: Static | None) -> tuple[str, bool | None]:
    """Return the stored tensor that a result is, and whether as its transpose."""
    if first is None or not first.root or node.op_type not in _MOVES:
        return "", None
    if node.op_type != "Transpose" or first.turned is None:
        return first.root, first.turned
    rank = len(first.tensor.shape or ())
    try:
        order = integers(node.kind.settings, "perm", *range(rank)[::-1])
    except UnreadableError:
        return first.root, None
    if order == (*range(rank),):
        return first.root, first.turned
    return first.root, (not first.turned) if order == (1, 0) else None


def _fill(node: Node, read: Sequence[Static]) -> float | None:
    if node.op_type == "ConstantOfShape":
        if not node.attribute:
            return 0.0
        match node.kind.settings.get("value"):
            case [int(value) | float(value)]:
                return float(value)
        return None
    if node.op_type not in _SAME_FILL or not read:
        return None
    data = read if node.op_type == "Concat" else read[:1]
    fills = {each.fill for each in data}
    return fills.pop() if len(fills) == 1 else None
