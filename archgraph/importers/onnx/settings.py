"""What stands in a node's attributes, each asked for as what it must be.

A file may hold a list where a number belongs, or nothing. So nobody looks at an attribute himself:
who asks for a number gets one, or UnreadableError, and the node becomes an Opaque.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from archgraph.importers.onnx.held_numbers import held_numbers

if TYPE_CHECKING:
    from onnx import AttributeProto

__all__ = [
    "BROKEN",
    "Settings",
    "UnreadableError",
    "integer",
    "integers",
    "number",
    "settings_of",
]

Settings = Mapping[str, Any]
"""The plain attributes of a node by name: numbers, texts, rows of them, those of small tensors."""

_FEW = 64
"""Of a tensor among the attributes more numbers than this are no setting."""


class UnreadableError(Exception):
    """An operator or a setting that none of archgraph's operators has; it becomes an Opaque."""


BROKEN = (
    UnreadableError,
    TypeError,
    ValueError,
    LookupError,
    ArithmeticError,
    AttributeError,
)
"""What comes of inputs and settings of the wrong kind or number in a file."""


def settings_of(attribute: Iterable[AttributeProto]) -> dict[str, Any]:
    """Return plain attributes by name."""
    from onnx import AttributeProto

    kinds = AttributeProto
    found: dict[str, Any] = {}
    for each in attribute:
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
        elif each.type == kinds.STRINGS:
            found[each.name] = [word.decode(errors="replace") for word in each.strings]
        elif each.type == kinds.TENSOR and sum(each.t.dims) < _FEW:
            numbers = held_numbers(each.t)
            if numbers is not None:
                found[each.name] = numbers.reshape(-1).tolist()
    return found


def integer(settings: Settings, key: str, default: int) -> int:
    """Return a setting that is a whole number."""
    found = settings.get(key, default)
    if type(found) is not int:
        raise UnreadableError
    return found


def number(settings: Settings, key: str, default: float) -> float:
    """Return a setting that is a number."""
    found = settings.get(key, default)
    if not isinstance(found, (int, float)):
        raise UnreadableError
    return found


def integers(settings: Settings, key: str, *default: int) -> tuple[int, ...]:
    """Return a setting that is a list of whole numbers."""
    found = settings.get(key, default)
    if not isinstance(found, (list, tuple)) or not all(type(n) is int for n in found):
        raise UnreadableError
    return tuple(found)
