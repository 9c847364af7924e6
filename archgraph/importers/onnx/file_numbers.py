"""The numbers of any value of a file that no input changes: stored, or computed from what is.

Unlike the folding of sizes this knows no limit, and it opens the files beside the model that hold
external data: it is for who asks for the weights, such as an export.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.errors import FileError, FormatError
from archgraph.importers.onnx.call import Weight
from archgraph.importers.onnx.folding import constant_of, run_node
from archgraph.importers.onnx.stored_numbers import Data
from archgraph.importers.onnx.values import Values

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

__all__ = ["FileNumbers"]

_INDEX = re.compile(r"(\d*):(\d*)|(\d+)")


class FileNumbers:
    """Finds the numbers of a model's static values; they are mapped where they lie in a file."""

    def __init__(self, model: ModelProto, data: Data, values: Values) -> None:
        self._data, self._values = data, values
        self._model = model

    @cached_property
    def _stored(self) -> dict[str, TensorProto]:
        return {tensor.name: tensor for tensor in self._model.graph.initializer}

    @cached_property
    def _makers(self) -> dict[str, NodeProto]:
        return {name: node for node in self._model.graph.node for name in node.output if name}

    def weight(self, weight: Weight) -> Any:
        """Return the numbers of a stored tensor as a network has it.

        Raises FormatError for what cannot be computed, FileError where external data is missing.
        """
        found = self.value(weight.value)
        if weight.part:
            found = found[_index(weight.part)]
        if weight.gates:
            found = _reordered(found, weight.gates)
        return found if weight.shape is None else found.reshape(weight.shape)

    def value(self, name: str) -> Any:
        """Return the numbers of a value."""
        if name in self._stored:
            return self._tensor(self._stored[name])
        known = self._values.static.get(name)
        if known is not None and known.numbers is not None and len(known.numbers) == 1:
            return known.numbers[0]
        node = self._makers.get(name)
        if node is None:
            raise FormatError(f"'{self._data.path}' does not hold the numbers of '{name}'.")
        if node.op_type == "Constant":
            held = constant_of(node)
            if held is not None:
                return self._tensor(held, name)
        return self._computed(node)[list(node.output).index(name)]

    def _computed(self, node: NodeProto) -> list[Any]:
        inputs = [self.value(name) if name else None for name in node.input]
        found = run_node(node, inputs, self._values.opset)
        if found is None:
            raise FormatError(
                f"the weights that {node.op_type} '{node.name or node.output[0]}' of "
                f"'{self._data.path}' makes cannot be computed here."
            )
        return found

    def _tensor(self, tensor: TensorProto, name: str = "") -> Any:
        if tensor.data_location == 1:
            return _external(tensor, self._data.path)
        found = self._data.array(tensor, name)
        if found is None:
            raise FormatError(f"'{self._data.path}' is damaged: '{tensor.name}' is cut off.")
        return found


def _index(part: str) -> tuple[int | slice, ...]:
    """Return what stands in brackets: ``[0, 4:]``."""
    found: list[int | slice] = []
    for first, last, one in _INDEX.findall(part):
        found.append(int(one) if one else slice(*(int(e) if e else None for e in (first, last))))
    return tuple(found)


def _reordered(array: Any, gates: tuple[int, ...]) -> Any:
    """Return rows of gates in another order: at place n those that stood at ``gates[n]``."""
    import numpy as np

    parts = np.split(array, len(gates))
    return np.concatenate([parts[place] for place in gates])


def _external(tensor: TensorProto, model: Path) -> Any:
    """Return the numbers of a tensor that lie in a file in the model's folder, mapped."""
    import numpy as np
    from onnx import helper

    told = {entry.key: entry.value for entry in tensor.external_data}
    location = told.get("location", "")
    folder = model.parent.resolve()
    file = (folder / location).resolve()
    if not location or not file.is_relative_to(folder):
        raise FileError(
            f"'{model}' keeps '{tensor.name}' in '{location}', which is not in its folder, so it "
            "is not opened."
        )
    shape, dtype = tuple(tensor.dims), np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type))
    try:
        return np.memmap(file, dtype, "c", int(told.get("offset", 0)), shape)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(
            f"'{model}' keeps '{tensor.name}' in '{location}', which cannot be read: {reason}."
        ) from None
