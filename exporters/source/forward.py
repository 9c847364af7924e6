"""A forward method: statements with few variables, named as people name them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archgraph import ops
from archgraph.graph import ArchGraph

from .fields import MERGES, expression
from .layout import WIDTH, Brackets, Expression, call, lay_out
from .names import Names, snake
from .structure import Body, Unit

__all__ = ["forward", "input_names"]

_JOINED: dict[str, tuple[str, ...]] = {
    # What stands in the brackets of what: F.relu(self.bn1(self.conv1(x))).
    "activation": ("conv", "linear", "norm", "merge"),
    "norm": ("conv", "linear", "pool"),
    "pool": ("norm",),
    "linear": ("regularisation",),
    "reshape": ("pool",),
}
_DEEPEST, _SHORT = 3, 24


@dataclass(frozen=True, slots=True)
class _Statement:
    """A unit with those written inside its brackets; ``reads`` are the variables it uses."""

    unit: Unit
    targets: tuple[str, ...]
    reads: tuple[str, ...]

    @property
    def merges(self) -> bool:
        return len(set(self.reads)) > 1


def input_names(body: Body, *, whole: bool) -> list[str]:
    """Return what a forward method calls its inputs: x, or the network's own names for several."""
    if len(body.inputs) == 1:
        return ["x"]
    names = Names()
    if whole:
        return [names.unused(snake(name) or "x1") for name in body.inputs]
    return [f"x{number}" for number, _ in enumerate(body.inputs, 1)]


