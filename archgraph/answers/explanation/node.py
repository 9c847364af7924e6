"""Why a node costs what it costs: its operator's own code, run on numbers that write themselves."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, fields
from typing import Any

from archgraph.analysis import METRICS as FIELDS
from archgraph.analysis import receptive_field
from archgraph.answers.explanation.written import Written
from archgraph.answers.peers.counted_parts import parts
from archgraph.answers.peers.well_known import COUNTERS
from archgraph.errors import ArchGraphError
from archgraph.graph import ArchGraph
from archgraph.metrics import Number
from archgraph.ops import Op
from archgraph.ops.base import Reach
from archgraph.tables.operator_text import operator_text
from archgraph.tensors import ELEMENT_BITS, Batch, at_batch, elements

__all__ = ["Explanation", "Formula", "Said", "Traced", "explain"]


@dataclass(frozen=True, slots=True)
class Formula:
    """A number and how it comes about; ``text`` is empty where nothing is computed.

    ``value`` is None where it is unknown.
    """

    name: str
    text: str
    value: Number | None


@dataclass(frozen=True, slots=True)
class Said:
    """What a well-known counter says of the same thing, in MACs, and the rules that lead there."""

    counter: str
    value: int | None
    because: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One node: what it reads and gives for one image, formulas of its sizes and costs.

    ``rules`` are the lines of the operator's documentation that say its formulas and their sources.
    """

    name: str
    kind: str
    words: str
    reads: tuple[tuple[str, tuple[Any, ...] | None], ...]
    gives: tuple[Any, ...] | None
    extents: tuple[Formula, ...]
    costs: tuple[Formula, ...]
    rules: tuple[str, ...]
    said: tuple[Said, ...]


_AXES = {3: ("D'", "H'", "W'"), 2: ("H'", "W'"), 1: ("L'",)}
"""What people call the extents of a map, by how many there are."""


def explain(net: ArchGraph, name: str) -> Explanation:
    """Return why a node costs what it costs, for one image.

    Raises UnknownNameError for a node that does not exist.
    """
    op = net.op(name)
    data = net.nodes[name]
    reads = net.reads(name)
    inputs = [net.tensor(source, name).shape for source in reads]
    traced = None if None in inputs else Traced.of(op, inputs, data["outputs"][0].dtype)
    return Explanation(
        name=name,
        kind=op.kind,
        words=operator_text(op),
        reads=tuple((str(source), shape) for source, shape in zip(reads, inputs, strict=True)),
        gives=data["shape"],
        extents=() if traced is None else traced.extents(),
        costs=tuple(_costs(net, name, traced)),
        rules=_rules(op),
        said=tuple(_said(net, name)),
    )


def _costs(net: ArchGraph, name: str, traced: Traced | None) -> list[Formula]:
    """Return every metric of a node, with its formula where its operator computes it."""
    data = net.nodes[name]
    found = []
    for key in (*(each.name for each in FIELDS), *net.metrics):
        metric = net.metric(key)
        value = net.value(name, metric)
        text = ""
        if traced is not None and value is not None and key in traced.formulas:
            written = traced.formulas[key]
            text = written.text if int(written) == value and written.told else ""
        if key.startswith("receptive_field") and traced is not None:
            text = _seen(net, name, traced, key)
        if key == "params" and not value and data["op"].parameters():
            text = "they count where they are read first"
        found.append(Formula(key, text, value))
    return found


def _seen(net: ArchGraph, name: str, traced: Traced, key: str) -> str:
    """Return how a figure of the receptive field comes about; nothing where it is not computed."""
    axis = int(key == "receptive_field_width")
    reach, field = traced.reach(axis), receptive_field(net, name, axis)
    before = [receptive_field(net, each, axis) for each in net.inputs_of(name)]
    known = [each for each in before if each is not None and each.size and each.start is not None]
    if not known or len(known) < len(before) or field is None:
        return ""
    if reach is None or not reach.size or reach.parts != 1:
        return ""
    step, start = known[0].stride, min(each.start or 0 for each in known)
    if not isinstance(step, int):
        return ""
    made: dict[str, tuple[Any, Any]] = {
        "receptive_field": (
            Written(max(each.size or 0 for each in known)) + (reach.size - 1) * Written(step),
            field.size,
        ),
        "receptive_field_stride": (Written(step) * reach.stride, field.stride),
        "receptive_field_start": (Written(start) + reach.start * Written(step), field.start),
    }
    made["receptive_field_width"] = made["receptive_field"]
    if key not in made:
        return ""
    size, value = made[key]
    return size.text if isinstance(size, Written) and size == value and size.told else ""


