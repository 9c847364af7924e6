"""A forward method in fewer steps: nothing computed twice, equal parts of a value cut at once."""

from __future__ import annotations

from dataclasses import replace

from archgraph import ops
from archgraph.graph import ArchGraph
from archgraph.tensors import Key

from .forward_calls import Body, Unit

__all__ = ["simplified"]


def simplified(body: Body, net: ArchGraph) -> Body:
    """Return a forward method that computes each expression once, and none that changes nothing.

    Two GPUs gather the same maps, each for itself; one variable is enough for both.
    """
    same: dict[str, str] = {}
    known: dict[object, tuple[str, ...]] = {}
    units = []
    for unit in body.units:
        inputs = tuple(same.get(source, source) for source in unit.inputs)
        alone = len(inputs) == 1 and type(inputs[0]) is not Key
        passes = isinstance(unit.op, ops.Identity) and unit.kind == "expression"
        if alone and (passes or isinstance(unit.op, ops.Add | ops.Mul | ops.Concat)):
            same[unit.output] = inputs[0]
            continue
        if unit.kind == "expression":
            # What only training computes cannot stand for what inference needs.
            key = (unit.op, inputs, unit.training_only)
            if key in known:
                same |= dict(zip(unit.outputs, known[key], strict=True))
                continue
            known[key] = unit.outputs
        units.append(replace(unit, inputs=inputs))
    outputs = tuple(same.get(name, name) for name in body.outputs)
    return Body(body.inputs, _in_parts(units, net), outputs)


def _in_parts(units: list[Unit], net: ArchGraph) -> tuple[Unit, ...]:
    """Mark what cuts a value into all its equal parts: ``x.chunk(2, dim=1)``, ``x.unbind(0)``."""
    cuts: dict[object, list[tuple[int, int]]] = {}

    def key(unit: Unit, op: ops.Slice | ops.Select) -> object:
        return unit.inputs[0], type(op), _axis(unit, op, net), unit.training_only

    for unit in units:
        if (cut := _cut(unit)) is not None:
            cuts.setdefault(key(unit, cut[0]), []).append(cut[1])
    found = []
    for unit in units:
        if (cut := _cut(unit)) is not None:
            op, (start, _) = cut
            ranges = sorted(cuts[key(unit, op)])
            shape = net.tensor(unit.inputs[0], unit.name).shape or ()
            axis = _axis(unit, op, net)
            count, extent = len(ranges), shape[axis] if axis < len(shape) else 0
            size = extent // count if isinstance(extent, int) else 0  # it may be open
            equal = [(n * size, (n + 1) * size) for n in range(count)]
            if count > 1 and ranges == equal and size * count == extent:
                unit = replace(unit, part=(start // size, count))
        found.append(unit)
    return tuple(found)


def _cut(unit: Unit) -> tuple[ops.Slice | ops.Select, tuple[int, int]] | None:
    """Return where a Slice or a Select begins and ends, counted from the axis's beginning."""
    op = unit.op
    if type(unit.inputs[0] if unit.inputs else None) is Key:
        return None
    if isinstance(op, ops.Slice) and op.step == 1 and op.dim >= 0:
        return op, (op.start, op.stop)
    if isinstance(op, ops.Select) and op.index >= 0:
        return op, (op.index, op.index + 1)
    return None


def _axis(unit: Unit, op: ops.Slice | ops.Select, net: ArchGraph) -> int:
    shape = net.tensor(unit.inputs[0], unit.name).shape or ()
    return op.dim % max(1, len(shape))
