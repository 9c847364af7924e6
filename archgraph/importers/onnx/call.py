"""One ONNX node as its reader sees it: the tensors it reads, its settings, its result's shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archgraph.importers.onnx.skim import SMALL
from archgraph.importers.onnx.values import Static
from archgraph.ops import Shape, elements

if TYPE_CHECKING:
    from onnx import NodeProto

__all__ = ["Call", "UnreadableError", "settings_of"]


class UnreadableError(Exception):
    """An operator or a setting that none of archgraph's operators has; it becomes an Opaque."""


@dataclass(frozen=True, slots=True)
class Call:
    """One ONNX node.

    ``inputs`` are the names of all its inputs, empty for one left out; ``shapes`` the shapes of
    those that depend on the user's data, by name, without the batch axis; ``static`` the others.
    ``shape`` is the result's, without the batch axis, or None where it is unknown.
    """

    op_type: str
    inputs: tuple[str, ...]
    shapes: Mapping[str, Shape]
    static: Mapping[str, Static]
    settings: Mapping[str, Any]
    shape: Shape | None
    batch: int
    opset: int

    @property
    def data(self) -> tuple[str, ...]:
        """The inputs that depend on the user's data, in order."""
        return tuple(name for name in self.inputs if name in self.shapes)

    @property
    def map(self) -> Shape:
        """The shape of the only input that depends on the user's data."""
        if len(self.data) != 1 or self.inputs[0] != self.data[0]:
            raise UnreadableError
        return self.shapes[self.data[0]]

    def weight(self, position: int) -> Shape:
        """Return the shape of a weight; UnreadableError when it is not one."""
        name = self.inputs[position] if position < len(self.inputs) else ""
        found = self.static[name].shape if name in self.static else None
        if found is None:
            raise UnreadableError
        return found

    def has(self, position: int) -> bool:
        """Return whether there is an input at this position."""
        return position < len(self.inputs) and bool(self.inputs[position])

    def learned(self, position: int) -> bool:
        """Return whether the input at this position counts as parameters."""
        if not self.has(position):
            return False
        name = self.inputs[position]
        if name not in self.static:
            raise UnreadableError
        return self.static[name].learned

    def numbers(self, position: int) -> list[Any] | None:
        """Return the numbers of a static input; None when there is none, or UnreadableError."""
        if not self.has(position):
            return None
        found = self.static.get(self.inputs[position])
        if found is None or found.tensor is None or elements(found.shape or ()) > SMALL:
            raise UnreadableError
        from onnx import numpy_helper

        values: list[Any] = numpy_helper.to_array(found.tensor).reshape(-1).tolist()
        return values

    def integer(self, key: str, default: int) -> int:
        """Return a setting that is a whole number."""
        found = self.settings.get(key, default)
        if type(found) is not int:
            raise UnreadableError
        return found

    def number(self, key: str, default: float) -> float:
        """Return a setting that is a number, as it was written before it became 32 bits."""
        found = self.settings.get(key, default)
        if not isinstance(found, (int, float)):
            raise UnreadableError
        return short(found)

    def integers(self, key: str, *default: int) -> tuple[int, ...]:
        """Return a setting that is a list of whole numbers."""
        found = self.settings.get(key, default)
        if not isinstance(found, (list, tuple)) or not all(type(n) is int for n in found):
            raise UnreadableError
        return tuple(found)

    def axes(self, position: int) -> list[int] | None:
        """Return the axes that stand in a setting (older operator sets) or in an input."""
        if "axes" in self.settings:
            return list(self.integers("axes"))
        found = self.numbers(position)
        return None if found is None else [int(n) for n in found]


def short(value: float) -> float:
    """Return the shortest decimal number that is the same in 32 bits: 1e-05 for 9.9999997e-06."""
    import numpy as np

    return float(str(np.float32(value)))


def settings_of(node: NodeProto) -> dict[str, Any]:
    """Return the plain attributes of a node by name."""
    from onnx import AttributeProto

    kinds = AttributeProto
    found: dict[str, Any] = {}
    for each in node.attribute:
        if each.type == kinds.INT:
            found[each.name] = each.i
        elif each.type == kinds.INTS:
            found[each.name] = list(each.ints)
        elif each.type == kinds.FLOAT:
            found[each.name] = each.f
        elif each.type == kinds.FLOATS:
            found[each.name] = list(each.floats)
        elif each.type == kinds.STRING:
            found[each.name] = each.s.decode(errors="replace")
    return found