class _Forward:
    def __init__(
        self,
        net: ArchGraph,
        body: Body,
        references: Mapping[str, str],
        inputs: Sequence[str],
        heads: int,
    ) -> None:
        self.net, self.body, self.references, self.heads = net, body, references, heads
        self.units = _needed(body)
        self.joined = self._joined()
        self.made = {unit.output: unit for unit in self.units}
        self.beginnings = Counter(unit.path.partition(".")[0] for unit in self.units)
        self.statements = self._statements()
        self.branches = Counter(
            value
            for statement in self.statements
            for value in set(statement.reads)
            if not statement.merges and self._trains(statement.unit.output) == self._trains(value)
        )
        """How many statements go on from a value alone, heads not counted."""
        self.names = dict(zip(body.inputs, inputs, strict=True))

    def lines(self, result: str) -> list[str]:
        """Return the method's statements; ``result`` is what training returns its outputs in."""
        last = {value: number for number, s in enumerate(self.statements) for value in s.reads}
        last |= dict.fromkeys(self.body.outputs, len(self.statements))
        found: list[str] = []
        under_if = False
        for number, statement in enumerate(self.statements):
            value = self.expression(statement.unit)
            if number == len(self.statements) - 1 and self.body.outputs == statement.targets:
                return [*found, f"        {lay_out('return ', value, 8)}\n"]
            trains = self._trains(statement.unit.output)
            if trains and not under_if:
                found.append("        if self.training:\n")
            under_if, indent = trains, 12 if trains else 8
            self._name_targets(statement, number, last)
            named = ", ".join(self.names[target] for target in statement.targets)
            found.append(f"{' ' * indent}{lay_out(f'{named} = ', value, indent)}\n")
        returned = [self.names[value] for value in self.body.outputs]
        if self.heads:
            if not under_if:
                found.append("        if self.training:\n")
            found.append(f"            {lay_out('return ', call(result, *returned), 12)}\n")
            returned = returned[: -self.heads]
        listed = f"        return {', '.join(returned)}"
        if len(listed) > WIDTH:
            listed = "        " + lay_out("return ", Brackets("(", tuple(returned), ")", True), 8)
        return [*found, f"{listed}\n"]

    def expression(self, unit: Unit) -> Expression:
        """Return what computes a unit, with the units joined to it inside."""
        inputs = tuple(
            self.expression(self.made[source]) if source in self.joined else self.names[source]
            for source in unit.inputs
        )
        if unit.part is not None:
            return call(f"{inputs[0]}.chunk", str(unit.part[1]), "dim=1")
        if unit.kind == "expression" and unit.op is not None:
            return expression(unit.op, inputs)
        return call(self.references[unit.path], *inputs)

    def _joined(self) -> set[str]:
        """Return the values that are written in the brackets of the one unit that reads them."""
        uses = Counter(source for unit in self.units for source in unit.inputs)
        uses.update(self.body.outputs)
        readers = {source: unit for unit in self.units for source in unit.inputs}
        depth: dict[str, int] = {}
        found: set[str] = set()
        for unit in self.units:
            value = unit.output
            depth[value] = 1 + max((depth[s] for s in unit.inputs if s in found), default=0)
            once = uses[value] == 1 and value in readers and not unit.part
            if once and self._fits(unit, readers[value], depth[value]):
                found.add(value)
        return found

    def _fits(self, unit: Unit, reader: Unit, depth: int) -> bool:
        if isinstance(reader.op, MERGES):
            # A short term of a sum: out + self.downsample(x).
            return (
                reader.op.kind in ("Add", "Mul")
                and depth == 1
                and unit.kind != "expression"
                and len(self.references[unit.path]) < _SHORT
            )
        if unit.op is None or reader.op is None or isinstance(reader.op, ops.Slice):
            return False
        family = "merge" if isinstance(unit.op, MERGES) else unit.op.family
        return depth < _DEEPEST and family in _JOINED.get(reader.op.family, ())

    def _statements(self) -> list[_Statement]:
        found = []
        done: set[str] = set()
        for unit in self.units:
            if unit.output in self.joined or unit.output in done:
                continue
            targets: tuple[str, ...] = (unit.output,)
            if unit.part is not None:
                targets = self._parts(unit)
                done.update(targets)
            found.append(_Statement(unit, targets, self._reads(unit)))
        return found

    def _parts(self, unit: Unit) -> tuple[str, ...]:
        """Return all the parts that a value is cut into, in their order."""
        parts = [
            other
            for other in self.units
            if other.part and other.inputs == unit.inputs
            if other.training_only == unit.training_only
        ]
        return tuple(each.output for each in sorted(parts, key=lambda each: each.part or (0, 0)))

    def _reads(self, unit: Unit) -> tuple[str, ...]:
        found: list[str] = []
        for source in unit.inputs:
            found += self._reads(self.made[source]) if source in self.joined else [source]
        return tuple(found)

    def _trains(self, value: str) -> bool:
        """Return whether only training computes a value, and this method tells the two apart."""
        return self.heads > 0 and value in self.made and self.made[value].training_only

    def _name_targets(self, statement: _Statement, number: int, last: Mapping[str, int]) -> None:
        """Name the statement's values: as one that nobody reads later, or anew.

        What goes on from one value alone keeps its variable; a fork starts one for each branch.
        """
        free = [self.names[value] for value in statement.reads if last[value] == number]
        self.names = {v: name for v, name in self.names.items() if last.get(v, -1) > number}
        free = [name for name in free if name not in self.names.values()]
        unit, lane = statement.unit, self._lane(statement.unit)
        wanted = ["out", lane]
        if statement.merges:
            concat = unit.op is not None and unit.op.kind == "Concat"
            wanted = [*(["x"] if concat or "x" in free else []), *free, *wanted]
        else:
            source = statement.reads[0]
            head = self._trains(unit.output) and not self._trains(source)
            if head or self.branches[source] > 1:
                wanted = [lane]
            elif free:
                wanted = free
        count = len(statement.targets)
        for place, target in enumerate(statement.targets):
            if count > 1:
                wanted = [("first", "second")[place] if count == 2 else f"part{place + 1}"]
            names = Names(self.names.values())
            chosen = next(filter(names.allows, wanted), None)
            self.names[target] = chosen or names.unused(wanted[-1])

    def _lane(self, unit: Unit) -> str:
        """Return a variable's name for a branch that begins with this unit."""
        while unit.inputs[0] in self.joined:
            unit = self.made[unit.inputs[0]]
        first, *others = unit.path.split(".")
        on_device = self.net.nodes[unit.output].get("device") is not None
        if others and (on_device or self.beginnings[first] > 1):
            return snake(others[-1]) or snake(first) or "out"
        return snake(first) or "out"


def _needed(body: Body) -> list[Unit]:
    """Return the units that an output depends on."""
    wanted, found = set(body.outputs), []
    for unit in reversed(body.units):
        if unit.output in wanted:
            wanted |= {*unit.inputs}
            found.append(unit)
    kept = {unit.output for unit in found}
    return [unit for unit in body.units if unit.output in kept]


def forward(
    net: ArchGraph,
    body: Body,
    references: Mapping[str, str],
    inputs: Sequence[str],
    heads: int = 0,
    result: str = "",
) -> list[str]:
    """Return the statements of a forward method.

    ``references`` says how to reach each unit's submodule, ``inputs`` what the inputs are called.
    The last ``heads`` of the outputs are computed in training only and returned there together
    with the others in ``result``, a named tuple's class or "" for a tuple.
    """
    return _Forward(net, body, references, inputs, heads).lines(result)
