"""A forward method in fewer steps: nothing computed twice, equal parts of a value cut at once."""

from __future__ import annotations

from dataclasses import replace

from archgraph import ops
from archgraph.graph import ArchGraph
from archgraph.tensors import Key

from .units import Body, Unit

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
        if alone and isinstance(unit.op, ops.Add | ops.Mul | ops.Concat):
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
    """Mark the Slices that cut a value into equal parts: ``x.chunk(2, dim=1)``."""
    cuts: dict[object, list[tuple[int, int]]] = {}

    def key(unit: Unit, op: ops.Slice) -> object:
        return unit.inputs[0], op.dim, unit.training_only

    for unit in units:
        if isinstance(unit.op, ops.Slice) and unit.op.step == 1:
            cuts.setdefault(key(unit, unit.op), []).append((unit.op.start, unit.op.stop))
    found = []
    for unit in units:
        if isinstance(unit.op, ops.Slice) and unit.op.step == 1 and unit.op.dim >= 0:
            ranges = sorted(cuts[key(unit, unit.op)])
            shape = net.tensor(unit.inputs[0], unit.name).shape or ()
            count, channels = len(ranges), shape[unit.op.dim]
            size = channels // count
            equal = [(n * size, (n + 1) * size) for n in range(count)]
            if count > 1 and ranges == equal and size * count == channels:
                unit = replace(unit, part=(unit.op.start // size, count))
        found.append(unit)
    return tuple(found)
