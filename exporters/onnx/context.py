"""What a lowering works with: the node at hand, its values, and where new ONNX nodes go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from onnx import NodeProto, TensorProto, helper

from archgraph.errors import ExportError
from archgraph.tensors import Batch, Shape, Tensor, follows_batch

__all__ = ["ELEMENT_TYPES", "BatchSource", "Constant", "Context", "numpy_type"]

ELEMENT_TYPES: dict[str, int] = {
    "float64": TensorProto.DOUBLE,
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT16,
    "bfloat16": TensorProto.BFLOAT16,
    "float8_e4m3fn": TensorProto.FLOAT8E4M3FN,
    "float8_e4m3fnuz": TensorProto.FLOAT8E4M3FNUZ,
    "float8_e5m2": TensorProto.FLOAT8E5M2,
    "float8_e5m2fnuz": TensorProto.FLOAT8E5M2FNUZ,
    "complex64": TensorProto.COMPLEX64,
    "complex128": TensorProto.COMPLEX128,
    "int64": TensorProto.INT64,
    "int32": TensorProto.INT32,
    "int16": TensorProto.INT16,
    "int8": TensorProto.INT8,
    "uint64": TensorProto.UINT64,
    "uint32": TensorProto.UINT32,
    "uint16": TensorProto.UINT16,
    "uint8": TensorProto.UINT8,
    "int4": TensorProto.INT4,
    "uint4": TensorProto.UINT4,
    "bool": TensorProto.BOOL,
}
"""The ONNX element type of each of PyTorch's."""


def numpy_type(dtype: str) -> np.dtype[Any]:
    """Return numpy's type for an element type; float32 for the short floats that it lacks."""
    return np.dtype(
        dtype if dtype in np.sctypeDict and not dtype.startswith("bfloat") else "float32"
    )


@dataclass(frozen=True, slots=True)
class Constant:
    """A small tensor that a lowering needs, such as the bounds of a slice."""

    name: str
    values: np.ndarray[Any, Any]


class BatchSource(NamedTuple):
    """A value from whose extents the batch is read: an axis of it is ``times`` · N."""

    value: str
    axis: int
    times: int


