"""A forward method: statements with few variables, named as people name them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from archgraph import ops
from archgraph.errors import ExportError
from archgraph.tensors import Batch, Key, node_of

from .code_layout import WIDTH, Brackets, Expression, call, flat, lay_out
from .expressions import BATCH, DEVICE, MERGES, Terms, expression
from .forward_calls import Body, Unit, is_number
from .literals import literal
from .loops import each_of, looped
from .module_operators import Cell, ModuleOp
from .python_names import Names, quoted, snake
from .source_units import Structure
from .stored import read_of
from .variables import PLAIN, free_of_meaning, roles_of

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

_METHODS = (
    *(ops.Reshape, ops.Permute, ops.Expand, ops.Select, ops.Slice, ops.Cast, ops.Reduce),
    ops.Flatten,
)
"""What is asked of a tensor by a method or in brackets behind it."""

RECURRENT = (ops.LSTM, ops.GRU, ops.RNN)

_GIVEN: dict[type, tuple[str, ...]] = {
    **dict.fromkeys(RECURRENT, ("", "hidden", "cell")),
    Cell: ("hidden", "cell"),
    ops.Sort: ("values", "indices"),
}
"""What the values are called that an operator gives together; "" for one as any other."""

_TAKES_CALLS = (
    *MERGES,
    *(ops.Flatten, ops.ReLU, ops.ReLU6, ops.LeakyReLU, ops.SiLU, ops.GELU, ops.Sigmoid),
    *(ops.Tanh, ops.Softmax, ops.LogSoftmax, ops.Hardswish, ops.Hardsigmoid),
)
"""The expressions in whose brackets calls may stand; the others read variables."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """A unit with those written inside its brackets; ``reads`` are the variables it uses."""

    unit: Unit
    targets: tuple[str, ...]
    reads: tuple[str, ...]

    @property
    def merges(self) -> bool:
        return len(set(self.reads)) > 1


def input_names(body: Body, structure: Structure, *, whole: bool) -> list[str]:
    """Return what a forward method calls its inputs: x, or the network's own names for several.

    A module that was read calls its one input as it did itself, and a block a mask a mask.
    """
    names = Names()
    if whole and (len(body.inputs) > 1 or structure.is_read(body.inputs[0])):
        own = [snake(name) or "x" for name in body.inputs]
        return ["x"] if own == ["input"] else [names.unused(name) for name in own]
    if len(body.inputs) == 1:
        return ["x"]
    roles = roles_of(body) if all(map(structure.is_read, body.inputs)) else {}
    masked = [value for value in body.inputs if roles.get(value) == "mask"]
    if len(body.inputs) - len(masked) == 1:
        return [names.unused("mask" if value in masked else "x") for value in body.inputs]
    return [f"x{number}" for number, _ in enumerate(body.inputs, 1)]


class _Forward:
    def __init__(
        self,
        structure: Structure,
        path: str,
        body: Body,
        references: Mapping[str, str],
        inputs: Sequence[str],
        heads: int,
        apart: Collection[str] = (),
    ) -> None:
        self.net, self.tensors = structure.net, structure.tensors
        self.structure, self.apart = structure, apart
        self.too_long: set[str] = set()
        """Values that must not stand in the brackets of others: the line would not hold them."""
        self.body, self.references, self.heads = body, references, heads
        self.path, self.inputs = structure.module_of(path), inputs
        self.units = looped(_needed(body), references, body.outputs)
        self.roles = roles_of(body)
        self.joined = self._joined()
        self.made = {value: unit for unit in self.units for value in unit.outputs}
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
            if statement.unit.kind == "loop":
                found += self._loop(statement, number, last)
                continue
            value = self.expression(statement.unit)
            whole = not isinstance(statement.unit.op, ops.LSTM)  # that gives its states as a pair
            last_one = number == len(self.statements) - 1
            if last_one and whole and self.body.outputs == statement.targets:
                found.append(f"        {lay_out('return ', value, 8)}\n")
                self._measure(found[-1], statement.unit)
                return [*self._beginning(found), *found]
            trains = self._trains(statement.unit.output)
            if trains and not under_if:
                found.append("        if self.training:\n")
            under_if, indent = trains, 12 if trains else 8
            self._name_targets(statement, number, last)
            named = self._named(statement)
            found.append(f"{' ' * indent}{lay_out(f'{named} = ', value, indent)}\n")
            self._measure(found[-1], statement.unit)
        returned = [self.names[value] for value in self.body.outputs]
        if self.heads:
            if not under_if:
                found.append("        if self.training:\n")
            found.append(f"            {lay_out('return ', call(result, *returned), 12)}\n")
            returned = returned[: -self.heads]
        listed = f"        return {', '.join(returned)}"
        if len(listed) > WIDTH:
            listed = "        " + lay_out("return ", Brackets("(", tuple(returned), ")", True), 8)
        return [*self._beginning(found), *found, f"{listed}\n"]

    def _loop(self, statement: _Statement, number: int, last: Mapping[str, int]) -> list[str]:
        """Return the statements that call a list's modules one after another."""
        first, *others = map(self._term, statement.unit.inputs)
        self._name_targets(statement, number, last)
        named = self._named(statement)
        over = statement.unit.path
        each = Names([*self.names.values(), *map(str, others)]).unused(each_of(over))
        begin = [] if named == first else [f"        {named} = {first}\n"]
        called = lay_out(f"{named} = ", call(each, named, *others), 12)
        return [*begin, f"        for {each} in {over}:\n", f"            {called}\n"]

    def _measure(self, text: str, unit: Unit) -> None:
        """Note what stands inside a statement that has become longer than a line."""
        if text.count("\n") > 1 or len(text) > WIDTH + 1:
            inside = {value for value in unit.read if value in self.joined}
            self.too_long |= {value for value in inside if self.structure.is_read(value)}

    def expression(self, unit: Unit) -> Expression:
        """Return what computes a unit, with the units joined to it inside."""
        inputs = tuple(map(self._term, unit.inputs))
        if unit.part is not None and isinstance(unit.op, ops.Slice):
            return call(f"{flat(inputs[0])}.chunk", str(unit.part[1]), f"dim={unit.op.dim}")
        if unit.part is not None and isinstance(unit.op, ops.Select):
            return call(f"{flat(inputs[0])}.unbind", str(unit.op.dim))
        if unit.kind == "expression" and unit.op is not None:
            read = tuple(
                self.tensors[value].tensor if type(value) is Key else self.net.tensor(value)
                for value in unit.inputs
            )
            given = tuple(map(self.net.tensor, unit.outputs))
            try:
                return expression(unit.op, Terms(inputs, read, given))
            except ExportError as error:
                raise ExportError(
                    f"node '{unit.name}' cannot be written as PyTorch source: {error}."
                ) from None
        if isinstance(unit.op, RECURRENT) and len(inputs) > 1:
            inputs = (inputs[0], self._states(unit, inputs[1:]))
        if isinstance(unit.op, ModuleOp):
            return unit.op.called(self.references[unit.path], inputs)
        return call(self.references[unit.path], *inputs)

    def _term(self, source: str) -> Expression:
        """Return what a unit reads as it is written: a variable, an attribute, a number, a call."""
        if type(source) is not Key:
            return (
                self.expression(self.made[source]) if source in self.joined else self.names[source]
            )
        stored = self.tensors[source]
        if is_number(stored) and stored.value is not None:
            return literal(stored.value[0])
        return self.references.get(source) or self._of_layer(source)

    def _of_layer(self, key: str) -> str:
        """Return how a class reaches a tensor that one of its layers holds."""
        path, _, word = key.removeprefix(f"{self.path}." if self.path else "").rpartition(".")
        layer = self.references.get(path) or f"self.get_submodule({quoted(path)})"
        return read_of(layer, word)

    def _states(self, unit: Unit, states: Sequence[Expression]) -> Expression:
        """Return the first states of a recurrent layer: a pair for an LSTM."""
        if not isinstance(unit.op, ops.LSTM):
            return states[0]
        if len(states) == 1:
            raise ExportError(
                f"node '{unit.name}' cannot be written as PyTorch source: an LSTM takes both "
                "first states or none."
            )
        return Brackets("(", tuple(states), ")")

    def _beginning(self, lines: Sequence[str]) -> list[str]:
        """Return the statements that say how large the batch is and where tensors lie."""
        found = []
        words = set(re.findall(r"(?<![\w.\"])\w+", "".join(lines)))
        if BATCH in words:
            for name, value in zip(self.inputs, self.body.inputs, strict=True):
                shape = self.net.tensor(value).shape or ()
                axes = [axis for axis, size in enumerate(shape) if type(size) is Batch]
                if axes:
                    times = int(shape[axes[0]])
                    size = f"{name}.shape[{axes[0]}]" + (f" // {times}" if times > 1 else "")
                    found.append(f"        {BATCH} = {size}\n")
                    break
        if DEVICE in words and any(f"={DEVICE}" in line for line in lines):
            found.append(f"        {DEVICE} = {self.inputs[0]}.device\n")
        return found

    def _named(self, statement: _Statement) -> str:
        """Return the variables that a statement gives values to; _ for one that nobody reads."""
        names = [self.names[target] for target in statement.targets]
        op = statement.unit.op
        if isinstance(op, ops.LSTM):
            return f"{names[0]}, ({names[1]}, {names[2]})"
        return ", ".join(names)

    def _joined(self) -> set[str]:
        """Return the values that are written in the brackets of the one unit that reads them."""
        uses = Counter(source for unit in self.units for source in unit.read)
        uses.update(self.body.outputs)
        readers = {source: unit for unit in self.units for source in unit.read}
        depth: dict[str, int] = {}
        found: set[str] = set()
        for unit in self.units:
            value = unit.output
            depth[value] = 1 + max((depth[s] for s in unit.read if s in found), default=0)
            once = uses[value] == 1 and value in readers and not unit.part
            once = once and len(unit.outputs) == 1
            if once and self._fits(unit, readers[value], depth[value]):
                found.add(value)
        return found

    def _fits(self, unit: Unit, reader: Unit, depth: int) -> bool:
        if unit.output in self.apart or "loop" in (unit.kind, reader.kind):
            return False
        if depth < _DEEPEST and self._reads_on(unit, reader, depth):
            return True
        if isinstance(reader.op, MERGES):
            # A short term of a sum: out + self.downsample(x).
            return (
                reader.op.kind in ("Add", "Mul")
                and depth == 1
                and unit.kind != "expression"
                and len(self.references[unit.path]) < _SHORT
            )
        if unit.op is None or reader.op is None or isinstance(reader.op, RECURRENT):
            return False
        if reader.kind == "expression" and not isinstance(reader.op, _TAKES_CALLS):
            return False
        family = "merge" if isinstance(unit.op, MERGES) else unit.op.family
        return depth < _DEEPEST and family in _JOINED.get(reader.op.family, ())

    def _reads_on(self, unit: Unit, reader: Unit, depth: int) -> bool:
        """Return whether a unit is a step of a chain of methods, or a small operand of another.

        So it is written where the network was read: ``self.q_proj(x).unflatten(2, (4, 16))``.
        """
        if not self.structure.is_read(unit.output) or unit.training_only != reader.training_only:
            return False
        small = unit.kind == "expression" and isinstance(unit.op, (*_METHODS, ops.Pointwise))
        if reader.kind != "expression":
            return small and reader.kind in ("layer", "block") and len(reader.read) == 1
        if isinstance(reader.op, _METHODS) and reader.inputs[0] == unit.output:
            return small or unit.kind in ("layer", "block")
        return small and depth == 1 and isinstance(reader.op, (*MERGES, ops.Pointwise))

    def _statements(self) -> list[_Statement]:
        found = []
        done: set[str] = set()
        for unit in self.units:
            if unit.output in self.joined or unit.output in done:
                continue
            targets: tuple[str, ...] = unit.outputs
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
        for source in unit.read:
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
        if self.structure.is_read(unit.output):
            wanted = self._plain_names(statement, free, lane)
        elif statement.merges:
            concat = unit.op is not None and unit.op.kind == "Concat"
            wanted = [*(["x"] if concat or "x" in free else []), *free, *wanted]
        elif statement.reads:
            source = statement.reads[0]
            head = self._trains(unit.output) and not self._trains(source)
            if head or self.branches[source] > 1:
                wanted = [lane]
            elif free:
                wanted = free
        count = len(statement.targets)
        for place, target in enumerate(statement.targets):
            if target not in last:
                self.names[target] = "_"
                continue
            role = self.roles.get(target)
            if role is not None and role not in self.names.values():
                self.names[target] = role
                continue
            told = _GIVEN.get(type(unit.op))
            if told is not None and count > 1:
                wanted = [told[place]] if told[place] else wanted
            elif count > 1:
                wanted = [("first", "second")[place] if count == 2 else f"part{place + 1}"]
            names = Names(self.names.values())
            chosen = next(filter(names.allows, wanted), None)
            self.names[target] = chosen or names.unused(wanted[-1])

    def _plain_names(self, statement: _Statement, free: Sequence[str], lane: str) -> list[str]:
        """Return names for a value of a network that was read: no operator's, no other value's.

        A branch that begins with a submodule bears its name.
        """
        own = [lane] if lane and len(set(statement.reads)) == 1 else []
        forks = any(self.branches[value] > 1 for value in statement.reads)
        if own and forks:
            return [*own, *PLAIN]
        return [*free_of_meaning(free), *PLAIN, *own, "out"]

    def _lane(self, unit: Unit) -> str:
        """Return a variable's name for a branch that begins with this unit."""
        while unit.read and unit.read[0] in self.joined:
            unit = self.made[unit.read[0]]
        if unit.kind == "expression" and self.structure.is_read(unit.output):
            return ""  # its path is but an operator's name
        first, *others = (unit.steps[0] if unit.kind == "loop" else unit).path.split(".")
        on_device = self.net.nodes[node_of(unit.output)].get("device") is not None
        if others and (on_device or self.beginnings[first] > 1):
            return snake(others[-1]) or snake(first) or "out"
        return snake(first) or "out"


def _needed(body: Body) -> list[Unit]:
    """Return the units that an output depends on."""
    wanted, found = set(body.outputs), []
    for unit in reversed(body.units):
        if wanted & {*unit.outputs}:
            wanted |= {*unit.inputs}
            found.append(unit)
    kept = {unit.output for unit in found}
    return [unit for unit in body.units if unit.output in kept]


def forward(
    structure: Structure,
    path: str,
    body: Body,
    references: Mapping[str, str],
    inputs: Sequence[str],
    heads: int = 0,
    result: str = "",
) -> list[str]:
    """Return the statements of the forward method of the class of a module, or of the network.

    ``references`` says how to reach each unit's submodule and each stored tensor, ``inputs`` what
    the inputs are called. The last ``heads`` of the outputs are computed in training only and
    returned there together with the others in ``result``, a named tuple's class or "" for a tuple.
    """
    apart: set[str] = set()
    while True:
        made = _Forward(structure, path, body, references, inputs, heads, apart)
        lines = made.lines(result)
        if made.too_long <= apart:
            return lines
        apart |= made.too_long
