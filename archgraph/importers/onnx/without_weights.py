"""Reads an ONNX file without the numbers of its weights, however large they are.

The walk below copies the fields of the model, leaves out the data of large tensors, wherever these
stand (initialisers, constants, the graphs inside nodes, functions), and never holds more than the
rest.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from archgraph.errors import FileError, FormatError
from archgraph.files import plain_file
from archgraph.formats.protobuf import MalformedError, fields, head
from archgraph.limits import FILE, NESTING

__all__ = ["SMALL", "Place", "Skimmed", "skim"]

SMALL = 4096
"""Tensors of up to this many bytes keep their numbers: bounds, axes, new shapes."""

_TENSOR = "TensorProto"
_PARTS: dict[str, dict[int, str]] = {
    "ModelProto": {7: "GraphProto", 25: "FunctionProto"},
    "GraphProto": {1: "NodeProto", 5: _TENSOR},
    "FunctionProto": {7: "NodeProto"},
    "NodeProto": {5: "AttributeProto"},
    "AttributeProto": {5: _TENSOR, 6: "GraphProto", 10: _TENSOR, 11: "GraphProto"},
}
"""The fields of each message that hold tensors in the end."""

_DATA = frozenset((4, 5, 6, 7, 9, 10, 11))  # fields of TensorProto that hold numbers

_NAME, _RAW = 8, 9  # fields of TensorProto: its name, its numbers as bytes
_OUTPUT = 2  # field of NodeProto: what it gives
_OUTERMOST = 2  # how deep in a model the nodes of its graph are


class Place(NamedTuple):
    """Where a tensor stands in a file: its record, and its numbers if they are plain bytes."""

    start: int
    end: int
    numbers: tuple[int, int] | None


class Skimmed(NamedTuple):
    """A model as protobuf bytes without the data of large tensors, and where that data lies.

    ``places`` are where those tensors stand in the file, by name; a constant's is what its node
    gives.
    """

    model: bytes
    places: dict[str, Place]


def skim(path: Path) -> Skimmed:
    """Return the model of an ONNX file without the data of large tensors.

    Files that hold the weights beside the model are not opened. Raises FileError when the file
    cannot be read, FormatError when it is no protobuf message or is cut off.
    """
    try:
        if plain_file(path).stat().st_size == 0:
            raise FormatError(f"'{path}' is empty.")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _model(data, path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"cannot read '{path}': {reason}.") from None
    except MalformedError:
        raise FormatError(f"'{path}' is not an ONNX file, or it is damaged or cut off.") from None


def _model(data: mmap.mmap, path: Path) -> Skimmed:
    skimmer = _Skimmer(data, path)
    return Skimmed(b"".join(skimmer.parts(0, len(data), "ModelProto")), skimmer.places)


class _Skimmer:
    """Copies a model field by field; ``places`` is where the tensors that it skims stand."""

    def __init__(self, data: mmap.mmap, path: Path) -> None:
        self.data, self.path = data, path
        self.places: dict[str, Place] = {}
        self.size = 0

    def parts(
        self, start: int, end: int, message: str, depth: int = 0, owner: str = ""
    ) -> Iterator[bytes]:
        """Yield a message in parts, large tensors in it without their data.

        ``owner`` is what the node around it gives, for one of the outermost graph.
        """
        inner = _PARTS[message]
        if message == "NodeProto" and depth == _OUTERMOST:
            owner = self._text(start, end, _OUTPUT)
        kept = start
        for number, begin, inside, stop in fields(self.data, start, end):
            if stop - begin <= SMALL or (kind := inner.get(number)) is None:
                continue  # to be copied with what stands beside it
            if begin > kept:
                yield self._kept(self.data[kept:begin])
            kept = stop
            if depth > NESTING:
                raise MalformedError
            if kind == _TENSOR:
                outermost = depth in (_OUTERMOST - 1, _OUTERMOST + 1)
                body = [self._kept(self._without_data(inside, stop, owner, outermost))]
            else:
                body = list(self.parts(inside, stop, kind, depth + 1, owner))
            yield head(number, sum(map(len, body)))
            yield from body
        if end > kept:
            yield self._kept(self.data[kept:end])

    def _text(self, start: int, end: int, field: int) -> str:
        """Return the first text of a field in a message."""
        for number, _, inside, stop in fields(self.data, start, end):
            if number == field:
                return self.data[inside:stop].decode(errors="replace")
        return ""

    def _without_data(self, start: int, end: int, owner: str, outermost: bool) -> bytes:
        data = self.data
        parts = list(fields(data, start, end))
        if outermost:
            known = {number: (inside, stop) for number, _, inside, stop in reversed(parts)}
            begin, stop = known.get(_NAME, (0, 0))
            name = owner or data[begin:stop].decode(errors="replace")
            if name:
                self.places[name] = Place(start, end, known.get(_RAW))
        return b"".join(data[b:e] for n, b, _, e in parts if n not in _DATA)

    def _kept(self, part: bytes) -> bytes:
        self.size += len(part)
        if self.size > FILE:
            raise FormatError(
                f"'{self.path}' holds more than {FILE >> 20} MB besides its weights; "
                "no network that can be shown does."
            )
        return part
