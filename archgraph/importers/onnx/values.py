"""What is known of each value of a model before its operators are read.

A value is static when it does not depend on what the user gives: a weight, a constant, the shape
of a tensor. Everything else is an edge of the graph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

from archgraph.errors import ShapeError
from archgraph.evaluation import followed
from archgraph.importers.onnx.folding import LARGEST, computed, constant_of
from archgraph.importers.onnx.inputs import Given
from archgraph.importers.onnx.sequences import part_of, parts_of
from archgraph.importers.onnx.shape_inference import TYPES, Inference, Numbers, Read
from archgraph.tensors import SIZES, Batch, N, Tensor, at_batch, follows_batch, is_known

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto

__all__ = [
    "STATE_KEY",
    "Source",
    "Static",
    "Values",
    "is_static",
    "read_by",
    "source_of",
    "understand",
]

_MOVES = frozenset({
    "Cast", "CastLike", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze",
})  # fmt: skip
"""What gives all elements of one tensor, in this or another order."""

_SAME_FILL = _MOVES | {"Concat", "Expand", "Gather", "Slice", "Split", "Tile"}
"""What gives nothing but elements of what it reads."""

STATE_KEY = re.compile(r"[A-Za-z_]\w*(\.\w+)+")
"""A key of a state dict: ``features.1.0.layer_scale``; exporters call constants otherwise."""


@dataclass(frozen=True, slots=True)
class Source:
    """A tensor that is stored in the file; ``proto`` holds its numbers where they are there.

    ``made`` says that a node makes it from its shape alone, as in files whose weights were taken
    out.
    """

    tensor: Tensor
    proto: TensorProto | None = None
    made: bool = False


@dataclass(frozen=True, slots=True)
class Static:
    """A value that the user's data does not change.

    ``numbers`` are its elements where they are few and known. ``root`` is the stored tensor that
    it is, perhaps in another shape; ``turned`` says whether as its transpose, and is None where
    its elements are in another order. ``sources`` are all stored tensors that it is computed
    from, ``fill`` the number that all its elements are.
    """

    tensor: Tensor
    numbers: Numbers | None = None
    root: str = ""
    turned: bool | None = None
    sources: frozenset[str] = frozenset()
    fill: float | None = None


@dataclass(slots=True)
class Values:
    """The values of a model by name, with whole shapes.

    ``refusals`` are the nodes, by number, that contradict what they read, and what is wrong.
    """

    opset: int
    inputs: dict[str, Tensor]
    tensors: dict[str, Tensor] = field(default_factory=dict)
    static: dict[str, Static] = field(default_factory=dict)
    stored: dict[str, Source] = field(default_factory=dict)
    refusals: dict[int, str] = field(default_factory=dict)

    def tensor(self, name: str) -> Tensor:
        """Return what is known of a value."""
        return self.tensors.get(name, Tensor(None, None))


def read_by(node: NodeProto) -> Iterator[str]:
    """Yield the values that a node reads, those that the graphs inside it read included."""
    yield from filter(None, node.input)
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            own = {info.name for info in graph.input} | {t.name for t in graph.initializer}
            for inside in graph.node:
                yield from (name for name in read_by(inside) if name not in own)
                own.update(inside.output)


def is_static(node: NodeProto, static: Iterable[str]) -> bool:
    """Return whether a node's results do not depend on the user's data."""
    if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
        return False
    if node.op_type in ("Shape", "Size"):
        return True
    if node.op_type.startswith(("Random", "Multinomial", "Bernoulli")):
        return False
    read = node.input[:1] if node.op_type == "CastLike" else node.input
    return all(not name or name in static for name in read)


def understand(
    model: ModelProto, given: Given, inputs: Mapping[str, Tensor], stored: Mapping[str, Source]
) -> Values:
    """Return what is known of the values of a model whose inputs are these."""
    opsets = {each.domain: each.version for each in model.opset_import}
    opset = opsets.get("", opsets.get("ai.onnx", 1))
    values = Values(opset, dict(inputs), stored=dict(stored))
    values.tensors |= inputs
    for name, source in stored.items():
        values.tensors[name] = source.tensor
        values.static[name] = _source(name, source)
    noted = {info.name: info for info in (*model.graph.output, *model.graph.value_info)}
    follower = _Follower(values, Inference(model), given, noted)
    for number, node in enumerate(model.graph.node):
        follower.follow(number, node)
    return values


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
        self.open = any(follows_batch(each.shape) for each in values.inputs.values())

    def follow(self, number: int, node: NodeProto) -> None:
        """Note what a node gives."""
        values = self.values
        if node.op_type == "Constant":
            proto = constant_of(node)
            if proto is not None and node.output:
                source = source_of(proto)
                values.stored[node.output[0]] = source
                values.tensors[node.output[0]] = source.tensor
                values.static[node.output[0]] = _source(node.output[0], source)
                return
        static = is_static(node, values.static)
        try:
            outputs = self._outputs(node)
        except ShapeError as error:
            values.refusals[number] = str(error)
            outputs = tuple(Tensor(None, None) for _ in node.output)
        outputs = tuple(
            self._noted(name, tensor) for name, tensor in zip(node.output, outputs, strict=True)
        )
        for name, tensor in zip(node.output, outputs, strict=True):
            if name:
                values.tensors[name] = tensor
        if static:
            self._add_static(node, outputs)

    def _outputs(self, node: NodeProto) -> tuple[Tensor, ...]:
        values = self.values
        if node.op_type == "Reshape" and len(node.input) > 1:
            reshaped = self._reshaped(node)
            if reshaped is not None:
                return (reshaped,)
        if node.op_type == "SplitToSequence":
            sizes = values.static.get(node.input[1]) if len(node.input) > 1 else None
            numbers = None if sizes is None or sizes.numbers is None else sizes.numbers[0]
            parts = parts_of(node, values.tensor(node.input[0]), numbers)
            for place, part in enumerate(parts or ()):
                values.tensors[part_of(node.output[0], place)] = part
            return (parts[0] if parts else Tensor(None, None),)
        if node.op_type == "SequenceAt":
            at = values.static.get(node.input[1])
            if at is not None and at.numbers is not None:
                return (values.tensor(part_of(node.input[0], int(at.numbers[0]))),)
        names = list(dict.fromkeys(read_by(node)))
        tensors = {name: values.tensor(name) for name in names}
        # Whole numbers may be sizes and axes; of others only these operators make sizes.
        sized = node.op_type in ("Range", "Resize", "Upsample")
        known = {
            name: found.numbers
            for name in names
            if (found := values.static.get(name)) is not None
            and found.numbers is not None
            and (sized or not str(found.tensor.dtype).startswith(("float", "bfloat")))
        }
        return self.inference.outputs(node, names, Read(tensors, known))

    def _reshaped(self, node: NodeProto) -> Tensor | None:
        """Return what a Reshape gives, where both its shape and its input's are known.

        A file that fixes its batch has it in its constant shapes too: where axis 0 of the input
        follows the batch, axis 0 of the shape carries it, if the elements are as many.
        """
        source, target = self.values.tensor(node.input[0]), self.values.static.get(node.input[1])
        if target is None or target.numbers is None or not is_known(source):
            return None
        keep = any(each.name == "allowzero" and each.i for each in node.attribute)
        shape = source.shape or ()
        numbers = [each.reshape(-1).tolist() for each in target.numbers]
        fixed = self.given.fixed
        if len(numbers) == 1 and fixed and shape and type(shape[0]) is Batch:
            carried = _carried(shape, numbers[0], fixed)
            if carried is not None:
                return Tensor(carried, source.dtype)
        sizes = range(3) if len(numbers) > 1 or follows_batch(shape) else range(1)
        found = []
        for size in sizes:
            wanted = numbers[size if len(numbers) > 1 else 0]
            there = at_batch(shape, SIZES[size])
            found.append(Tensor(_filled(there, wanted, keep), source.dtype))
        return followed(found[0], found[1], found[2]) if len(found) > 1 else found[0]

    def _noted(self, name: str, tensor: Tensor) -> Tensor:
        """Complete what could not be inferred by what the file notes, for the size it notes."""
        if is_known(tensor) or name not in self.noted or not self.given.as_noted:
            return tensor
        kind = self.noted[name].type.tensor_type
        dtype = tensor.dtype or TYPES.get(kind.elem_type)
        if not kind.HasField("shape"):
            return Tensor(tensor.shape, dtype)
        words = [d.dim_value if d.HasField("dim_value") else d.dim_param for d in kind.shape.dim]
        batch = self.given.fixed if self.open else None
        shape: list[int | None] = [word if isinstance(word, int) else None for word in words]
        if shape and self.open and (words[0] == batch or (batch is None and not shape[0])):
            shape[0] = N
        if tensor.shape is not None and len(tensor.shape) == len(shape):
            shape = [
                old if old is not None else new
                for old, new in zip(tensor.shape, shape, strict=True)
            ]
        return Tensor(tuple(shape), dtype)

    def _add_static(self, node: NodeProto, outputs: Sequence[Tensor]) -> None:
        values, numbers = self.values, self._numbers(node, outputs)
        read = [values.static[name] for name in node.input if name in values.static]
        sources = frozenset().union(*(each.sources for each in read))
        if node.op_type in ("Shape", "Size"):
            sources = frozenset()
        first = read[0] if read and node.input[0] in values.static else None
        root, turned = _moved(node, first)
        fill = _fill(node, read)
        for place, (name, tensor) in enumerate(zip(node.output, outputs, strict=True)):
            if not name:
                continue
            found = None if numbers is None else tuple(each[place] for each in numbers)
            if node.op_type == "Identity" and fill is not None and STATE_KEY.fullmatch(name):
                # torch's older exporter merges vectors of equal first values, ones or zeros.
                values.stored[name] = values.stored.get(root, Source(tensor))
                values.static[name] = Static(tensor, found, name, False, frozenset({name}), fill)
                continue
            made = node.op_type == "ConstantOfShape" and node.input[0] in values.stored
            if made and is_known(tensor) and not follows_batch(tensor.shape):
                values.stored[name] = Source(tensor, None, True)
                values.static[name] = Static(tensor, found, name, False, frozenset({name}), fill)
                continue
            if found is not None:
                fill = _only(found[0]) if len(found) == 1 else fill
            values.static[name] = Static(tensor, found, root, turned, sources, fill)

    def _numbers(self, node: NodeProto, outputs: Sequence[Tensor]) -> list[list[Any]] | None:
        """Return the results in numbers, for one batch or for 2, 3 and 4; None where unknown."""
        import numpy as np

        values = self.values
        if not all(is_known(each) and prod(each.shape or ()) <= LARGEST for each in outputs):
            return None
        if node.op_type in ("Shape", "Size"):
            shape = values.tensor(node.input[0]).shape
            if shape is None or None in shape:
                return None
            # Its numbers do not matter, and take no memory.
            sizes = (2, 3, 4) if follows_batch(shape) else (1,)
            inputs: list[list[Any]] = [
                [np.broadcast_to(np.zeros((), np.int8), at_batch(shape, n))] for n in sizes
            ]
        else:
            given: list[Numbers | None] = []
            for name in node.input[:1] if node.op_type == "CastLike" else node.input:
                read = values.static.get(name)
                if name and (read is None or read.numbers is None):
                    return None
                given.append(None if read is None else read.numbers)
            count = max((len(each) for each in given if each is not None), default=1)
            inputs = [
                [None if each is None else each[i % len(each)] for each in given]
                for i in range(count)
            ]
        results = []
        for arrays in inputs:
            found_now = computed(node, arrays, values.opset, outputs[0].dtype)
            if found_now is None or len(found_now) < len(node.output):
                return None
            results.append(found_now)
        if len(results) > 1 and all(
            np.array_equal(a, b) and np.array_equal(a, c) for a, b, c in zip(*results, strict=True)
        ):
            return results[:1]
        return results


def _carried(
    shape: Sequence[int], wanted: Sequence[int], fixed: int
) -> tuple[int | None, ...] | None:
    """Return a constant shape with the batch on axis 0, where the elements are as many."""
    if not wanted or wanted[0] < 1 or wanted[0] % fixed or Batch in map(type, shape[1:]):
        return None
    target = [shape[i] if w == 0 and i < len(shape) else w for i, w in enumerate(wanted)]
    total, known = prod(shape) * fixed, prod(each for each in target if each != -1)
    if -1 in target:
        if not known or total % known:
            return None
        target[target.index(-1)] = total // known
    elif known != total:
        return None
    return (Batch(wanted[0] // fixed), *target[1:])


def _filled(shape: Sequence[int], wanted: Sequence[int], keep: bool) -> tuple[int, ...]:
    """Return what a Reshape's numbers mean for an input of this shape; ShapeError if it cannot."""
    target = [
        shape[axis] if word == 0 and not keep and axis < len(shape) else word
        for axis, word in enumerate(wanted)
    ]
    total, known = prod(shape), prod(each for each in target if each != -1)
    if target.count(-1) == 1 and known and total % known == 0:
        target[target.index(-1)] = total // known
        known = total
    if known != total or min(target, default=0) < 0:
        raise ShapeError(
            f"it cannot give {'×'.join(map(str, shape))}, {total:,} elements, the shape "
            f"{'×'.join(map(str, wanted))}."
        )
    return tuple(target)


