"""From ONNX nodes to archgraph's operators in a row, before they have their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from archgraph.errors import ArchGraphError, FormatError
from archgraph.evaluation import evaluate
from archgraph.importers.onnx.arithmetic import macs_of
from archgraph.importers.onnx.call import Call, UnreadableError, settings_of
from archgraph.importers.onnx.facts import Claim, Facts, agree, attributes_of
from archgraph.importers.onnx.operators import read
from archgraph.importers.onnx.values import Values
from archgraph.ops import Conv2d, Linear, Op, Opaque, Shape, Slice, elements
from archgraph.tensors import N, Tensor

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

__all__ = ["Step", "steps_of"]


@dataclass(slots=True)
class Step:
    """One operator: the value that it makes, the values that it reads, where it came from.

    ``name`` is set where the file notes it; ``part`` tells what a node's inner step is.
    """

    value: str
    op: Op
    inputs: tuple[str, ...]
    shape: Shape
    node: NodeProto | None = None
    name: str = ""
    part: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)


def steps_of(model: ModelProto, values: Values, facts: Facts, origin: str) -> list[Step]:
    """Return the operators of a model in order; FormatError naming ``origin`` when it is broken."""
    return list(_Reader(model, values, facts, origin).run().values())


class _Reader:
    """Goes through the nodes of one model, once."""

    def __init__(self, model: ModelProto, values: Values, facts: Facts, origin: str) -> None:
        self.nodes = list(model.graph.node)
        self.values, self.facts, self.origin = values, facts, origin
        self.results = {info.name for info in model.graph.output}
        self.reads = Counter(name for node in self.nodes for name in _read_by(node))
        self.steps: dict[str, Step] = {}
        self.shapes: dict[str, Shape] = {name: shape[1:] for name, shape in values.inputs.items()}
        self.done: dict[str, bool] = {}

    def run(self) -> dict[str, Step]:
        for index, node in enumerate(self.nodes):
            static = self.values.static
            if all(name in static for name in node.output if name):
                continue
            claim = self.facts.claims.get(index)
            if claim is not None:
                if claim.name not in self.done:
                    self.done[claim.name] = self._holds(claim)
                    if self.done[claim.name]:
                        self._take(claim)
                if self.done[claim.name]:
                    continue
            self._read(node)
        for name in self.facts.before.get("", ()):
            self._put_back(name)
        return self.steps

    # ---- what archgraph noted ------------------------------------------------------------

    def _dynamic(self, claim: Claim) -> list[NodeProto]:
        static = self.values.static
        nodes = [self.nodes[index] for index in claim.members]
        return [node for node in nodes if any(name not in static for name in node.output)]

    def _holds(self, claim: Claim) -> bool:
        """Return whether the nodes of a noted operator bear it out."""
        nodes, static = self._dynamic(claim), self.values.static
        inner = {name for node in nodes for name in node.output}
        if claim.name in self.shapes or list(nodes[-1].output) != [claim.name]:
            return False
        outer = [n for node in nodes for n in _read_by(node) if n not in inner | set(static)]
        wanted = [self.facts.written(name) for name in claim.inputs]
        same = outer == wanted if len(nodes) == 1 else set(outer) == set(wanted)
        if not same or not all(name in self.shapes for name in wanted):
            return False
        own = Counter(name for node in nodes for name in _read_by(node))
        if any(self.reads[n] != own[n] or n in self.results for n in inner - {claim.name}):
            return False
        tensors = {**claim.op.parameters(), **claim.op.inference_buffers()}
        for key, shape in tensors.items():
            found = static.get(f"{claim.name}.{key}")
            if found is None or found.shape != tuple(shape):
                return False
        shapes = tuple(self.shapes[name] for name in wanted)
        try:
            shape = infer_shape(claim.name, claim.op, shapes)
            if shape != (self._known(claim.name) or shape):
                return False
            ops = read(self._call(nodes[0])) if len(nodes) == 1 else [claim.op]
        except (ArchGraphError, UnreadableError, *_BROKEN):
            return False
        return len(ops) == 1 and agree(claim.op, ops[0], shapes[0])

    def _take(self, claim: Claim) -> None:
        """Add a noted operator, and before it what was left out between it and what it reads."""
        for name in (*self.facts.before.get(claim.name, ()), *claim.inputs):
            self._put_back(name)
        shapes = tuple(self.shapes[name] for name in claim.inputs)
        shape = infer_shape(claim.name, claim.op, shapes)
        last = self.nodes[claim.members[-1]]
        self._add(Step(claim.name, claim.op, claim.inputs, shape, last, claim.name))

    def _put_back(self, name: str) -> None:
        """Add an operator that has no node, where what it reads is there."""
        if self.facts.written(name) not in self.shapes:
            return
        missing = []
        while name not in self.shapes:
            missing.append(name)
            name = self.facts.unwritten[name][1]
        for each in reversed(missing):
            op, source = self.facts.unwritten[each]
            attributes = self.facts.attributes.get(each, {})
            self._add(Step(each, op, (source,), self.shapes[source], None, each, "", attributes))

    # ---- what anyone wrote ---------------------------------------------------------------

    def _read(self, node: NodeProto) -> None:
        inputs = [name for name in _read_by(node) if name not in self.values.static]
        for name in inputs:
            if name not in self.shapes:
                raise FormatError(
                    f"{self.origin} is damaged: its operator '{node.name or node.op_type}' reads "
                    f"'{name}', which nothing before it makes."
                )
        if self._joins_bias(node):
            return
        first, *others = [name for name in node.output if name]
        if node.op_type == "Split" and self._split(node):
            return
        try:
            if node.domain not in ("", "ai.onnx"):
                raise UnreadableError
            call = self._call(node)
            self._chain(node, first, read(call), call)
        except (ArchGraphError, UnreadableError, *_BROKEN):
            self._opaque(node, first, tuple(inputs), node.op_type, self._weights(node))
        for name in others:
            if name in self.reads or name in self.results:
                self._opaque(node, name, tuple(inputs), f"{node.op_type} {name}", 0)

    def _call(self, node: NodeProto) -> Call:
        shapes = {name: self.shapes[name] for name in node.input if name in self.shapes}
        first = next((name for name in node.output if name), "")
        return Call(
            node.op_type,
            tuple(node.input),
            shapes,
            self.values.static,
            settings_of(node),
            self._known(first),
            self.values.batch,
            self.values.opset,
        )

    def _chain(self, node: NodeProto, value: str, ops: list[Op], call: Call) -> None:
        shapes, steps = tuple(call.shapes[name] for name in call.data), []
        inputs = call.data if ops[0].arity != 1 else call.data[:1]
        main = max(range(len(ops)), key=lambda i: (ops[i].family != "reshape", i))
        for number, op in enumerate(ops):
            last = number == len(ops) - 1
            made = value if last else f"{value}\0{number}"
            shapes = (infer_shape(value, op, shapes[:1] if op.arity == 1 else shapes),)
            part = "" if number == main else op.kind.lower()
            steps.append(Step(made, op, inputs, shapes[0], node, "", part))
            inputs = (made,)
        if shapes[0] != (call.shape or shapes[0]) or 0 in shapes[0]:
            raise UnreadableError
        for step in steps:
            self._add(step)

    def _split(self, node: NodeProto) -> bool:
        """Read a Split of the channels as one Slice for each result."""
        source, settings = node.input[0], settings_of(node)
        sizes = [self._known(name) for name in node.output]
        if source not in self.shapes or settings.get("axis", 0) != 1 or None in sizes:
            return False
        start, slices = 0, []
        for name, shape in zip(node.output, sizes, strict=True):
            stop = start + (shape or (0,))[0]
            slices.append((name, Slice(start, stop)))
            start = stop
        if start != self.shapes[source][0]:
            return False
        for name, op in slices:
            shape = infer_shape(name, op, (self.shapes[source],))
            self._add(Step(name, op, (source,), shape, node))
        return True

    def _joins_bias(self, node: NodeProto) -> bool:
        """Make an Add of a bias part of the layer before it, as it was before it was exported."""
        if node.op_type != "Add" or len(node.input) != 2:
            return False
        static = self.values.static
        for source, bias in (node.input, reversed(node.input)):
            step, found = self.steps.get(source), static.get(bias)
            if step is None or found is None or not found.learned or found.shape is None:
                continue
            op, alone = step.op, self.reads[source] == 1 and source not in self.results
            if not isinstance(op, (Conv2d, Linear)) or op.bias or not alone or step.name:
                continue
            linear = isinstance(op, Linear)
            width = step.shape[-1] if linear else step.shape[0]
            wanted = (width,) if linear else (width, 1, 1)
            extra = len(found.shape) - len(wanted)
            if extra >= 0 and found.shape == (1,) * extra + wanted:
                del self.steps[source], self.shapes[source]
                step.op, step.value = replace(op, bias=True), node.output[0]
                self._add(step)
                return True
        return False

    def _opaque(
        self, node: NodeProto, value: str, inputs: tuple[str, ...], kind: str, params: int | None
    ) -> None:
        shape = self._known(value)
        if shape is None:
            raise FormatError(
                f"{self.origin}: what its operator '{node.name or value}' ({node.op_type}) gives "
                "has no shape that could be told without running it."
            )
        op = Opaque(kind, shape, params, macs_of(node, self.values))
        self._add(Step(value, op, inputs, shape, node))

    def _weights(self, node: NodeProto) -> int | None:
        """Return how many learned numbers a node reads; None when a shape is unknown."""
        total = 0
        for name in dict.fromkeys(_read_by(node)):
            found = self.values.static.get(name)
            if found is not None and found.learned:
                if found.shape is None:
                    return None
                total += elements(found.shape)
        return total

    def _known(self, value: str) -> Shape | None:
        """Return a value's inferred shape without its batch axis."""
        shape = self.values.shapes.get(value)
        if shape is None:
            return None
        return shape[1:] if shape and shape[0] == self.values.batch else shape

    def _add(self, step: Step) -> None:
        if step.node is not None:
            step.attributes = attributes_of(step.node)
        self.steps[step.value] = step
        self.shapes[step.value] = step.shape


def infer_shape(name: str, op: Op, shapes: tuple[Shape, ...]) -> Shape:
    """Return an operator's output for one image, from inputs for one image."""
    found = evaluate(name, op, tuple(Tensor((N, *shape)) for shape in shapes))
    shape: Shape = found["shape"]
    return shape


_BROKEN = (TypeError, ValueError, LookupError, OverflowError, AttributeError)
"""What comes of settings of the wrong kind or number in a file."""


def _read_by(node: NodeProto) -> Iterator[str]:
    """Yield the values that a node reads, those that the graphs inside it read included."""
    yield from filter(None, node.input)
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            own = {info.name for info in graph.input} | {t.name for t in graph.initializer}
            for inside in graph.node:
                yield from (name for name in _read_by(inside) if name not in own)
                own.update(inside.output)
