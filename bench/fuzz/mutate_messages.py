"""Changes in a protobuf message that know its structure: any field of any message in it."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from bench.fuzz.hostile_values import BESIDE, float_value, int_value, text_value

if TYPE_CHECKING:
    from google.protobuf.message import Message

__all__ = ["mutate_message"]

_MANY = 300
"""How often one thing is repeated at most."""


def mutate_message(message: Any, g: Random) -> None:
    """Change one thing in a message: a value, a field that is there or not, an order, a copy."""
    every = list(_messages(message))
    change = g.choices(
        (_change_field, _change_field, _repeat, _move, _remove, _splice, _outside),
        (8, 8, 3, 2, 3, 4, 1),
    )[0]
    change(every, g)


def _messages(message: Message) -> list[Message]:
    """Return a message and all in it; of a long list, no more than its first hundred."""
    found, waiting = [], [message]
    while waiting:
        each = waiting.pop()
        found.append(each)
        for field, value in each.ListFields():
            if field.message_type is not None:
                waiting += list(value)[:100] if _repeated(field) else [value]
    return found


def _repeated(field: Any) -> bool:
    return hasattr(field, "is_repeated") and bool(field.is_repeated)


def _texts(every: list[Message]) -> list[str]:
    return [
        text
        for each in every
        for field, value in each.ListFields()
        if field.type == field.TYPE_STRING
        for text in (value if _repeated(field) else [value])
    ][:500]


def _value(field: Any, g: Random, every: list[Message]) -> Any:
    """Return a value that a field can hold."""
    if field.enum_type is not None:
        return g.choice(field.enum_type.values).number
    if field.type in (field.TYPE_FLOAT, field.TYPE_DOUBLE):
        return float_value(g)
    if field.type == field.TYPE_STRING:
        return text_value(g, _texts(every))
    if field.type == field.TYPE_BYTES:
        return g.choice((b"", b"\0", b"\xff" * 8, text_value(g, []).encode(errors="replace")))
    unsigned = field.type in (field.TYPE_UINT32, field.TYPE_UINT64)
    bits = 31 if field.type in (field.TYPE_INT32, field.TYPE_UINT32) else 63
    found = int_value(g, bits)
    return abs(found) if unsigned else found


def _change_field(every: list[Message], g: Random) -> None:
    """Set a field that is there, or now and then one that is not."""
    owner = g.choice(every)
    there = [field for field, _ in owner.ListFields()]
    fields = there if there and g.random() < 0.8 else list(owner.DESCRIPTOR.fields)
    if not fields:
        return
    field = g.choice(fields)
    if field.message_type is not None:
        if not _repeated(field):
            getattr(owner, field.name).SetInParent()
        else:
            getattr(owner, field.name).add()
        return
    if not _repeated(field):
        setattr(owner, field.name, _value(field, g, every))
        return
    values = getattr(owner, field.name)
    if values and g.random() < 0.7:
        values[g.randrange(len(values))] = _value(field, g, every)
    else:
        values.append(_value(field, g, every))


def _lists(every: list[Message]) -> list[tuple[Message, Any]]:
    return [
        (each, field) for each in every for field, value in each.ListFields() if _repeated(field)
    ]


def _repeat(every: list[Message], g: Random) -> None:
    """Repeat one element of a list, once or many times."""
    lists = _lists(every)
    if not lists:
        return
    owner, field = g.choice(lists)
    values = getattr(owner, field.name)
    values.extend([values[g.randrange(len(values))]] * g.choice((1, 1, 1, 3, _MANY)))


def _move(every: list[Message], g: Random) -> None:
    """Give the elements of a list another order."""
    lists = _lists(every)
    if not lists:
        return
    owner, field = g.choice(lists)
    values = list(getattr(owner, field.name))
    g.shuffle(values)
    owner.ClearField(field.name)
    getattr(owner, field.name).extend(values)


def _remove(every: list[Message], g: Random) -> None:
    """Leave out a field, or one element of a list."""
    owner = g.choice(every)
    there = owner.ListFields()
    if not there:
        return
    field, value = g.choice(there)
    if _repeated(field) and g.random() < 0.8:
        del value[g.randrange(len(value))]
    else:
        owner.ClearField(field.name)


def _splice(every: list[Message], g: Random) -> None:
    """Put a copy of one message in the place of another of its kind."""
    target = g.choice(every[1:] or every)
    like = [each for each in every if each.DESCRIPTOR is target.DESCRIPTOR and each is not target]
    if like:
        copy = type(target)()
        copy.CopyFrom(g.choice(like))
        target.CopyFrom(copy)


def _outside(every: list[Message], g: Random) -> None:
    """Say of a tensor that its numbers lie in another file."""
    tensors = [each for each in every if each.DESCRIPTOR.name == "TensorProto"]
    if not tensors:
        return
    tensor: Any = g.choice(tensors)
    tensor.data_location = 1
    for key, value in (
        ("location", g.choice((BESIDE, f"../{BESIDE}", "/etc/passwd", "/dev/zero", "."))),
        ("offset", str(int_value(g))),
        ("length", str(int_value(g))),
    ):
        if g.random() < 0.7:
            entry = tensor.external_data.add()
            entry.key, entry.value = key, value
