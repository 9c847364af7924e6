"""The parameters of a class, from the numbers in which its modules differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .fields import Field
from .literals import literal
from .python_names import Names, snake
from .terms import Base, Slot, Values, expressed

__all__ = ["Parameter", "Parameters", "parameters"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a class and its value in each module."""

    name: str
    family: str
    values: Values
    positional: bool
    default: Any

    @property
    def annotation(self) -> str:
        """The parameter's type."""
        kinds = {type(value) for value in self.values}
        lengths = {len(value) for value in self.values if isinstance(value, tuple)}
        if lengths:
            pair = f"tuple[{', '.join(['int'] * lengths.pop())}]"
            return pair if kinds == {tuple} else f"int | {pair}"
        return "float" if len(kinds) > 1 else kinds.pop().__name__


@dataclass(frozen=True, slots=True)
class Parameters:
    """A class's parameters, and what each slot says in terms of them (None: left out).

    ``condition`` says when a module has its optional unit.
    """

    all: tuple[Parameter, ...]
    texts: tuple[str | None, ...]
    condition: str | None = None


def parameters(
    slots: Sequence[Slot],
    ends: tuple[Values, Values],
    present: tuple[bool, ...],
    optional: str | None,
) -> Parameters:
    """Return a class's parameters.

    ``ends`` are the channels of its modules' input and output, ``present`` says which modules
    have the ``optional`` unit.
    """
    given = _given(slots, ends)
    bases: list[Base] = []
    # First the layers that all modules have: what only some have, such as the projection of a
    # residual block, can be told by the others.
    for slot in sorted(given, key=lambda slot: None in slot.fields):
        if _said(slot, bases, ends) is None:
            bases.append(Base(slot))
    names = Names()
    _name(bases, ends, names)
    texts = tuple(_text(slot, bases, ends, slot in given) for slot in slots)
    made = [_parameter(base) for base in bases]
    condition = None
    if optional is not None:
        condition = _condition(bases, ends, present)
        if condition is None:
            condition = names.unused(optional)
            made.append(Parameter(condition, "presence", present, False, False))
    made.sort(key=lambda each: (not each.positional, each.default is not None))
    # Before one that must be said, none may be left out.
    said = max((n for n, each in enumerate(made) if each.default is None), default=-1)
    made = [replace(each, default=None) if n < said else each for n, each in enumerate(made)]
    return Parameters(tuple(made), texts, condition)


def _given(slots: Sequence[Slot], ends: tuple[Values, Values]) -> list[Slot]:
    """Return the slots that parameters must tell."""
    varied = [slot for slot in slots if slot.varies or slot.field.family == "classes"]
    if not any(slot.field.family == "channels" for slot in varied):
        return varied
    # A class that is told some of its channels is told those of its input and output.
    return [
        slot
        for slot in slots
        if slot in varied or (slot.field.family == "channels" and slot.values in ends)
    ]


def _text(
    slot: Slot, bases: Sequence[Base], ends: tuple[Values, Values], given: bool
) -> str | None:
    if slot.is_default:
        return None
    found = None
    if given or None in slot.fields:
        found = _said(slot, bases, ends, exactly=not given)
    return literal(slot.field.value) if found is None else found


def _said(
    slot: Slot, bases: Sequence[Base], ends: tuple[Values, Values], *, exactly: bool = False
) -> str | None:
    """Return a slot's values in terms of parameters, or None.

    A layer that only some modules have stands between a block's input and its output; in those
    few its numbers may also equal others by chance.
    """
    if None in slot.fields and slot.field.family == "channels":
        end = ends[0] if slot.field.name == "in_channels" else ends[1]
        if all(value in (None, wanted) for value, wanted in zip(slot.values, end, strict=True)):
            text = _channels(end, bases)
            if text is not None:
                return text
    return expressed(slot, bases, exactly=exactly)


def _name(bases: Sequence[Base], ends: tuple[Values, Values], names: Names) -> None:
    """Name the parameters as their fields, channels by what they are the channels of."""
    inner = []
    for base in bases:
        field, values = base.slot.field, base.slot.values
        if field.family == "classes":
            base.name = names.unused("num_classes")
        elif field.family not in ("channels", "features") or field.name == "groups":
            alone = [b for b in bases if b.slot.field.name == field.name] == [base]
            path = "" if alone else f"{snake(base.slot.path)}_".lstrip("_")
            base.name = names.unused(f"{path}{field.name}")
        elif values in ends:
            word = field.family if ends[0] == ends[1] else f"in_{field.family}"
            base.name = names.unused(word if values == ends[0] else f"out_{field.family}")
        else:
            inner.append(base)
    _name_inner(inner, names)


def _name_inner(bases: Sequence[Base], names: Names) -> None:
    """Name the widths inside a class as the paper calls their layers, where it does."""
    labels = [_worded(base.slot.field.label) for base in bases]
    distinct = "" not in labels and len(set(labels)) == len(labels)
    for base, label in zip(bases, labels, strict=True):
        family = base.slot.field.family
        if len(bases) == 1:
            wanted = "width" if family == "channels" else "hidden_features"
        elif distinct:
            wanted = label
        else:
            word = snake(base.slot.path.partition(".")[0]) or "layer"
            wanted = f"{word}_{label.removeprefix('ch') or family}"
        base.name = names.unused(wanted)


def _worded(label: str) -> str:
    """Return a label as a name: "1×1" as ``ch1x1``, the channels of that layer."""
    return snake(f"ch{label}" if label[:1].isdigit() else label)


def _parameter(base: Base) -> Parameter:
    field, values = base.slot.field, base.slot.values
    defaults = {f.default for f in base.slot.fields if f is not None}
    default = defaults.pop() if len(defaults) == 1 else None
    if default not in values:
        default = None
    if None in values:
        default = field.value if default is None else default
        values = tuple(default if value is None else value for value in values)
    return Parameter(base.name, field.family, values, field.positional, default)


def _condition(
    bases: Sequence[Base], ends: tuple[Values, Values], present: tuple[bool, ...]
) -> str | None:
    """Return when a module has its optional unit, as people write it for residual blocks."""
    strides = [base for base in bases if base.slot.field.family == "stride"]
    before, after = (_channels(end, bases) for end in ends)
    changed = [one != other for one, other in zip(*ends, strict=True)]
    if before is None or after is None:
        return None
    if len(strides) == 1:
        steps = [stride != 1 for stride in strides[0].slot.values]
        if [step or change for step, change in zip(steps, changed, strict=True)] == [*present]:
            return f"{strides[0].name} != 1 or {before} != {after}"
    return f"{before} != {after}" if changed == [*present] else None


def _channels(values: Values, bases: Sequence[Base]) -> str | None:
    """Return a class's input or output channels in terms of its parameters."""
    if len(set(values)) == 1 and not any(base.slot.values == values for base in bases):
        return literal(values[0])
    fields = tuple(Field("channels", value, "channels", True) for value in values)
    return expressed(Slot("", fields), bases)
