"""The numbers of any value of a file that no input changes: stored, or computed from what is.

Unlike the folding of sizes it computes large tensors too, and it opens the files beside the model
that hold external data: it is for who asks for the weights, such as an export.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archgraph.errors import FormatError
from archgraph.importers.onnx.call import Weight
from archgraph.importers.onnx.external_data import external_numbers, sizes_beside
from archgraph.importers.onnx.folding import constant_of, run_node
from archgraph.importers.onnx.held_numbers import is_elsewhere
from archgraph.importers.onnx.nodes import Node
from archgraph.importers.onnx.stored_numbers import Data
from archgraph.importers.onnx.values import Values
from archgraph.limits import COMPUTED

if TYPE_CHECKING:
    from onnx import ModelProto, TensorProto

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
    def _makers(self) -> dict[str, Node]:
        return {name: node for node in self._values.nodes for name in node.output if name}

    @cached_property
    def _most(self) -> int:
        """How many numbers are computed at most for one weight: as many as the files have bytes."""
        path = self._data.path
        return COMPUTED + path.stat().st_size + sizes_beside(self._model, path)

    def weight(self, weight: Weight) -> Any:
        """Return the numbers of a stored tensor as a network has it.

        Raises FormatError for what cannot be computed, FileError where external data is missing.
        """
        found = self.value(weight.value)
        try:
            if weight.part:
                found = found[_index(weight.part)]
            if weight.gates:
                found = _reordered(found, weight.gates)
            return found if weight.shape is None else found.reshape(weight.shape)
        except (IndexError, ValueError):
            raise FormatError(
                f"'{self._data.path}' is damaged: '{weight.value}' is not as large as it says."
            ) from None

    def value(self, name: str) -> Any:
        """Return the numbers of a value; what it is computed from is computed once, before it."""
        known: dict[str, Any] = {}
        left, waiting = self._most, [name]
        while waiting:
            wanted = waiting[-1]
            if wanted in known or (found := self._direct(wanted)) is not None:
                known.setdefault(wanted, None if wanted in known else found)
                waiting.pop()
                continue
            node = self._makers[wanted]
            missing = [each for each in node.reads if each not in known]
            if missing:
                waiting += missing
                continue
            inputs = [known[each] if each else None for each in node.input]
            results = self._computed(node, inputs, left)
            left -= sum(each.size for each in results)
            known |= {key: each for key, each in zip(node.output, results, strict=False) if key}
        return known[name]

    def _direct(self, name: str) -> Any | None:
        """Return the numbers of a value that need no computing; None where a node computes them."""
        if name in self._stored:
            return self._tensor(self._stored[name])
        known = self._values.static.get(name)
        if known is not None and known.numbers is not None and len(known.numbers) == 1:
            return known.numbers[0]
        node = self._makers.get(name)
        if node is None or known is None:
            raise FormatError(f"'{self._data.path}' does not hold the numbers of '{name}'.")
        if node.op_type == "Constant" and (held := constant_of(node)) is not None:
            return self._tensor(held, name)
        return None

    def _computed(self, node: Node, inputs: Sequence[Any], left: int) -> list[Any]:
        found = run_node(node, inputs, self._values.opset, left)
        if found is None or len(found) < len(node.output):
            raise FormatError(
                f"the weights that {node.op_type} '{node.name or node.output[0]}' of "
                f"'{self._data.path}' makes cannot be computed here."
            )
        return found

    def _tensor(self, tensor: TensorProto, name: str = "") -> Any:
        if is_elsewhere(tensor):
            return external_numbers(tensor, self._data.path)
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
