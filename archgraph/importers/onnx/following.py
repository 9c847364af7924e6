"""Goes through the nodes of a model in order and notes what each gives."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from archgraph.errors import ShapeError
from archgraph.importers.onnx.branches import taken
from archgraph.importers.onnx.folding import Folding, constant_of
from archgraph.importers.onnx.inputs import Given
from archgraph.importers.onnx.nodes import Kind, Node
from archgraph.importers.onnx.reshaping import reshaped
from archgraph.importers.onnx.sampled_sizes import Sizes
from archgraph.importers.onnx.sequences import part_of, parts_of
from archgraph.importers.onnx.shape_inference import TYPES, Found, Inference, Read
from archgraph.importers.onnx.statics import SIZES, is_static, note_static
from archgraph.importers.onnx.values import (
    Elements,
    Fact,
    Source,
    Static,
    Values,
    elements_of,
    source_of,
    static_of,
)
from archgraph.tensors import Batch, N, Tensor, follows_batch

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

__all__ = ["understand"]

_STATES = ("GRU", "LSTM", "RNN")

_SIZED = ("Range", "Resize", "Upsample")
"""What makes sizes of floats too."""

_BY_NAME = frozenset({*_SIZED, "ConstantOfShape", "Identity", "SequenceAt", "SplitToSequence"})
"""What may make of two equal tensors two things: by their names, or by long rows of floats."""

_NONE: frozenset[str] = frozenset()


def understand(
    model: ModelProto,
    nodes: Iterable[Node],
    given: Given,
    inputs: Mapping[str, Tensor],
    stored: Mapping[str, Source],
) -> Values:
    """Return what is known of the values of a model whose inputs are these."""
    opsets = {each.domain: each.version for each in model.opset_import}
    opset = opsets.get("", opsets.get("ai.onnx", 1))
    values = Values(opset, dict(inputs), Sizes.of(inputs.values()), stored=dict(stored))
    for name, tensor in inputs.items():
        values.note(name, tensor)
    for name, kind in given.kinds.items():
        values.note_kind(name, kind)
    for name, source in stored.items():
        _store(values, name, source, elements_of(source))
    noted = {info.name: info for info in (*model.graph.output, *model.graph.value_info)}
    _Follower(values, Inference(model, values.sizes, opset), given, noted).run(nodes)
    return values


def _store(values: Values, name: str, source: Source, elements: Elements) -> None:
    values.stored[name] = source
    values.note_static(name, static_of(name, source, elements))
    if source.kind is not None:
        values.note_kind(name, source.kind)


class _Alike(NamedTuple):
    """What a node gives, and so do all of its kind that read the same.

    Of static results ``elements`` are the numbers, ``roots`` says of each whether it is the tensor
    that is read first and how that is turned, ``facts`` are what decides what is made of them.
    """

    tensors: tuple[Tensor, ...]
    elements: tuple[Elements, ...] = ()
    roots: tuple[tuple[bool, bool | None], ...] = ()
    facts: tuple[Fact, ...] = ()


class _Follower:
    """Goes through the nodes of a model in order, once."""

    def __init__(
        self,
        values: Values,
        inference: Inference,
        given: Given,
        noted: Mapping[str, ValueInfoProto],
    ) -> None:
        self.values, self.inference, self.given, self.noted = values, inference, given, noted
        self.folding = Folding(values.opset)
        self.alike: dict[tuple[object, ...], _Alike] = {}
        self.constants: dict[Kind, tuple[Source, Elements]] = {}
        self.open = any(follows_batch(each.shape) for each in values.inputs.values())

    def run(self, nodes: Iterable[Node]) -> None:
        """Note what all nodes give; of an If whose condition is known, those of its branch."""
        values, waiting = self.values, deque(nodes)
        while waiting:
            node = waiting.popleft()
            branch = taken(node, values) if node.op_type == "If" and node.standard else None
            if branch is not None:
                for name, tensor in branch.tensors:
                    source = source_of(tensor)
                    _store(values, name, source, elements_of(source))
                waiting.extendleft(reversed(branch.nodes))
                values.branched = True
                continue
            values.nodes.append(node)
            self._follow(len(values.nodes) - 1, node)

    def _follow(self, number: int, node: Node) -> None:
        """Note what a node gives: as another did that is like it, else what is found out."""
        values = self.values
        if node.op_type == "Constant" and node.output:
            known = self.constants.get(node.kind)
            if known is None and (proto := constant_of(node)) is not None:
                source = source_of(proto)
                known = self.constants[node.kind] = source, elements_of(source)
            if known is not None:
                _store(values, node.output[0], *known)
                return
        # A name that nobody knows has no fact.
        key = (node.kind, *map(values.facts.get, node.names))
        alike = self.alike.get(key)
        if alike is None:
            found = self._found_out(number, node)
            if found is not None:
                self.alike[key] = found
        elif alike.elements:
            self._note_static(node, alike)
        else:
            for name, tensor in zip(node.output, alike.tensors, strict=True):
                if name:
                    values.note(name, tensor)

    def _note_static(self, node: Node, alike: _Alike) -> None:
        static = self.values.static
        read = [static[name] for name in node.input if name in static]
        sources = _NONE if node.op_type in SIZES else _NONE.union(*[each.sources for each in read])
        for name, tensor, elements, (rooted, turned), fact in zip(node.output, *alike, strict=True):
            if name:
                root = read[0].root if rooted else ""
                own = Static(tensor, elements, root, turned, sources)
                self.values.note_static(name, own, fact)

    def _found_out(self, number: int, node: Node) -> _Alike | None:
        """Note what a node gives; return it where that depends on no name."""
        values = self.values
        static = is_static(node, values.static)
        refused = False
        try:
            found = self._outputs(node)
        except ShapeError as error:
            values.refusals[number] = str(error)
            found, refused = _nothing(node), True
        noted = self.noted
        # A node may say that it gives more than its operator does.
        tensors = found.tensors + _nothing(node).tensors[len(found.tensors) :]
        lacks = any(map(_lacks, tensors))
        outputs = tuple(
            self._noted(name, tensor) if name in noted and _lacks(tensor) else tensor
            for name, tensor in zip(node.output, tensors, strict=False)
        )
        for name, tensor in zip(node.output, outputs, strict=True):
            if name:
                values.note(name, tensor)
        if static:
            note_static(node, outputs, values, self.folding)
        for place, kind in found.kinds.items():
            values.note_kind(node.output[place], kind)
        if refused or lacks or found.kinds or node.op_type in _BY_NAME:
            return None
        return self._alike(node, outputs) if static else _Alike(outputs)

    def _alike(self, node: Node, outputs: tuple[Tensor, ...]) -> _Alike | None:
        """Return what a node gives that no data changes; None where numbers that are long count."""
        values = self.values
        if any(values.static[name].elements.long for name in node.input if name in values.static):
            return None
        if not outputs or not all(node.output):
            return None
        made = [values.static[name] for name in node.output]
        return _Alike(
            outputs,
            tuple(each.elements for each in made),
            tuple((bool(each.root), each.turned) for each in made),
            tuple(values.facts[name] for name in node.output),
        )

    def _outputs(self, node: Node) -> Found:
        values, kind = self.values, node.op_type
        if kind in _STATES:
            self._check_states(node)
        if kind == "Reshape" and len(node.input) > 1:
            tensor = reshaped(node, values, self.given.fixed)
            if tensor is not None:
                return Found((tensor,), {})
        first = self._part(node) if kind == "SplitToSequence" else None
        if kind == "SequenceAt":
            at = values.static.get(node.read(1))
            place = None if at is None else at.single
            if place is not None and place >= 0:
                part = values.tensor(part_of(node.read(0), place))
                if part.shape is not None:
                    return Found((part,), {})
        # Whole numbers may be sizes and axes; of others only these operators make sizes.
        sized = kind in _SIZED
        known = {
            name: found.numbers
            for name in node.names
            if (found := values.static.get(name)) is not None
            and (sized or not str(found.tensor.dtype).startswith(("float", "bfloat")))
            and found.numbers is not None
        }
        tensors = {name: values.tensor(name) for name in node.names}
        kinds = {name: values.kinds[name] for name in node.names if name in values.kinds}
        inferred = self.inference.outputs(node, Read(tensors, known, kinds))
        return inferred if first is None else Found((first,), inferred.kinds)

    def _check_states(self, node: Node) -> None:
        """Raise ShapeError where a recurrent layer begins with states of another batch."""
        read = self.values.tensor(node.read(0)).shape
        for name in node.input[5:7]:
            state = self.values.tensor(name).shape if name else None
            if read is None or state is None or len(read) != 3 or len(state) != 3:
                continue
            if type(read[1]) is Batch and type(state[1]) is int:
                raise ShapeError(f"its first state is that of a batch of {state[1]}.")

    def _part(self, node: Node) -> Tensor | None:
        """Note the parts that a tensor is split into, and return the first."""
        values = self.values
        sizes = values.static.get(node.read(1))
        numbers = None if sizes is None or sizes.numbers is None else sizes.numbers[0]
        parts = parts_of(node, values.tensor(node.read(0)), numbers) or ()
        for place, part in enumerate(parts):
            values.note(part_of(node.output[0], place), part)
        return parts[0] if parts else None

    def _noted(self, name: str, tensor: Tensor) -> Tensor:
        """Complete what could not be inferred by what the file notes, for the size it notes."""
        if not self.given.as_noted:
            return tensor
        kind = self.noted[name].type.tensor_type
        dtype = tensor.dtype or TYPES.get(kind.elem_type)
        if not kind.HasField("shape"):
            return Tensor(tensor.shape, dtype)
        words = [d.dim_value if d.HasField("dim_value") else d.dim_param for d in kind.shape.dim]
        batch = self.given.fixed if self.open else None
        shape = [self._told(word) for word in words]
        if shape and self.open and (words[0] == batch or (batch is None and shape[0] is None)):
            shape[0] = N
        if tensor.shape is not None:
            if len(tensor.shape) != len(shape):
                return tensor  # the file's note is wrong
            shape = [
                old if old is not None else new
                for old, new in zip(tensor.shape, shape, strict=True)
            ]
        return Tensor(tuple(shape), dtype)

    def _told(self, word: int | str) -> object:
        """Return the extent that a word in the file means, None where it means none."""
        if isinstance(word, int):
            return word if word >= 0 else None
        found = self.given.letters.get(word)
        return 1 if found == N and not self.open else found


def _lacks(tensor: Tensor) -> bool:
    """Return whether anything of a tensor is not known; a letter is known."""
    return tensor.dtype is None or tensor.shape is None or None in tensor.shape


def _nothing(node: Node) -> Found:
    return Found(tuple(Tensor(None, None) for _ in node.output), {})
