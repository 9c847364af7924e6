"""Reads an ONNX file without the numbers of its weights, however large they are.

A protobuf message is a sequence of fields, each with its number and length. The walk below copies
the fields of the model, leaves out the data of large tensors, wherever these stand (initialisers,
constants, the graphs inside nodes, functions), and never holds more than the rest.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from archgraph.errors import FileError, FormatError

__all__ = ["SMALL", "Skimmed", "skim"]

SMALL = 4096
"""Tensors of up to this many bytes keep their numbers: bounds, axes, new shapes."""

_LARGEST = 2**28
"""How many bytes a model may hold besides its weights; the largest published ones have 10 MB."""

_TENSOR = "TensorProto"
_PARTS: dict[str, dict[int, str]] = {
    "ModelProto": {7: "GraphProto", 25: "FunctionProto"},
    "GraphProto": {1: "NodeProto", 5: _TENSOR},
    "FunctionProto": {7: "NodeProto"},
    "NodeProto": {5: "AttributeProto"},
    "AttributeProto": {5: _TENSOR, 6: "GraphProto", 10: _TENSOR, 11: "GraphProto"},
}
"""The fields of each message that hold tensors in the end."""

_DEEPEST = 64
"""More graphs inside graphs than any file has."""

_DATA = frozenset((4, 5, 6, 7, 9, 10, 11))  # fields of TensorProto that hold numbers

_NAME, _RAW = 8, 9  # fields of TensorProto: its name, its numbers as bytes

_Field = tuple[int, int, int, int]


class _MalformedError(Exception):
    """What is read is no protobuf message."""


class Skimmed(NamedTuple):
    """A model as protobuf bytes without the data of large tensors, and where that data lies.

    ``places`` are (start, end) in the file of the numbers of those tensors, by name, where they
    stand there as plain bytes.
    """

    model: bytes
    places: dict[str, tuple[int, int]]


def skim(path: Path) -> Skimmed:
    """Return the model of an ONNX file without the data of large tensors.

    Files that hold the weights beside the model are not opened. Raises FileError when the file
    cannot be read, FormatError when it is no protobuf message or is cut off.
    """
    try:
        if not path.is_file():
            raise FileError(f"there is no file '{path}'.")
        if path.stat().st_size == 0:
            raise FormatError(f"'{path}' is empty.")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _model(data, path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"cannot read '{path}': {reason}.") from None
    except _MalformedError:
        raise FormatError(f"'{path}' is not an ONNX file, or it is damaged or cut off.") from None


def _model(data: mmap.mmap, path: Path) -> Skimmed:
    skimmer = _Skimmer(data, path)
    return Skimmed(b"".join(skimmer.parts(0, len(data), "ModelProto")), skimmer.places)


class _Skimmer:
    """Copies a model field by field; ``places`` is where the initialisers' data lies."""

    def __init__(self, data: mmap.mmap, path: Path) -> None:
        self.data, self.path = data, path
        self.places: dict[str, tuple[int, int]] = {}
        self.size = 0

    def parts(self, start: int, end: int, message: str, depth: int = 0) -> Iterator[bytes]:
        """Yield a message in parts, large tensors in it without their data."""
        inner = _PARTS[message]
        for number, begin, inside, stop in _fields(self.data, start, end):
            kind = inner.get(number)
            if kind is None or stop - begin <= SMALL:
                yield self._kept(self.data[begin:stop])
                continue
            if depth > _DEEPEST:
                raise _MalformedError
            if kind == _TENSOR:
                body = [self._kept(self._without_data(inside, stop, depth == 1))]
            else:
                body = list(self.parts(inside, stop, kind, depth + 1))
            yield _head(number, sum(map(len, body)))
            yield from body

    def _without_data(self, start: int, end: int, initialiser: bool) -> bytes:
        data = self.data
        fields = list(_fields(data, start, end))
        found = {n: (i, e) for n, _, i, e in fields if n in (_NAME, _RAW)}
        if initialiser and len(found) == 2:
            name = data[slice(*found[_NAME])].decode(errors="replace")
            self.places[name] = found[_RAW]
        return b"".join(data[b:e] for n, b, _, e in fields if n not in _DATA)

    def _kept(self, part: bytes) -> bytes:
        self.size += len(part)
        if self.size > _LARGEST:
            raise FormatError(
                f"'{self.path}' holds more than {_LARGEST >> 20} MB besides its weights; "
                "no network that can be shown does."
            )
        return part


def _fields(data: mmap.mmap, at: int, end: int) -> Iterator[_Field]:
    """Yield (number, start, start of the content, end) of each field of a message."""
    while at < end:
        start = at
        key, at = _varint(data, at, end)
        number, kind = key >> 3, key & 7
        inside = at
        if kind == 0:
            _, at = _varint(data, at, end)
        elif kind == 2:
            length, inside = _varint(data, at, end)
            at = inside + length
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise _MalformedError
        if not number or at > end:
            raise _MalformedError
        yield number, start, inside, at


def _varint(data: mmap.mmap, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise _MalformedError


def _head(field: int, length: int) -> bytes:
    """Return what stands before the bytes of a length-delimited field."""
    out = bytearray([field << 3 | 2])
    while length > 0x7F:
        out.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes([*out, length])