@dataclass(slots=True)
class Context:
    """One operator being written.

    ``node`` is the graph's name for it, ``inputs`` the names of the values that it reads,
    ``read`` their whole shapes and element types, ``given`` those of its outputs, which must get
    the names ``outputs``. An extent that follows an open batch is a ``Batch``. Where the inputs'
    maps are ``open``, their heights and widths are only those of one image size among others.
    ``keys`` are the keys of its tensors by role, ``batch`` says where an open batch is found.
    Lowerings add nodes with ``emit``; those without a ``part`` make the outputs.
    """

    node: str
    inputs: tuple[str, ...]
    read: tuple[Tensor, ...]
    given: tuple[Tensor, ...]
    outputs: tuple[str, ...]
    opset: int
    open: bool
    keys: Mapping[str, str]
    batch: BatchSource | None
    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    """Keys of the stored tensors that were asked for."""
    held: dict[str, str] = field(default_factory=dict)

    # ---- what is at hand -----------------------------------------------------------------

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The whole shapes of the inputs."""
        return tuple(each.shape or () for each in self.read)

    @property
    def shape(self) -> Shape:
        """The whole shape of the first output."""
        return self.given[0].shape or ()

    @property
    def dtype(self) -> str:
        """The element type of the first output."""
        return self.given[0].dtype or "float32"

    @property
    def elements(self) -> int:
        """The ONNX element type of the first output."""
        return ELEMENT_TYPES[self.dtype]

    def refuse(self, reason: str) -> ExportError:
        """Return the error that says why ONNX cannot hold the node."""
        return ExportError(f"node '{self.node}': {reason}")

    def parameter(self, role: str) -> str:
        """Return the name of one of the operator's tensors: its key in the state dict."""
        key = self.keys[role]
        self.used.append(key)
        return key

    # ---- nodes ---------------------------------------------------------------------------

    def emit(self, op_type: str, *inputs: str, part: str | None = None, **attributes: Any) -> str:
        """Add one ONNX node and return its output's name.

        ``part`` names an inner step; without it the node bears the graph's name and gives the
        operator's output.
        """
        outputs = self.outputs[:1] if part is None else (f"{self.node}.{part}",)
        return self.several(op_type, inputs, outputs, part, **attributes)[0]

    def several(
        self,
        op_type: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        part: str | None = None,
        **attributes: Any,
    ) -> Sequence[str]:
        """Add one ONNX node with outputs of these names, and return them."""
        name = self.node if part is None else f"{self.node}.{part}"
        self.nodes.append(
            helper.make_node(op_type, list(inputs), list(outputs), name=name, **attributes)
        )
        return outputs

    def cast(self, value: str, before: str | None, dtype: str, part: str) -> str:
        """Return a value in an element type, itself where it has that."""
        if before == dtype:
            return value
        return self.emit("Cast", value, part=part, to=ELEMENT_TYPES[dtype])

    def alike(self, dtype: str | None = None) -> list[str]:
        """Return the inputs in one element type, by default that of the output."""
        wanted = dtype or self.dtype
        return [
            self.cast(value, tensor.dtype, wanted, f"cast{place}")
            for place, (value, tensor) in enumerate(zip(self.inputs, self.read, strict=True))
        ]

    # ---- constants -----------------------------------------------------------------------

    def integers(self, part: str, *values: int) -> str:
        """Add a constant list of integers and return its name."""
        return self.constant(part, np.array(values, dtype=np.int64))

    def integer(self, part: str, value: int) -> str:
        """Add a constant integer that is no list and return its name."""
        return self.constant(part, np.array(value, dtype=np.int64))

    def column(self, part: str, values: Iterable[int]) -> str:
        """Add a constant matrix of integers with one column and return its name."""
        return self.constant(part, np.array(list(values), dtype=np.int64)[:, None])

    def floats(self, part: str, values: np.ndarray[Any, Any]) -> str:
        """Add a constant tensor of the output's floats and return its name."""
        kind = self.dtype if self.dtype.startswith("float") else "float32"
        return self.constant(part, values.astype(numpy_type(kind)))

    def number(self, part: str, value: float, dtype: str | None = None) -> str:
        """Add a constant number of an element type, by default the output's."""
        return self.constant(part, np.array(value, dtype=numpy_type(dtype or self.dtype)))

    def constant(self, part: str, values: np.ndarray[Any, Any]) -> str:
        """Add a constant tensor and return its name; one of the same name is there already."""
        name = f"{self.node}.{part}"
        if all(each.name != name for each in self.constants):
            self.constants.append(Constant(name, values))
        return name

    # ---- sizes ---------------------------------------------------------------------------

    def batch_size(self) -> str:
        """Return the name of a list of one number: the batch."""
        if "batch" not in self.held:
            if self.batch is None:
                raise self.refuse("its size follows the batch, but no input of the network does.")
            value, axis, times = self.batch
            for name, tensor in zip(self.inputs, self.read, strict=True):
                found = [i for i, each in enumerate(tensor.shape or ()) if type(each) is Batch]
                if found:  # the nearest value that knows it
                    value, axis = name, found[0]
                    times = int((tensor.shape or ())[axis])
                    break
            extents = self.emit("Shape", value, part="extents")
            size = self.emit("Gather", extents, self.integers("axis", axis), part="extent")
            if times > 1:
                size = self.emit("Div", size, self.integers("times", times), part="batch")
            self.held["batch"] = size
        return self.held["batch"]

    def sizes(self, part: str, shape: Sequence[int]) -> str:
        """Return the name of a list of integers: a shape, computed where it follows the batch.

        What was computed under the same name is there already.
        """
        if not follows_batch(shape):
            return self.integers(part, *shape)
        if part not in self.held:
            self.held[part] = self._computed(part, shape)
        return self.held[part]

    def _computed(self, part: str, shape: Sequence[int]) -> str:
        pieces: list[str] = []
        plain: list[int] = []
        for place, each in enumerate([*shape, None]):
            if type(each) is int:
                plain.append(each)
                continue
            if plain:
                pieces.append(self.integers(f"{part}.{place}", *plain))
                plain = []
            if each is not None:
                pieces.append(self._times_batch(int(each)))
        if len(pieces) == 1:
            return pieces[0]
        return self.emit("Concat", *pieces, part=part, axis=0)

    def _times_batch(self, times: int) -> str:
        if times == 1:
            return self.batch_size()
        name = f"times{times}"
        if name not in self.held:
            factor = self.integers(f"{name}.factor", times)
            self.held[name] = self.emit("Mul", self.batch_size(), factor, part=name)
        return self.held[name]

    def reshaped(
        self, value: str, shape: Sequence[int], part: str | None = None, before: Shape = ()
    ) -> str:
        """Add a Reshape to a shape of which one extent may follow an open batch by itself.

        An extent that ``before``, the value's shape, has in the same place is copied.
        """
        if 0 not in shape:
            shape = [
                0 if type(each) is Batch and before[place : place + 1] == (each,) else each
                for place, each in enumerate(shape)
            ]
        following = [type(each) is Batch for each in shape]
        if sum(following) == 1 and (0 not in shape or before):
            shape = [
                -1 if follows else each for follows, each in zip(following, shape, strict=True)
            ]
        to = self.sizes(f"{part or 'reshape'}.shape", [*shape])
        return self.emit("Reshape", value, to, part=part)
