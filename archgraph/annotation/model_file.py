"""An ONNX file as it lies on the disk: its nodes, where they begin and end, what they are called.

Nothing of a weight is read: the walk goes from field to field.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from archgraph.errors import FileError, FormatError
from archgraph.formats.protobuf import Field, MalformedError, fields

__all__ = [
    "GRAPH",
    "METADATA",
    "MODEL_METADATA",
    "NODE",
    "FileNode",
    "ModelFile",
    "read_model_file",
]

GRAPH, MODEL_METADATA = 7, 14  # fields of ModelProto
NODE, _GRAPH_NAME = 1, 2  # fields of GraphProto
_OUTPUT, _NAME, _OP_TYPE, METADATA = 2, 3, 4, 9  # fields of NodeProto
_KEY, _VALUE = 1, 2  # fields of StringStringEntryProto

_INSIDE: Mapping[str, Mapping[int, str]] = {
    "model": {GRAPH: "graph", 25: "function"},
    "graph": {NODE: "node", 5: "tensor"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph"},
    "tensor": {13: "place"},
}
"""Where messages lie that may hold tensors, by the fields of ONNX's schema."""


@dataclass(frozen=True, slots=True)
class FileNode:
    """A node of the file's graph: where its content lies, and what it says of itself.

    ``called`` is its name, else its first output's; ``entries`` are the fields of its metadata by
    key.
    """

    inside: int
    end: int
    name: str
    called: str
    op_type: str
    noted: str
    entries: tuple[tuple[str, Field], ...]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What a file holds: its fields and those of its graphs, its nodes, who keeps its weights.

    ``nodes`` are by where their field starts; ``entries`` are the fields of the model's metadata.
    """

    path: Path
    size: int
    parts: tuple[Field, ...]
    graph: Mapping[int, tuple[Field, ...]]
    nodes: Mapping[int, FileNode]
    graph_name: str
    entries: Mapping[int, str]
    beside: tuple[str, ...]


def read_model_file(path: Path) -> ModelFile:
    """Return what the file holds; raise FileError, or FormatError where it is no ONNX file."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _read(data, path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"cannot read '{path}': {reason}.") from None
    except MalformedError:
        raise FormatError(f"'{path}' is not an ONNX file, or it is damaged or cut off.") from None


def _read(data: mmap.mmap, path: Path) -> ModelFile:
    parts = tuple(fields(data, 0, len(data)))
    graph: dict[int, tuple[Field, ...]] = {}
    nodes: dict[int, FileNode] = {}
    entries: dict[int, str] = {}
    called = ""
    for part in parts:
        if part.number == MODEL_METADATA:
            entries[part.start] = _entry(data, part)[0]
        if part.number != GRAPH:
            continue
        graph[part.start] = inside = tuple(fields(data, part.inside, part.end))
        for each in inside:
            if each.number == NODE:
                nodes[each.start] = _node(data, each)
            elif each.number == _GRAPH_NAME:
                called = _text(data, each)
    beside = tuple(dict.fromkeys(_locations(data, "model", 0, len(data))))
    return ModelFile(path, len(data), parts, graph, nodes, called, entries, beside)


def _node(data: mmap.mmap, field: Field) -> FileNode:
    name = output = op_type = noted = ""
    entries = []
    for each in fields(data, field.inside, field.end):
        if each.number == _NAME:
            name = _text(data, each)
        elif each.number == _OUTPUT and not output:
            output = _text(data, each)
        elif each.number == _OP_TYPE:
            op_type = _text(data, each)
        elif each.number == METADATA:
            key, value = _entry(data, each)
            entries.append((key, each))
            if key == "archgraph.node":
                noted = value
    called = name or output or op_type
    return FileNode(field.inside, field.end, name, called, op_type, noted, tuple(entries))


def _entry(data: mmap.mmap, field: Field) -> tuple[str, str]:
    found = {each.number: _text(data, each) for each in fields(data, field.inside, field.end)}
    return found.get(_KEY, ""), found.get(_VALUE, "")


def _text(data: mmap.mmap, field: Field) -> str:
    return data[field.inside : field.end].decode(errors="replace")


def _locations(data: mmap.mmap, kind: str, at: int, end: int) -> Iterator[str]:
    """Yield the files beside this one that tensors point to."""
    inside = _INSIDE[kind]
    for field in fields(data, at, end):
        what = inside.get(field.number)
        if what == "place":
            key, value = _entry(data, field)
            if key == "location":
                yield value
        elif what is not None:
            yield from _locations(data, what, field.inside, field.end)
