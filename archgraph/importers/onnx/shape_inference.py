"""What one node of a file gives, for each size, by onnx's own shape inference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from archgraph.errors import ShapeError
from archgraph.importers.onnx.askable import is_askable, may_follow_numbers
from archgraph.importers.onnx.microsoft_shapes import outputs_of, standard_form
from archgraph.importers.onnx.nodes import Node
from archgraph.importers.onnx.sampled_sizes import Sizes, varies
from archgraph.open_extents import Point
from archgraph.ops.base import broadcast
from archgraph.tensors import Tensor, at_point, is_open

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TypeProto

__all__ = ["TYPES", "Found", "Inference", "Numbers", "Read"]

TYPES: dict[int, str] = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64",
    9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64",
    15: "complex128", 16: "bfloat16", 17: "float8_e4m3fn", 18: "float8_e4m3fnuz",
    19: "float8_e5m2", 20: "float8_e5m2fnuz", 21: "uint4", 22: "int4",
}  # fmt: skip
"""PyTorch's names of the element types, by ONNX's numbers (TensorProto.DataType)."""

_NUMBERS = {name: number for number, name in TYPES.items()}

_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview.training")
"""The domains whose operators onnx knows."""

_FUNCTIONS = {
    **dict.fromkeys(("Add", "Div", "Mul", "Pow", "Sub"), 2),
    **dict.fromkeys(("Erf", "Exp", "Log", "Neg", "Relu", "Sigmoid", "Sqrt", "Tanh"), 1),
}
"""Functions of each element that give the type that they read, and how many tensors they read."""

_LAST_CHANGE = 13
"""The operator set since which all of them are as they are."""

Numbers = tuple[Any, ...]
"""The elements of a small static tensor: one array, or one for each size."""


class Read(NamedTuple):
    """What a node reads: by name the tensor, its numbers where they are known, its kind.

    ``kinds`` are the types of what is no tensor of numbers: sequences, optionals, texts.
    """

    tensors: Mapping[str, Tensor]
    numbers: Mapping[str, Numbers]
    kinds: Mapping[str, TypeProto]


class Found(NamedTuple):
    """What a node gives, and the kinds of what is no tensor of numbers, by output."""

    tensors: tuple[Tensor, ...]
    kinds: Mapping[int, TypeProto]


class Inference:
    """Asks onnx what a node gives, once for nodes that are alike."""

    def __init__(self, model: ModelProto, sizes: Sizes, opset: int) -> None:
        self.imports = [(each.domain, each.version) for each in model.opset_import]
        self.sizes = sizes
        self.opset = opset
        self.known: dict[tuple[object, ...], Found | ShapeError] = {}
        self.types: dict[tuple[Tensor, int], TypeProto] = {}

    def outputs(self, node: Node, read: Read) -> Found:
        """Return the outputs of a node; what onnx cannot tell is None.

        Raises ShapeError where the inputs contradict what the node says, or where an output's
        extents are neither numbers nor multiples of the batch.
        """
        names = node.names
        key = (
            node.kind,
            *(
                (read.tensors[name], _bytes(read.numbers.get(name)), _text(read.kinds.get(name)))
                for name in names
            ),
        )
        found = self.known.get(key)
        if found is None:
            try:
                found = self._found(node, read)
            except ShapeError as error:
                found = error
            self.known[key] = found
        if isinstance(found, ShapeError):
            raise found
        return found

    def _found(self, node: Node, read: Read) -> Found:
        each = self._of_each_element(node, read)
        if each is not None:
            return Found((each,), {})
        follows = any(
            varies(read.tensors[name].shape) or len(read.numbers.get(name, ())) > 1
            for name in node.names
        )
        sizes = range(len(self.sizes.points) if follows else 1)
        asked = self._asked(node, read, sizes)
        if len(asked) == 1:
            return asked[0]
        tensors = zip(*(each.tensors for each in asked), strict=True)
        return Found(tuple(map(self.sizes.told, tensors)), asked[0].kinds)

    def _of_each_element(self, node: Node, read: Read) -> Tensor | None:
        """Return what a function of each element gives, which needs no asking; None for any other.

        Nearly half of the nodes of a network are some.
        """
        count = _FUNCTIONS.get(node.op_type)
        tensors = [read.tensors[name] for name in node.input if name and name not in read.kinds]
        if count != len(tensors) or not count or len(node.input) != count or node.attribute:
            return None
        if not node.standard or len(node.output) != 1 or self.opset < _LAST_CHANGE:
            return None
        shapes, types = zip(*tensors, strict=True)
        if types[0] is None or len(set(types)) > 1:
            return None
        if any(shape is None or None in shape or is_open(shape) for shape in shapes):
            return None
        try:
            return Tensor(broadcast(shapes), types[0])
        except ShapeError:  # in the words of onnx
            return None

    def _asked(self, node: Node, read: Read, sizes: Sequence[int]) -> list[Found]:
        """Return what a node gives for each of these sizes; all are asked for at once."""
        from onnx import ModelProto, shape_inference

        unknown = Found(tuple(Tensor(None, None) for _ in node.output), {})
        proto = node.proto
        if node.domain not in _DOMAINS:
            theirs = standard_form(node) if node.domain == "com.microsoft" else None
            if theirs is None:
                points = [self.sizes.points[size] for size in sizes]
                return [self._theirs(node, read, point) or unknown for point in points]
            proto = theirs
        standard = node.domain in ("", "ai.onnx")
        told = [read.tensors[name] for name in node.names if name not in read.numbers]
        typed = all(tensor.dtype is not None for tensor in told)
        if not standard and not all(
            name in read.numbers or name in read.kinds or read.tensors[name].dtype is not None
            for name in node.names
        ):
            return [unknown] * len(sizes)  # inference of other domains crashes for these
        if not is_askable(node, self.opset, read.tensors, read.numbers):
            return [unknown] * len(sizes)
        if node.graphs and len(sizes) > 1:  # which call what they read by name
            return [each for size in sizes for each in self._asked(node, read, [size])]
        model = ModelProto(ir_version=10)
        for domain, version in self.imports:
            model.opset_import.add(domain=domain, version=version)
        for size in sizes:
            self._put(model.graph, node, proto, read, size, f"{size}:" if len(sizes) > 1 else "")
        try:
            done = shape_inference.infer_shapes(
                model,
                strict_mode=True,
                data_prop=may_follow_numbers(node, read.tensors, read.numbers),
            )
        except Exception as error:  # onnx raises what its C++ threw, of no common class
            if len(sizes) > 1:
                return [each for size in sizes for each in self._asked(node, read, [size])]
            if node.graphs or not typed or any(tensor.shape is None for tensor in told):
                return [unknown]
            raise ShapeError(_first_line(error)) from None
        kinds = {info.name: info.type for info in done.graph.output}
        found = []
        for size in sizes:
            mark = f"{size}:" if len(sizes) > 1 else ""
            given = [kinds.get(mark + name) if name else None for name in node.output]
            other = {
                place: kind
                for place, kind in enumerate(given)
                if kind is not None and kind.WhichOneof("value") and not _is_numbers(kind)
            }
            found.append(Found(tuple(map(tensor_of, given)), other))
        return found

    def _put(
        self, graph: GraphProto, node: Node, proto: NodeProto, read: Read, size: int, mark: str
    ) -> None:
        """Put a node into a graph with what it reads for one size, its names behind a mark."""
        from onnx import numpy_helper

        own = graph.node.add()
        own.CopyFrom(proto)
        del own.metadata_props[:], own.device_configurations[:]
        if mark:
            own.input[:] = [name and mark + name for name in proto.input]
            own.output[:] = [name and mark + name for name in proto.output]
        for name in node.names:
            numbers = read.numbers.get(name)
            if numbers is not None:
                array = numbers[size if len(numbers) > 1 else 0]
                graph.initializer.append(numpy_helper.from_array(array, mark + name))
                continue
            shape, dtype = read.tensors[name]
            kind = graph.input.add(name=mark + name).type
            if name in read.kinds:
                kind.CopyFrom(read.kinds[name])
                if shape is not None and kind.HasField("tensor_type"):
                    told = self._type(Tensor(shape), size).tensor_type.shape
                    kind.tensor_type.shape.CopyFrom(told)
            elif dtype is not None:
                kind.CopyFrom(self._type(read.tensors[name], size))
            else:  # of some operators onnx asks the type unseen, and would crash were there none
                kind.tensor_type.SetInParent()
        for name in filter(None, proto.output):
            graph.output.add(name=mark + name)

    def _type(self, tensor: Tensor, size: int) -> TypeProto:
        """Return a tensor of known type for one size as onnx says it."""
        from onnx import TypeProto

        found = self.types.get((tensor, size))
        if found is None:
            found = self.types[tensor, size] = TypeProto()
            found.tensor_type.elem_type = _NUMBERS[tensor.dtype or ""]
            if tensor.shape is not None:
                shape = found.tensor_type.shape
                shape.SetInParent()
                for extent in at_point(tensor.shape, self.sizes.points[size]):
                    shape.dim.add(dim_value=extent)
        return found

    def _theirs(self, node: Node, read: Read, point: Point) -> Found | None:
        """Return what an operator of another domain gives, where that is known."""
        if node.domain != "com.microsoft":
            return None
        tensors = []
        for name in node.input:
            shape, dtype = read.tensors[name] if name else Tensor(None, None)
            tensors.append(Tensor(None if shape is None else at_point(shape, point), dtype))
        outputs = outputs_of(node, tensors)
        return None if outputs is None else Found(outputs, {})


def _is_numbers(kind: TypeProto) -> bool:
    return kind.HasField("tensor_type") and kind.tensor_type.elem_type in TYPES


def _bytes(numbers: Numbers | None) -> object:
    return None if numbers is None else tuple((a.shape, a.dtype, a.tobytes()) for a in numbers)


def _text(kind: TypeProto | None) -> bytes | None:
    return None if kind is None else kind.SerializeToString(deterministic=True)


def tensor_of(kind: TypeProto | None) -> Tensor:
    """Return what a type of onnx says of a tensor; of what is none, nothing is known."""
    return Tensor(None, None) if kind is None else _tensor_of(kind.SerializeToString())


@lru_cache(maxsize=1024)
def _tensor_of(text: bytes) -> Tensor:
    from onnx import TypeProto

    kind = TypeProto.FromString(text)
    if not kind.HasField("tensor_type"):
        return Tensor(None, None)
    dtype = TYPES.get(kind.tensor_type.elem_type)
    if not kind.tensor_type.HasField("shape"):
        return Tensor(None, dtype)
    dims = kind.tensor_type.shape.dim
    shape = tuple(d.dim_value if d.HasField("dim_value") else None for d in dims)
    if any(extent is not None and extent < 0 for extent in shape):
        raise ShapeError("its output would have an extent below 0.")
    return Tensor(shape, dtype)


def _first_line(error: Exception) -> str:
    """Return what onnx says is wrong, without its places in C++."""
    text = str(error).strip().partition("\n")[0]
    return text.rpartition("] ")[2].rpartition(": ")[2].strip().rstrip(".") + "."
