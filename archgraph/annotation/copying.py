"""A file written anew with other metadata, everything else byte for byte as it was.

What stays is copied from file to file in pieces, so that memory does not grow with the weights.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from archgraph.annotation.model_file import GRAPH, METADATA, MODEL_METADATA, NODE, ModelFile
from archgraph.errors import ExportError
from archgraph.files import replacing
from archgraph.formats.protobuf import head, text_field

__all__ = ["write_annotated"]

LIMIT = 2**31 - 1
"""The largest protobuf file, in bytes."""

CHUNK = 2**20
"""How many bytes are copied at a time."""

_Piece = bytes | tuple[int, int]
"""Bytes that are new, or where bytes lie that stay."""


def write_annotated(
    file: ModelFile,
    output: Path,
    nodes: Mapping[int, Mapping[str, str]],
    model: Mapping[str, str],
    replaced: Collection[str],
) -> None:
    """Write the file with these entries in the metadata of its nodes and of the model.

    ``nodes`` are by where the field of a node starts. Entries with a key of ``replaced`` go, all
    others stay. Raises FileError, or ExportError where the file would be larger than can be read.
    """
    pieces = list(_joined(_model(file, nodes, model, replaced)))
    if _size(pieces) > LIMIT >= file.size:
        raise ExportError(
            f"'{output}' would be larger than 2 GB with its notes, which no program reads; "
            "store the weights of the model in a file beside it first."
        )
    with replacing(output) as temporary, temporary.open("wb") as target:
        with file.path.open("rb") as source:
            for piece in pieces:
                if isinstance(piece, bytes):
                    target.write(piece)
                else:
                    _copy(source, target, *piece)
        target.flush()


def _model(
    file: ModelFile,
    nodes: Mapping[int, Mapping[str, str]],
    model: Mapping[str, str],
    replaced: Collection[str],
) -> Iterator[_Piece]:
    for part in file.parts:
        if part.number == GRAPH:
            inside = list(_graph(file, part.start, nodes, replaced))
            yield head(GRAPH, _size(inside))
            yield from inside
        elif file.entries.get(part.start) not in replaced:
            yield part.start, part.end
    yield _entries(MODEL_METADATA, model)


def _graph(
    file: ModelFile, at: int, nodes: Mapping[int, Mapping[str, str]], replaced: Collection[str]
) -> Iterator[_Piece]:
    for field in file.graph[at]:
        node = file.nodes.get(field.start)
        if node is None:
            yield field.start, field.end
            continue
        inside: list[_Piece] = []
        begin = node.inside
        for key, entry in node.entries:
            if key in replaced:
                inside.append((begin, entry.start))
                begin = entry.end
        inside += [(begin, node.end), _entries(METADATA, nodes.get(field.start, {}))]
        yield head(NODE, _size(inside))
        yield from inside


def _entries(field: int, facts: Mapping[str, str]) -> bytes:
    found = b""
    for key, value in facts.items():
        entry = text_field(1, key) + text_field(2, value)
        found += head(field, len(entry)) + entry
    return found


def _size(pieces: Iterable[_Piece]) -> int:
    return sum(len(piece) if isinstance(piece, bytes) else piece[1] - piece[0] for piece in pieces)


def _joined(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Yield the pieces with those in one that lie behind one another in the file."""
    last: tuple[int, int] | None = None
    for piece in pieces:
        if isinstance(piece, bytes):
            if not piece:
                continue
            if last is not None:
                yield last
            last = None
            yield piece
        elif last is not None and last[1] == piece[0]:
            last = last[0], piece[1]
        else:
            if last is not None:
                yield last
            last = piece
    if last is not None:
        yield last


def _copy(source: BinaryIO, target: BinaryIO, begin: int, end: int) -> None:
    source.seek(begin)
    left = end - begin
    while left:
        piece = source.read(min(CHUNK, left))
        if not piece:
            raise ExportError(f"'{source.name}' became shorter while it was read.")
        target.write(piece)
        left -= len(piece)
