"""Reads an ONNX file without the numbers of its weights, however large they are.

The walk below copies the fields of the model, leaves out the data of large tensors and never holds
more than the rest.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from archgraph.errors import FileError, FormatError
from archgraph.formats.protobuf import MalformedError, fields, head

__all__ = ["SMALL", "Skimmed", "skim"]

SMALL = 4096
"""Tensors of up to this many bytes keep their numbers: bounds, axes, new shapes."""

_LARGEST = 2**28
"""How many bytes a model may hold besides its weights; the largest published ones have 10 MB."""

_GRAPH = 7  # field of ModelProto
_INITIALIZER = 5  # field of GraphProto
_DATA = frozenset((4, 5, 6, 7, 9, 10, 11))  # fields of TensorProto that hold numbers

_NAME, _RAW = 8, 9  # fields of TensorProto: its name, its numbers as bytes


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
    except MalformedError:
        raise FormatError(f"'{path}' is not an ONNX file, or it is damaged or cut off.") from None


def _model(data: mmap.mmap, path: Path) -> Skimmed:
    kept: list[bytes] = []
    places: dict[str, tuple[int, int]] = {}
    size = 0
    for number, start, inside, end in fields(data, 0, len(data)):
        parts = _graph(data, inside, end, places) if number == _GRAPH else (data[start:end],)
        body = []
        for part in parts:
            size += len(part)
            if size > _LARGEST:
                raise FormatError(
                    f"'{path}' holds more than {_LARGEST >> 20} MB besides its weights; "
                    "no network that can be shown does."
                )
            body.append(part)
        if number == _GRAPH:
            kept.append(head(_GRAPH, sum(map(len, body))))
        kept += body
    return Skimmed(b"".join(kept), places)


def _graph(
    data: mmap.mmap, start: int, end: int, places: dict[str, tuple[int, int]]
) -> Iterator[bytes]:
    for number, begin, inside, stop in fields(data, start, end):
        if number == _INITIALIZER and stop - begin > SMALL:
            parts = list(fields(data, inside, stop))
            kept = b"".join(data[b:e] for n, b, _, e in parts if n not in _DATA)
            found = {n: (i, e) for n, _, i, e in parts if n in (_NAME, _RAW)}
            if len(found) == 2:
                name = data[slice(*found[_NAME])].decode(errors="replace")
                places[name] = found[_RAW]
            yield head(_INITIALIZER, len(kept)) + kept
        else:
            yield data[begin:stop]
