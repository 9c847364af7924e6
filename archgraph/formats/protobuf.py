"""Protobuf messages as bytes: their fields one by one, and the few bytes that stand before one.

A message is a sequence of fields, each with its number; text, bytes and messages have a length too.
So a file can be walked, and written anew, without looking at what lies inside the large ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

__all__ = ["Field", "MalformedError", "Readable", "fields", "head", "text_field"]

LENGTH_DELIMITED = 2
"""The wire type of text, bytes and messages."""


class MalformedError(Exception):
    """What is read is no protobuf message."""


class Readable(Protocol):
    """Bytes, or a file that is mapped into memory."""

    def __len__(self) -> int: ...

    def __getitem__(self, at: int, /) -> int: ...


class Field(NamedTuple):
    """A field: its number, where it starts, where its content starts, and where it ends."""

    number: int
    start: int
    inside: int
    end: int


def fields(data: Readable, at: int, end: int) -> Iterator[Field]:
    """Yield the fields of the message between two places; raise MalformedError where it is none."""
    while at < end:
        start = at
        key = data[at]
        if key < 0x80:
            at += 1
        else:
            key, at = _varint(data, at, end)
        number, kind = key >> 3, key & 7
        inside = at
        if kind == 0:
            _, at = _varint(data, at, end)
        elif kind == LENGTH_DELIMITED:
            if at < end and (length := data[at]) < 0x80:
                inside = at + 1
            else:
                length, inside = _varint(data, at, end)
            at = inside + length
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise MalformedError
        if not number or at > end:
            raise MalformedError
        yield Field(number, start, inside, at)


def head(field: int, length: int) -> bytes:
    """Return what stands before the bytes of a length-delimited field."""
    return _written(field << 3 | LENGTH_DELIMITED) + _written(length)


def text_field(field: int, text: str) -> bytes:
    """Return a field that holds text."""
    content = text.encode()
    return head(field, len(content)) + content


def _varint(data: Readable, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise MalformedError


def _written(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
