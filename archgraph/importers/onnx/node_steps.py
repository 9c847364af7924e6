"""From ONNX nodes to archgraph's operators in a row, before they have their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from archgraph.errors import ArchGraphError, FormatError
from archgraph.evaluation import evaluate, evaluated
from archgraph.formats.onnx_notes import Claim, Notes, attributes_of
from archgraph.importers.naming import printable
from archgraph.importers.onnx.agreement import agree
from archgraph.importers.onnx.call import (
    Call,
    Made,
    Number,
    Read,
    UnreadableError,
    Weight,
)
from archgraph.importers.onnx.foreign_costs import costs_of
from archgraph.importers.onnx.nodes import Node, contents
from archgraph.importers.onnx.opaque import opaque_of, stored_inside
from archgraph.importers.onnx.rules import read
from archgraph.importers.onnx.sampled_sizes import varies
from archgraph.importers.onnx.settings import BROKEN
from archgraph.importers.onnx.step import Step, Unnamed, named, unnamed
from archgraph.importers.onnx.tensor_kinds import Stock
from archgraph.importers.onnx.values import Values
from archgraph.importers.onnx.weight_positions import SETTINGS, weights_of
from archgraph.ops import Op
from archgraph.provenance import part_of_origin
from archgraph.tensors import Key, Tensor, is_known

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["steps_of"]


def steps_of(
    model: ModelProto, values: Values, stock: Stock, notes: Notes, origin: str
) -> list[Step]:
    """Return the operators of a model in order; FormatError naming ``origin`` when it is broken."""
    return list(_Reader(model, values, stock, notes, origin).run().values())


class _Layered:
    """What is known of values, with those of the node that is being read in front."""

    def __init__(self, below: Mapping[str, Tensor]) -> None:
        self.own: dict[str, Tensor] = {}
        self.below = below

    def get(self, name: str) -> Tensor | None:
        """Return what is known of a value, or None."""
        found = self.own.get(name)
        return self.below.get(name) if found is None else found


class _Reader:
    """Goes through the nodes of one model, once."""

    def __init__(
        self, model: ModelProto, values: Values, stock: Stock, notes: Notes, origin: str
    ) -> None:
        self.nodes = values.nodes
        self.values, self.stock, self.notes, self.origin = values, stock, notes, origin
        # Notes count the nodes of the file, of which some run only in a branch.
        self.claims = {} if values.branched else notes.claims
        self.results = {info.name for info in model.graph.output}
        self.reads = Counter(chain.from_iterable([node.reads for node in self.nodes]))
        self.steps: dict[str, Step] = {}
        self.tensors: dict[str, Tensor] = dict(values.inputs)
        self.alike: dict[tuple[object, ...], list[Unnamed]] = {}
        self.done: dict[str, bool] = {}
        self.live: set[str] = set()
        self.fixed = {"", *values.static}
        """The static values that no node of the network computes; an output left out is none."""
        self._find_live()

    def run(self) -> dict[str, Step]:
        for index, node in enumerate(self.nodes):
            if not self._runs(node):
                continue
            claim = self.claims.get(index)
            if claim is not None:
                if claim.name not in self.done:
                    self.done[claim.name] = self._holds(claim)
                    if self.done[claim.name]:
                        self._take(claim)
                if self.done[claim.name]:
                    continue
            self._read(node)
        for name in self.notes.before.get("", ()):
            self._put_back(name)
        return self.steps

    # ---- what runs -----------------------------------------------------------------------

    def _runs(self, node: Node) -> bool:
        """Return whether a node is one of the network: static ones are only where data reads it."""
        return not self.fixed.issuperset(node.output)

    def _find_live(self) -> None:
        """Find the static values that nodes of the network compute.

        These are values that are read as data and are computed from learned tensors, or follow
        the batch; any other static value is a constant.
        """
        static, fixed = self.values.static, self.fixed
        # What archgraph noted as an operator is one.
        self._run({claim.name for claim in self.claims.values() if claim.name in static})
        made = {name for node in self.nodes for name in node.output}
        self._run({name for name in self.results if name in static and name in made})
        for node in reversed(self.nodes):
            if fixed.issuperset(node.output) or fixed.isdisjoint(node.names):
                continue
            settings, weights = SETTINGS.get(node.op_type, ()), weights_of(node)
            data = [
                name
                for place, name in enumerate(node.input)
                if name in fixed and place not in settings and place not in weights
            ]
            inside = set(node.reads) - set(node.input) if node.graphs else ()
            self._run({name for name in (*data, *inside) if self._must_run(name)})

    def _run(self, names: set[str]) -> None:
        self.live |= names
        self.fixed -= names

    def _must_run(self, name: str) -> bool:
        found = self.values.static.get(name)
        if found is None or found.root or name in self.values.stored:
            return False
        if not is_known(found.tensor) or varies(found.tensor.shape):
            return True
        return self.stock.learned(name)

    # ---- what archgraph noted ------------------------------------------------------------

    def _dynamic(self, claim: Claim) -> list[Node]:
        return [node for node in map(self.nodes.__getitem__, claim.members) if self._runs(node)]

    def _holds(self, claim: Claim) -> bool:
        """Return whether the nodes of a noted operator bear it out."""
        nodes, static = self._dynamic(claim), self.values.static
        inner = {name for node in nodes for name in node.output}
        if claim.name in self.tensors or claim.name not in inner:
            return False
        outer = [n for node in nodes for n in node.reads if n not in inner and n not in self.fixed]
        wanted = [self.notes.written(name) for name in claim.inputs if type(name) is not Key]
        same = outer == wanted if len(nodes) == 1 else set(outer) == set(wanted)
        if not same or not all(name in self.tensors for name in wanted):
            return False
        for role, shape in {**claim.op.parameters(), **claim.op.inference_buffers()}.items():
            name, known = self.notes.stored(claim.key(role))
            found = static.get(name)
            if found is None or tuple(shape) != (known or found.tensor).shape:
                return False
        try:
            reads = self._noted_reads(claim.inputs)
            outputs = self._evaluated(claim.name, claim.op, reads, self._noted_type(claim))
            alone = len(nodes) == 1 and claim.op.arity != 0
            made = read(self._call(nodes[0], self.values)) if alone else [Made(claim.op)]
        except (ArchGraphError, *BROKEN):
            return False
        makes = _outputs_of(claim.name, len(outputs))
        own = Counter(name for node in nodes for name in node.reads)
        inside = inner - set(makes)
        if any(self.reads[n] != own[n] or n in self.results for n in inside):
            return False
        for name, tensor in zip(makes, outputs, strict=True):
            if tensor.shape != (self.values.tensor(name).shape or tensor.shape):
                return False
        first = reads[0].shape if reads else None
        return len(made) == 1 and agree(claim.op, made[0].op, first or ())

    def _noted_reads(self, inputs: Sequence[str]) -> list[Tensor]:
        found = []
        for name in inputs:
            if type(name) is Key:
                own, known = self.notes.stored(name)
                found.append(known or self.values.static[own].tensor)
            else:
                found.append(self.tensors[self.notes.written(name)])
        return found

    def _noted_type(self, claim: Claim) -> str:
        """Return the element type of a noted operator's weights."""
        for role in claim.op.parameters():
            _, known = self.notes.stored(claim.key(role))
            if known is not None:
                return str(known.dtype)
        return "float32"

    def _take(self, claim: Claim) -> None:
        """Add a noted operator, and before it what was left out between it and what it reads."""
        for name in (*self.notes.before.get(claim.name, ()), *claim.inputs):
            if type(name) is not Key:
                self._put_back(name)
        reads = self._noted_reads(claim.inputs)
        outputs = self._evaluated(claim.name, claim.op, reads, self._noted_type(claim))
        last = self.nodes[claim.members[-1]]
        makes = _outputs_of(claim.name, len(outputs))
        step = Step(makes, claim.op, claim.inputs, {}, last, claim.name)
        step.attributes = attributes_of(last.proto, last.notes)
        if claim.tensors:
            step.attributes["tensors"] = claim.tensors
        self._add(step, outputs)

    def _put_back(self, name: str) -> None:
        """Add an operator that has no node, where what it reads is there."""
        if self.notes.written(name) not in self.tensors:
            return
        missing = []
        while name not in self.tensors:
            missing.append(name)
            name = self.notes.unwritten[name][1]
        for each in reversed(missing):
            op, source = self.notes.unwritten[each]
            attributes = self.notes.attributes.get(each, {})
            step = Step((each,), op, (source,), {}, None, each, "", attributes)
            self._add(step, (self.tensors[source],))

    # ---- what anyone wrote ---------------------------------------------------------------

    def _read(self, node: Node) -> None:
        key = self._key(node)
        alike = self.alike.get(key) if key is not None else None
        if alike:
            self._add_all(node, named(node, alike, self.values.static))
            return
        for name in node.reads:
            if name not in self.tensors and name not in self.values.static:
                raise FormatError(
                    f"{self.origin} is damaged: its operator '{node.name or node.op_type}' reads "
                    f"'{name}', which nothing before it makes."
                )
        call = self._call(node, self.values if key is None else self._told(node))
        try:
            steps = self._chain(node, read(call))
        except (ArchGraphError, *BROKEN):
            self._opaque(node, self._call(node, self.values))
            return
        if key is not None:
            self.alike[key] = unnamed(node, steps, self.values.static)
        self._add_all(node, steps)

    def _key(self, node: Node) -> tuple[object, ...] | None:
        """Return all that decides what a node is read as; None where that takes more."""
        names, given = node.names, node.output
        if node.op_type in _BY_NAME:
            return None
        if self.live and not self.live.isdisjoint((*names, *given)):
            return None
        facts, tensors = self.values.facts.get, self.tensors.get
        known = map(facts, names), map(tensors, names), map(facts, given)
        return (node.kind, *known[0], *known[1], *known[2], *map(self._wanted, given))

    def _wanted(self, name: str) -> bool:
        return name in self.reads or name in self.results

    def _told(self, node: Node) -> Values:
        """Return what is known of the values of a node, their numbers as far as ``_key`` has them.

        So no rule can tell apart what has the same.
        """
        values = self.values
        static = {
            name: found._replace(elements=found.elements.told)
            for name in node.names
            if (found := values.static.get(name)) is not None
        }
        tensors = {name: values.tensor(name) for name in (*node.names, *filter(None, node.output))}
        return Values(values.opset, {}, values.sizes, tensors, static)

    def _call(self, node: Node, values: Values) -> Call:
        domain = "" if node.standard else node.domain
        settings = node.kind.settings
        return Call(node.op_type, node.input, node.output, values, settings, self.live, domain)

    def _chain(self, node: Node, made: Sequence[Made]) -> list[Step]:
        """Return the operators that a node is read as; raise UnreadableError if they do not fit."""
        main = 0
        if len(made) > 1:
            main = max(range(len(made)), key=lambda i: (made[i].op.family != "reshape", i))
        own, steps = tuple(filter(None, node.output)), list[Step]()
        known = _Layered(self.tensors)
        before = ""
        for number, each in enumerate(made):
            last = number == len(made) - 1
            makes = each.makes or (own[:1] if last else (f"{own[0]}\0{number}",))
            reads = ("",) if each.reads is None else each.reads
            if "" in reads:
                reads = tuple(before if name == "" else name for name in reads)
            tensors = [self._tensor_read(name, known) for name in reads]
            weight = self._weight_type(each.weights)
            found = evaluated(own[0], each.op, tuple(tensors), weight)
            outputs = found.outputs
            # A name that is left out is a result that nobody reads.
            makes = makes[: len(outputs)]
            if "" in makes:
                makes = tuple(
                    name or f"{own[0]}\0{number}.{place}" for place, name in enumerate(makes)
                )
            known.own.update(zip(makes, outputs, strict=False))
            part = "" if number == main else each.op.kind.lower()
            step = Step(makes, each.op, reads, each.weights, node, "", part, known=found)
            steps.append(step)
            before = makes[0]
        made_now = {name for step in steps for name in step.makes}
        for name in own:
            if (self._wanted(name) and name not in made_now) or not _fits(
                known.get(name), self._known(name)
            ):
                raise UnreadableError
        return steps

    def _add_all(self, node: Node, steps: Sequence[Step]) -> None:
        """Add the operators that a node is read as; the one without a part bears its name."""
        called, others = _called(node), 0
        noted = attributes_of(node.proto, node.notes)
        for step in steps:
            others += bool(step.part)
            step.attributes = {**noted}
            step.origin = (part_of_origin(called, others) if step.part else called,)
            assert step.known is not None
            self._add(step, step.known.outputs)

    def _tensor_read(self, name: Read, known: _Layered) -> Tensor:
        if isinstance(name, Number):
            return Tensor((), "float32")
        found = known.get(name)
        if found is not None:
            return found
        self._storable(Weight(name))
        return self.values.static[name].tensor

    def _weight_type(self, weights: Mapping[str, Weight]) -> str:
        for weight in weights.values():
            self._storable(weight)
        first = next(iter(weights.values()), None)
        return "float32" if first is None else str(self.values.static[first.value].tensor.dtype)

    def _storable(self, weight: Weight) -> None:
        """Raise UnreadableError for what is no stored tensor of a known, fixed shape."""
        found = self.values.static.get(weight.value)
        if found is None or weight.value in self.live or found.tensor.dtype is None:
            raise UnreadableError
        if not is_known(found.tensor) or varies(found.tensor.shape):
            raise UnreadableError

    def _evaluated(
        self, name: str, op: Op, inputs: Sequence[Tensor], weight: str = "float32"
    ) -> tuple[Tensor, ...]:
        found: tuple[Tensor, ...] = evaluate(name, op, tuple(inputs), weight)["outputs"]
        return found

    def _known(self, name: str) -> Tensor:
        return self.values.tensor(name)

    def _opaque(self, node: Node, call: Call) -> None:
        """Add a node as an operator of which only the name, the outputs and the costs are known."""
        settings = SETTINGS.get(node.op_type, frozenset()) if node.standard else frozenset()
        own = list(node.input)
        reads: list[Read] = []
        names = [name for place, name in enumerate(own) if name and place not in settings]
        names += [name for name in node.names if name not in own]
        for name in names:
            if name not in self.tensors:
                try:
                    self._storable(Weight(name))
                except UnreadableError:
                    continue
            reads.append(name)
        makes = tuple(filter(None, node.output))
        outputs = [self._known(name) for name in makes]
        costs = costs_of(call)
        told = node.standard or costs.macs is not None
        params: int | None = 0 if told or not reads else None
        kind = printable(node.op_type) or "unnamed"
        if node.graphs:
            inside = contents(node.graphs)
            kind, params = f"{kind}: {inside}" if inside else kind, stored_inside(node)
        op = opaque_of(kind, outputs, params, costs)
        step = Step(
            makes, op, tuple(reads), {}, node, "", "", attributes_of(node.proto, node.notes)
        )
        step.origin = (_called(node),)
        self._add(step, self._evaluated(makes[0], op, [Tensor(None)] * len(reads)))

    def _add(self, step: Step, outputs: Sequence[Tensor]) -> None:
        self.steps[step.value] = step
        self.tensors.update(zip(step.makes, outputs, strict=False))