class Traced:
    """An operator whose settings, and shapes whose extents, write down what becomes of them."""

    def __init__(self, op: Op, inputs: Sequence[tuple[Written, ...]], dtype: str | None) -> None:
        self.op, self.inputs = op, tuple(inputs)
        outputs = op.output_shapes(*self.inputs)
        self.output = outputs[0]
        plain = tuple(
            each if not isinstance(each, Written) or each.silent else Written(int(each))
            for each in self.output
        )
        self.formulas: dict[str, Written] = {}
        self._note("params", op.parameter_count())
        macs = op.macs(self.inputs, plain)
        self._note("macs", macs)
        if isinstance(macs, Written) and macs.told:
            # What builds on the multiply-adds says so instead of saying all again.
            object.__setattr__(op, "macs", lambda *_: Written(int(macs), "MACs"))
        self._note("flops", op.flops(self.inputs, plain))
        self._note("lecture", op.lecture(self.inputs, plain))
        bits = ELEMENT_BITS.get(dtype or "", 0)
        if len(outputs) == 1 and bits and not bits % 8:
            self._note("activation_bytes", elements(plain) * Written(bits // 8, f"{bits // 8} B"))

    @classmethod
    def of(cls, op: Op, inputs: Sequence[Any], dtype: str | None) -> Traced | None:
        """Return a traced operator; None for one that takes nothing but Python's own integers."""
        try:
            shapes = [tuple(map(_extent, shape, at_batch(shape, 1))) for shape in inputs]
            made = copy(op.at(1))
            for field in fields(made):
                object.__setattr__(made, field.name, _setting(getattr(made, field.name)))
            return cls(made, shapes, dtype)
        except (ArchGraphError, ArithmeticError, LookupError, TypeError, ValueError):
            return None

    def _note(self, key: str, value: Any) -> None:
        if isinstance(value, Written):
            self.formulas[key] = value

    def reach(self, axis: int) -> Reach | None:
        """Return what one element of the output sees of the input along an axis of the maps."""
        return self.op.reach(self.inputs[0], axis) if self.inputs else None

    def extents(self) -> tuple[Formula, ...]:
        """Return how the extents of the output come about, those that are computed."""
        shape = self.output
        names = _AXES.get(len(shape) - 2, ()) if self.op.imagewise else ()
        names = (*(f"axis {axis}" for axis in range(len(shape) - len(names))), *names)
        return tuple(
            Formula(name, each.text, int(each))
            for name, each in zip(names, shape, strict=True)
            if isinstance(each, Written) and each.told
        )


def _extent(extent: Any, number: int) -> Written:
    return Written(number, silent=type(extent) is Batch and number == 1)


def _setting(value: Any) -> Any:
    """Return a field's value with whole numbers that write themselves."""
    if isinstance(value, tuple):
        return tuple(map(_setting, value))
    return Written(value) if type(value) is int else value


def _rules(op: Op) -> tuple[str, ...]:
    """Return what the operator's documentation says of its formulas; nothing where Python has none.

    That is all but the first sentence, of the operator itself and of what it shares with others.
    """
    lines: list[str] = []
    for kind in type(op).__mro__:
        if kind is Op:
            break
        first, _, rest = (vars(kind).get("__doc__") or "").partition("\n")
        lines += [first.partition(".  ")[2], *rest.splitlines()]
    return tuple(line.strip() for line in lines if line.strip())


def _said(net: ArchGraph, name: str) -> list[Said]:
    """Return what well-known counters say of a node; nothing where a shape is unknown."""
    try:
        (part,) = parts(net, name)
    except ArchGraphError:
        return []
    if net.nodes[name]["macs"] is None:
        return []
    found = []
    for counter, rules in COUNTERS.items():
        because = tuple((rule.words, made) for rule in rules if (made := rule.of(part)))
        found.append(Said(counter, part.macs + sum(made for _, made in because), because))
    return found
