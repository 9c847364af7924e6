"""Which modules one class makes: those of the same structure, whatever their numbers."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import astuple, dataclass

from archgraph.tensors import Key

from .forward_calls import Body, Unit
from .python_names import is_attribute
from .source_units import Structure

__all__ = ["Shared", "shared"]


@dataclass(frozen=True, slots=True)
class Shared:
    """The modules that one class makes; the first has every unit, some lack the ``optional`` one.

    A residual block's projection is optional: where it is missing, its input passes.
    """

    modules: tuple[str, ...]
    optional: str | None = None


def shared(structure: Structure) -> list[Shared]:
    """Return the classes, in the order of their first modules."""
    bodies = {path: structure.body(path) for path in structure.blocks}
    stored = {path: structure.told(path) for path in bodies}
    formulas = {key: str(each.made) for key, each in structure.constants.items()}
    found: list[Shared] = []
    known: dict[str, str] = {}
    # Each pass sees one level more of blocks inside blocks.
    for _ in range(1 + max((path.count(".") for path in bodies), default=0)):
        found = _grouped(bodies, known, stored, formulas)
        known = {path: each.modules[0] for each in found for path in each.modules}
    return found


def _grouped(
    bodies: Mapping[str, Body],
    known: Mapping[str, str],
    stored: Mapping[str, Hashable],
    formulas: Mapping[str, str],
) -> list[Shared]:
    """Group blocks by structure; ``known`` tells which class the blocks inside them have.

    ``stored`` says what each block stores beside its layers, ``formulas`` how each constant that
    is computed is written.
    """
    ids = dict(known)
    groups: dict[Hashable, list[str]] = {}
    for path in sorted(bodies, key=lambda path: -path.count(".")):
        signature = _signature(bodies[path], ids, path, formulas), stored[path]
        groups.setdefault(signature, []).append(path)
        ids.setdefault(path, path)
    order = {path: number for number, path in enumerate(bodies)}
    for paths in groups.values():
        paths.sort(key=order.__getitem__)
    found: dict[Hashable, Shared] = {}
    taken: set[Hashable] = set()
    ranked = sorted(groups, key=lambda signature: order[groups[signature][0]])
    for large in ranked:
        body = bodies[groups[large][0]]
        for unit in filter(_may_lack, body.units):
            path = groups[large][0]
            small = _signature(_without(body, unit), ids, path, formulas), stored[path]
            if small in groups and not taken & {small, large}:
                found[large] = Shared((*groups[large], *groups[small]), unit.path)
                taken |= {small, large}
    return [
        found.get(signature, Shared(tuple(groups[signature])))
        for signature in ranked
        if signature in found or signature not in taken
    ]


def _may_lack(unit: Unit) -> bool:
    alone = len(unit.inputs) == len(unit.read) == len(unit.outputs) == 1
    return unit.kind != "expression" and alone and is_attribute(unit.path)


def _without(body: Body, gone: Unit) -> Body:
    """Return the body with a unit's input in the place of its output."""

    def passed(values: Iterable[str]) -> tuple[str, ...]:
        return tuple(
            gone.inputs[0] if type(value) is not Key and value == gone.output else value
            for value in values
        )

    units = tuple(
        Unit(u.path, u.name, u.kind, passed(u.inputs), u.outputs, u.op, u.steps, part=u.part)
        for u in body.units
        if u is not gone
    )
    return Body(body.inputs, units, passed(body.outputs))


def _signature(
    body: Body, ids: Mapping[str, str], path: str, formulas: Mapping[str, str]
) -> Hashable:
    """Return all that must be equal in two blocks of one class: all but the numbers."""
    values = [*body.inputs, *(value for unit in body.units for value in unit.outputs)]
    number = {value: place for place, value in enumerate(values)}

    def read(value: str) -> Hashable:
        if type(value) is Key:
            return formulas.get(value) or value.removeprefix(path)
        return number[value]

    units = tuple(
        # What an expression is called is nowhere written.
        (
            "" if unit.kind == "expression" else unit.path,
            _described(unit, ids),
            tuple(map(read, unit.inputs)),
        )
        for unit in body.units
    )
    return len(body.inputs), units, tuple(number[value] for value in body.outputs)


def _described(unit: Unit, ids: Mapping[str, str]) -> Hashable:
    if unit.op is not None:
        if unit.kind == "layer":
            return unit.op.kind
        # An expression's numbers stand in the forward method, where all blocks share them.
        return unit.op.kind, unit.part or astuple(unit.op)
    if unit.kind == "block":
        return ids[unit.name]
    return tuple((step.path, _described(step, ids)) for step in unit.steps)
