"""Numbers of a class in terms of its parameters: ``width``, ``4 * width``, ``kernel_size // 2``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .fields import Field

__all__ = ["Base", "Slot", "Values", "expressed", "same"]

Values = tuple[Any, ...]
"""One value per module; None in those that lack the layer."""

_FACTORS = range(2, 9)


@dataclass(frozen=True, slots=True)
class Slot:
    """One argument inside a class: which unit's, and its field in each module, None if lacking."""

    path: str
    fields: tuple[Field | None, ...]

    @property
    def field(self) -> Field:
        """The field of the first module that has it."""
        return next(field for field in self.fields if field is not None)

    @property
    def values(self) -> Values:
        """The argument in each module."""
        return tuple(None if field is None else field.value for field in self.fields)

    @property
    def is_default(self) -> bool:
        """Whether no module needs to give this argument."""
        given = [field for field in self.fields if field is not None]
        return all(not f.positional and same(f.value, f.default) for f in given)

    @property
    def varies(self) -> bool:
        """Whether modules give different values."""
        given = [value for value in self.values if value is not None]
        return not self.is_default and not all(same(value, given[0]) for value in given)


@dataclass(slots=True)
class Base:
    """A parameter, and the slot that asked for it; it is named when all are known."""

    slot: Slot
    name: str = ""


def same(value: Any, other: Any) -> bool:
    """Return whether two values are written alike: True is not 1."""
    return type(value) is type(other) and bool(value == other)


def expressed(slot: Slot, bases: Sequence[Base], *, exactly: bool = False) -> str | None:
    """Return a slot's values in terms of parameters, or None; ``exactly``: as one of them."""
    family, values = slot.field.family, slot.values
    related = [base for base in bases if base.slot.field.family == family]
    for base in related:
        if _agree(values, base.slot.values):
            return base.name
    if exactly:
        return None
    if family in ("channels", "features"):
        for base in related:
            for factor in _FACTORS:
                if _agree(values, _each(base, factor.__mul__)):
                    return f"{factor} * {base.name}"
                if _agree(values, _each(base, factor.__rtruediv__)):
                    return f"{base.name} // {factor}"
    if family == "padding":
        for base in bases:
            window = base.slot.field.family == "kernel_size"
            if window and _agree(values, _each(base, (2).__rfloordiv__)):
                return f"{base.name} // 2"
    if family == "zeros":
        channels = [base for base in bases if base.slot.field.family == "channels"]
        for small in channels:
            for large in channels:
                if _agree(values, _half_of_difference(large.slot.values, small.slot.values)):
                    return f"({large.name} - {small.name}) // 2"
    return None


def _each(base: Base, change: Callable[[int], Any]) -> Values:
    return tuple(change(v) if type(v) is int else None for v in base.slot.values)


def _half_of_difference(large: Values, small: Values) -> Values:
    pairs = zip(large, small, strict=True)
    return tuple(None if None in pair else (pair[0] - pair[1]) / 2 for pair in pairs)


def _agree(values: Values, others: Values) -> bool:
    """Return whether ``others`` has each of the values, wherever there is one."""
    return all(
        other is not None and value == other and isinstance(value, bool) == isinstance(other, bool)
        for value, other in zip(values, others, strict=True)
        if value is not None
    )
