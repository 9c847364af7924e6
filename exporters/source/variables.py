"""What variables of a forward method are called: after what they are for, or their submodule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from archgraph import ops

from .forward_calls import Body, Unit

__all__ = ["PLAIN", "free_of_meaning", "roles_of"]

PLAIN = ("x", "out", "y", "z")
"""Variables of no meaning of their own, which take whatever comes next."""

_READ_AS = {ops.ScaledDotProductAttention: ("query", "key", "value", "mask")}
_FARTHEST = 8


def roles_of(body: Body) -> Mapping[str, str]:
    """Return what values are there for: those that attention reads, and what these are made of."""
    readers: dict[str, list[tuple[Unit, int]]] = {}
    for unit in body.units:
        for place, value in enumerate(unit.inputs):
            readers.setdefault(value, []).append((unit, place))
    values = [*body.inputs, *(value for unit in body.units for value in unit.outputs)]
    known: dict[tuple[str, int], str | None] = {}
    found = {value: _role(value, readers, _FARTHEST, known) for value in values}
    return {value: role for value, role in found.items() if role is not None}


def _role(
    value: str,
    readers: Mapping[str, Sequence[tuple[Unit, int]]],
    farthest: int,
    known: dict[tuple[str, int], str | None],
) -> str | None:
    """Return the one thing that all readers take a value for, through what only changes it."""
    if (value, farthest) in known:
        return known[value, farthest]
    roles: set[str | None] = set()
    for unit, place in readers.get(value, ()):
        names = _READ_AS.get(type(unit.op)) if unit.op is not None else None  # type: ignore[arg-type]
        if names is not None:
            roles.add(names[place])
        elif unit.kind == "expression" and farthest and len(unit.outputs) == 1:
            roles.add(_role(unit.output, readers, farthest - 1, known))
        else:
            roles = set()
            break
    role = known[value, farthest] = roles.pop() if len(roles) == 1 else None
    return role


def free_of_meaning(names: Iterable[str]) -> list[str]:
    """Return those of the names that may be given to anything."""
    return [name for name in names if name.rstrip("0123456789") in PLAIN]
