"""What one node of a file gives, for each size, by onnx's own shape inference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from archgraph.errors import ShapeError
from archgraph.importers.onnx.microsoft_shapes import outputs_of, standard_form
from archgraph.importers.onnx.nodes import Node
from archgraph.importers.onnx.sampled_sizes import Sizes, varies
from archgraph.open_extents import Point
from archgraph.tensors import Tensor, at_point

if TYPE_CHECKING:
    from onnx import ModelProto, TypeProto

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

    def __init__(self, model: ModelProto, sizes: Sizes) -> None:
        self.imports = [(each.domain, each.version) for each in model.opset_import]
        self.sizes = sizes
        self.known: dict[tuple[object, ...], Found | ShapeError] = {}

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
        follows = any(
            varies(read.tensors[name].shape) or len(read.numbers.get(name, ())) > 1
            for name in node.names
        )
        points = self.sizes.points if follows else self.sizes.points[:1]
        asked = [self._asked(node, read, number) for number in range(len(points))]
        if len(asked) == 1:
            return asked[0]
        tensors = zip(*(each.tensors for each in asked), strict=True)
        return Found(tuple(map(self.sizes.told, tensors)), asked[0].kinds)

    def _asked(self, node: Node, read: Read, size: int) -> Found:
        from onnx import ModelProto, NodeProto, numpy_helper, shape_inference

        unknown = Found(tuple(Tensor(None, None) for _ in node.output), {})
        point, surely, proto = self.sizes.points[size], True, node.proto
        if node.domain not in _DOMAINS:
            theirs = standard_form(node) if node.domain == "com.microsoft" else None
            if theirs is None:
                return self._theirs(node, read, point) or unknown
            proto = theirs
        model = ModelProto(ir_version=10)
        for domain, version in self.imports:
            model.opset_import.add(domain=domain, version=version)
        own = NodeProto()
        own.CopyFrom(proto)
        del own.metadata_props[:], own.device_configurations[:]
        model.graph.node.append(own)
        for name in node.names:
            found = read.numbers.get(name)
            if found is not None:
                array = found[size if len(found) > 1 else 0]
                model.graph.initializer.append(numpy_helper.from_array(array, name))
                continue
            shape, dtype = read.tensors[name]
            surely &= dtype is not None and shape is not None
            info = model.graph.input.add(name=name)
            if name in read.kinds:
                info.type.CopyFrom(read.kinds[name])
            elif dtype is not None:
                info.type.tensor_type.elem_type = _NUMBERS[dtype]
            elif node.domain not in ("", "ai.onnx"):
                return unknown  # inference of other domains crashes for inputs of no type
            if info.type.HasField("tensor_type") and shape is not None:
                info.type.tensor_type.ClearField("shape")
                info.type.tensor_type.shape.SetInParent()
                for extent in at_point(shape, point):
                    dim = info.type.tensor_type.shape.dim.add()
                    if extent is not None:
                        dim.dim_value = extent
        for name in filter(None, proto.output):
            model.graph.output.add(name=name)
        try:
            done = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        except Exception as error:  # onnx raises what its C++ threw, of no common class
            if node.graphs or not surely:
                return unknown
            raise ShapeError(_first_line(error)) from None
        kinds = {info.name: info.type for info in done.graph.output}
        other = {
            place: kinds[name]
            for place, name in enumerate(node.output)
            if name in kinds and kinds[name].WhichOneof("value") and not _is_numbers(kinds[name])
        }
        return Found(tuple(tensor_of(kinds.get(name)) for name in node.output), other)

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


def tensor_of(kind: Any) -> Tensor:
    """Return what a type of onnx says of a tensor; of what is none, nothing is known."""
    if kind is None or not kind.HasField("tensor_type"):
        return Tensor(None, None)
    dtype = TYPES.get(kind.tensor_type.elem_type)
    if not kind.tensor_type.HasField("shape"):
        return Tensor(None, dtype)
    dims = kind.tensor_type.shape.dim
    return Tensor(tuple(d.dim_value if d.HasField("dim_value") else None for d in dims), dtype)


def _first_line(error: Exception) -> str:
    """Return what onnx says is wrong, without its places in C++."""
    text = str(error).strip().partition("\n")[0]
    return text.rpartition("] ")[2].rpartition(": ")[2].strip().rstrip(".") + "."
