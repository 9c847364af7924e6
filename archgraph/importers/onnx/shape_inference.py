"""What one node of a file gives, for batches of 2, 3 and 4, by onnx's own shape inference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archgraph.errors import ShapeError
from archgraph.evaluation import followed
from archgraph.tensors import SIZES, Tensor, at_batch, follows_batch

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

__all__ = ["TYPES", "Inference", "Numbers"]

TYPES: dict[int, str] = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64",
    9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64",
    15: "complex128", 16: "bfloat16", 17: "float8_e4m3fn", 18: "float8_e4m3fnuz",
    19: "float8_e5m2", 20: "float8_e5m2fnuz", 21: "uint4", 22: "int4",
}  # fmt: skip
"""PyTorch's names of the element types, by ONNX's numbers (TensorProto.DataType)."""

_NUMBERS = {name: number for number, name in TYPES.items()}

Numbers = tuple[Any, ...]
"""The elements of a small static tensor: one array, or three, for batches of 2, 3 and 4."""

Found = tuple[tuple[Tensor, ...], str | None]


class Read(NamedTuple):
    """What a node reads: by name the tensor, and its numbers where they are known."""

    tensors: Mapping[str, Tensor]
    numbers: Mapping[str, Numbers]


class Inference:
    """Asks onnx what a node gives, once for nodes that are alike."""

    def __init__(self, model: ModelProto) -> None:
        self.imports = [(each.domain, each.version) for each in model.opset_import]
        self.known: dict[tuple[object, ...], Found] = {}

    def outputs(self, node: NodeProto, names: Sequence[str], read: Read) -> tuple[Tensor, ...]:
        """Return the outputs of a node that reads ``names``; what onnx cannot tell is None.

        Raises ShapeError where the inputs contradict what the node says, or where an output's
        extents are neither numbers nor multiples of the batch.
        """
        follows = any(
            follows_batch(read.tensors[name].shape) or len(read.numbers.get(name, ())) > 1
            for name in names
        )
        if not follows:
            return self._asked(node, names, read, 0)
        asked = [self._asked(node, names, read, number) for number in range(len(SIZES))]
        return tuple(followed(*each) for each in zip(*asked, strict=True))

    def _asked(
        self, node: NodeProto, names: Sequence[str], read: Read, size: int
    ) -> tuple[Tensor, ...]:
        inputs = []
        for name in names:
            shape, dtype = read.tensors[name]
            found = read.numbers.get(name)
            array = None if found is None else found[size if len(found) > 1 else 0]
            inputs.append((None if shape is None else at_batch(shape, SIZES[size]), dtype, array))
        key = (
            *_alike(node, names),
            *((s, d, None if a is None else (a.shape, a.tobytes())) for s, d, a in inputs),
        )
        if key not in self.known:
            self.known[key] = self._inferred(node, names, inputs)
        outputs, error = self.known[key]
        if error is not None:
            raise ShapeError(error)
        return outputs

    def _inferred(
        self,
        node: NodeProto,
        names: Sequence[str],
        inputs: Sequence[tuple[Sequence[int | None] | None, str | None, Any]],
    ) -> Found:
        from onnx import ModelProto, NodeProto, numpy_helper, shape_inference

        model = ModelProto(ir_version=10)
        for domain, version in self.imports:
            model.opset_import.add(domain=domain, version=version)
        own = NodeProto()
        own.CopyFrom(node)
        del own.metadata_props[:], own.device_configurations[:]
        model.graph.node.append(own)
        for name, (shape, dtype, array) in zip(names, inputs, strict=True):
            if array is not None:
                model.graph.initializer.append(numpy_helper.from_array(array, name))
                continue
            info = model.graph.input.add(name=name)
            if dtype is not None:
                info.type.tensor_type.elem_type = _NUMBERS[dtype]
            if dtype is not None and shape is not None:
                info.type.tensor_type.shape.SetInParent()
                for extent in shape:
                    dim = info.type.tensor_type.shape.dim.add()
                    if extent is not None:
                        dim.dim_value = extent
        for name in filter(None, node.output):
            model.graph.output.add(name=name)
        unknown = tuple(Tensor(None, None) for _ in node.output)
        try:
            done = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        except Exception as error:  # onnx raises what its C++ threw, of no common class
            inside = any(each.HasField("g") or each.graphs for each in node.attribute)
            return unknown, None if inside else _first_line(error)
        kinds = {info.name: info.type for info in done.graph.output}
        return tuple(_tensor(kinds.get(name)) for name in node.output), None


def _alike(node: NodeProto, names: Sequence[str]) -> tuple[object, ...]:
    """Return what two nodes have in common that differ in names only."""
    kinds = tuple(each.SerializeToString(deterministic=True) for each in node.attribute)
    places = tuple(names.index(name) if name else -1 for name in node.input)
    given = tuple(bool(name) for name in node.output)
    # The graphs inside a node call what they read by name.
    inside = tuple(names) if any(each.HasField("g") for each in node.attribute) else ()
    return node.domain, node.op_type, kinds, places, given, inside


def _tensor(kind: Any) -> Tensor:
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