def _moved(node: NodeProto, first: Static | None) -> tuple[str, bool | None]:
    """Return the stored tensor that a result is, and whether as its transpose."""
    if first is None or not first.root or node.op_type not in _MOVES:
        return "", None
    if node.op_type != "Transpose" or first.turned is None:
        return first.root, first.turned
    rank = len(first.tensor.shape or ())
    order = next((list(a.ints) for a in node.attribute if a.name == "perm"), [*range(rank)][::-1])
    if order == [*range(rank)]:
        return first.root, first.turned
    return first.root, (not first.turned) if order == [1, 0] else None


def _fill(node: NodeProto, read: Sequence[Static]) -> float | None:
    if node.op_type == "ConstantOfShape":
        from onnx import numpy_helper

        for attribute in node.attribute:
            return float(numpy_helper.to_array(attribute.t).reshape(-1)[0])
        return 0.0
    if node.op_type not in _SAME_FILL or not read:
        return None
    data = read if node.op_type == "Concat" else read[:1]
    fills = {each.fill for each in data}
    return fills.pop() if len(fills) == 1 else None


def _only(array: Any) -> float | None:
    """Return the number that all elements of a small array are."""
    if not array.size or array.dtype.kind not in "fiub":
        return None
    first = array.reshape(-1)[0]
    return float(first) if bool((array == first).all()) else None


def _source(name: str, source: Source) -> Static:
    """Return what is known of a stored tensor, with its numbers where they are few."""
    from onnx import numpy_helper

    numbers = None
    shape = source.tensor.shape or ()
    if source.proto is not None and prod(shape) <= LARGEST:
        try:
            numbers = (numpy_helper.to_array(source.proto),)
        except (TypeError, ValueError):
            numbers = None
        if numbers is not None and numbers[0].shape != shape:
            numbers = None
    fill = None if numbers is None else _only(numbers[0])
    return Static(source.tensor, numbers, name, False, frozenset({name}), fill)


def source_of(tensor: TensorProto) -> Source:
    """Return a tensor of the file as a stored one."""
    outside = tensor.data_location == 1
    known = Tensor(tuple(tensor.dims), TYPES.get(tensor.data_type))
    return Source(known, None if outside else tensor)
