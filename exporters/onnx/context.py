"""What a lowering works with: the node at hand, its values, and where new ONNX nodes go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper

from archgraph.ops import Shape

__all__ = ["Constant", "Context"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A small tensor that a lowering needs, such as the bounds of a slice."""

    name: str
    values: np.ndarray[Any, Any]


@dataclass(slots=True)
class Context:
    """One operator being written.

    ``node`` is the graph's name for it, ``inputs`` the names of the values that it reads,
    ``shapes`` theirs and ``shape`` its own, without the batch axis; where the inputs' maps are
    ``open``, their heights and widths are only those of one image size among others. ``elements``
    is the ONNX type of the activations. Lowerings add nodes with ``emit``; the last one they add
    must produce ``output``.
    """

    node: str
    inputs: tuple[str, ...]
    shapes: tuple[Shape, ...]
    shape: Shape
    opset: int
    elements: int
    open: bool
    output: str
    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)

    def emit(self, op_type: str, *inputs: str, part: str | None = None, **attributes: Any) -> str:
        """Add one ONNX node and return its output's name.

        ``part`` names an inner step; without it the node bears the graph's name and gives the
        operator's output.
        """
        name = self.node if part is None else f"{self.node}.{part}"
        output = self.output if part is None else name
        self.nodes.append(
            helper.make_node(op_type, list(inputs), [output], name=name, **attributes)
        )
        return output

    def integers(self, part: str, *values: int) -> str:
        """Add a constant list of integers and return its name."""
        return self._constant(part, np.array(values, dtype=np.int64))

    def integer(self, part: str, value: int) -> str:
        """Add a constant integer that is no list and return its name."""
        return self._constant(part, np.array(value, dtype=np.int64))

    def column(self, part: str, values: Iterable[int]) -> str:
        """Add a constant matrix of integers with one column and return its name."""
        return self._constant(part, np.array(list(values), dtype=np.int64)[:, None])

    def floats(self, part: str, values: np.ndarray[Any, Any]) -> str:
        """Add a constant tensor of 32-bit floats and return its name."""
        return self._constant(part, values.astype(np.float32))

    def parameter(self, key: str) -> str:
        """Return the name of one of the operator's tensors, as in the state dict."""
        return f"{self.node}.{key}"

    def _constant(self, part: str, values: np.ndarray[Any, Any]) -> str:
        name = f"{self.node}.{part}"
        self.constants.append(Constant(name, values))
        return name


ELEMENT_TYPES = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16}
"""The ONNX element type of the weights and activations, by precision."""