def _outputs_of(name: str, count: int) -> tuple[str, ...]:
    """Return what our files call the outputs of a node."""
    return (name, *(f"{name}:{number}" for number in range(1, count)))


def _called(node: Node) -> str:
    """Return what a node of a file is called: its name, else its first result's."""
    return node.name or next((name for name in node.output if name), node.op_type)


def _fits(made: Tensor | None, known: Tensor) -> bool:
    """Return whether an operator gives what the file says that its node gives."""
    if made is None or made == known:
        return True
    if known.shape is not None:
        if made.shape is None or len(made.shape) != len(known.shape):
            return False
        if any(k is not None and k != m for k, m in zip(known.shape, made.shape, strict=True)):
            return False
    kinds = [_class(each.dtype) for each in (made, known)]
    return None in kinds or kinds[0] == kinds[1]


def _class(dtype: str | None) -> str | None:
    """Return what kind of numbers they are: an export may have narrowed all floats."""
    if dtype is None:
        return None
    return "float" if dtype.startswith(("float", "bfloat")) else dtype


_BY_NAME = frozenset({
    "GRU", "GroupNormalization", "InstanceNormalization", "LSTM", "RNN", "SequenceAt",
    "SplitToSequence",
})  # fmt: skip
"""What is read by what its values are called, or by numbers that are too many to be settings."""
