"""Follows an axis of the input through a graph and tells what every node sees along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.ops import Input, Op
from archgraph.ops.base import Reach, Shape
from archgraph.sights import NOTHING, ReceptiveField, joined, through
from archgraph.tensors import Tensor

__all__ = ["Sight", "sights"]


@dataclass(frozen=True, slots=True)
class Sight:
    """What the units of a tensor see, and along which of its axes they stand.

    They stand along one axis in the order of the pixels, or ``jumbled`` along one or several by
    the operator that is named. ``extent`` is that of the input, whose pixels are counted.
    """

    field: ReceptiveField
    axes: tuple[int, ...] = ()
    jumbled: str = ""
    extent: Any = None


_NONE = Sight(NOTHING)
_ALL = Sight(ReceptiveField(None, None))


def sights(net: ArchGraph, axis: int) -> dict[str, Sight | None]:
    """Return what every node sees along an axis of the maps; None where that is unknown.

    Inputs of N × C × H × W have their height on axis 0, those of N × C × L and N × L their only
    one. An input without this axis is nothing that could be seen along it; where none has it, all
    is unknown.
    """
    cache: dict[str, Any] = net.__networkx_cache__  # cleared where nodes or edges change
    key = f"archgraph sights {axis}"
    if key not in cache:
        cache[key] = _followed(net, axis)
    found: dict[str, Sight | None] = cache[key]
    return found


def _followed(net: ArchGraph, axis: int) -> dict[str, Sight | None]:
    begun = {name: _begun(net, name, axis) for name in net.sources}
    if not any(sight and sight.axes for sight in begun.values()):
        return dict.fromkeys(net)
    found: dict[str, Sight | None] = {}
    for node in net.topological():
        op = net.op(node)
        if isinstance(op, Input):
            found[node] = begun[node]
        else:
            found[node] = _seen(net, node, op, found)
    return found


def _begun(net: ArchGraph, name: str, axis: int) -> Sight | None:
    shape = net.tensor(name).shape
    if shape is None:
        return None
    at = 1 if len(shape) == 2 and axis == 0 else axis + 2
    if at >= len(shape):
        return _NONE
    return Sight(ReceptiveField(1, 1, ((0, 0),)), (at,), extent=shape[at])


def _seen(net: ArchGraph, node: str, op: Op, found: dict[str, Sight | None]) -> Sight | None:
    references = net.reads(node)
    inputs = [net.tensor(each, node) for each in references]
    output: Tensor = net.tensor(node)
    before = [found.get(each.partition(":")[0] if each not in net else each, _NONE)
              for each in references]  # fmt: skip
    if not any(sight is None or sight.axes or sight.field.size != 0 for sight in before):
        return _NONE
    return _joined(
        [
            _through(op, node, position, inputs, output, sight)
            for position, sight in enumerate(before)
        ]
    )


def _through(
    op: Op,
    node: str,
    position: int,
    inputs: Sequence[Tensor],
    output: Tensor,
    sight: Sight | None,
) -> Sight | None:
    """Return what units see through one input of an operator."""
    if sight is None or sight.field.size == 0:
        return sight
    if sight.field.size is None:  # whatever is made of units that see all sees all
        return sight if op.known else None
    shapes = _whole([each.shape for each in inputs])
    if shapes is None or output.shape is None:
        return None
    if not op.known:
        return None
    shape, given = shapes[position], output.shape
    reaches = [op.reach_of(position, shapes, axis - 2) for axis in sight.axes]
    if not sight.axes:  # one place of many was taken: it is there for all
        return replace(sight, jumbled=sight.jumbled or node)
    field = through(sight.field, _together(reaches))
    if field is None:
        return None
    axes = tuple(sorted({place for axis in sight.axes for place in op.lands(shape, given, axis)}))
    axes = tuple(axis for axis in axes if 0 <= axis < len(given))
    if field.size is None:
        return _ALL
    if len(axes) == len(sight.axes) == 1 and _stretched(op, shape[sight.axes[0]], given[axes[0]]):
        return _ALL
    some = any(reach is not None and not reach.stride for reach in reaches)
    return Sight(field, axes, node if some else sight.jumbled, sight.extent)


def _stretched(op: Op, extent: Any, given: Any) -> bool:
    """Return whether one place is there for all places of the output."""
    joins = op.family in ("merge", "elementwise") or op.kind == "Expand"
    return joins and extent == 1 and given != 1 and type(extent) is int


def _whole(shapes: Sequence[Shape | None]) -> list[Shape] | None:
    known = [shape for shape in shapes if shape is not None]
    return known if len(known) == len(shapes) else None


def _together(reaches: Sequence[Reach | None]) -> Reach | None:
    """Return the reach along all axes along which units stand; None where they differ."""
    first = reaches[0] if reaches else None
    return first if all(reach == first for reach in reaches) else None


def _joined(paths: Sequence[Sight | None]) -> Sight | None:
    """Return what units see along several paths."""
    if len(paths) == 1:
        return paths[0]
    field = joined([None if path is None else path.field for path in paths])
    if field is None or field.size == 0:
        return None if field is None else _NONE
    known = [path for path in paths if path is not None and path.field.size != 0]
    if field.size is None:
        return _ALL
    first = known[0]
    alike = all(
        (path.axes, path.jumbled, path.extent) == (first.axes, first.jumbled, first.extent)
        for path in known
    )
    return replace(first, field=field) if alike else None
