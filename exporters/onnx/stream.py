"""Writes a model and its weights without holding a second copy of them in memory.

A protobuf message is a sequence of fields, and a repeated field may stand in any place; so the
model is written in pieces: its own bytes with the graph's length corrected, then one field per
weight whose data comes straight from the tensor's memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import torch
from onnx import ModelProto, TensorProto
from torch import Tensor

from archgraph.formats.protobuf import head

__all__ = [
    "ALIGNMENT",
    "LIMIT",
    "data_of",
    "external_record",
    "size_of",
    "write_external",
    "write_model",
]

LIMIT = 2**31 - 1
"""The largest protobuf file, in bytes."""

ALIGNMENT = 4096
"""Offsets in an external file are multiples of a memory page, so that it can be mapped."""

_GRAPH = 7  # field of ModelProto
_INITIALIZER = 5  # field of GraphProto
_RAW_DATA = 9  # field of TensorProto


def data_of(tensor: Tensor) -> memoryview:
    """Return a view of a tensor's bytes; on the CPU and contiguous, without a copy."""
    # As bytes, because numpy lacks some types of floats.
    flat: Any = tensor.detach().contiguous().cpu().reshape(-1).view(torch.uint8).numpy()
    return memoryview(flat)


def size_of(tensor: Tensor) -> int:
    """Return a tensor's size in bytes."""
    return tensor.numel() * tensor.element_size()


def write_model(
    file: BinaryIO,
    model: ModelProto,
    weights: Sequence[tuple[TensorProto, Tensor | None]],
    late: Callable[[], ModelProto] = ModelProto,
) -> None:
    """Write a model with these weights: a description each, and the data to put inside or None.

    ``model.graph`` must not hold the weights already. ``late`` is asked at the end for fields of
    the model that take their time to compute; what it returns is merged with ``model``.
    """
    bare = ModelProto()
    bare.CopyFrom(model)
    bare.ClearField("graph")
    graph = model.graph.SerializeToString(deterministic=True)
    begins = []
    for record, tensor in weights:
        begin = record.SerializeToString(deterministic=True)
        if tensor is not None:
            begin += head(_RAW_DATA, size_of(tensor))
        length = len(begin) + (size_of(tensor) if tensor is not None else 0)
        begins.append(head(_INITIALIZER, length) + begin)
    data = sum(size_of(tensor) for _, tensor in weights if tensor is not None)
    file.write(bare.SerializeToString(deterministic=True))
    file.write(head(_GRAPH, len(graph) + sum(map(len, begins)) + data))
    file.write(graph)
    for begin, (_, tensor) in zip(begins, weights, strict=True):
        file.write(begin)
        if tensor is not None:
            file.write(data_of(tensor))
    sync(file)  # while what is late is still being computed
    file.write(late().SerializeToString(deterministic=True))
    sync(file)


def sync(file: BinaryIO) -> None:
    """Wait until what was written has reached the disk."""
    file.flush()
    os.fsync(file.fileno())


def _offsets(tensors: Sequence[Tensor]) -> Iterator[int]:
    at = 0
    for tensor in tensors:
        yield at
        at += -(-size_of(tensor) // ALIGNMENT) * ALIGNMENT


def write_external(file: BinaryIO, tensors: Sequence[Tensor]) -> list[int]:
    """Write tensors one behind the other, each at the start of a page; return their offsets."""
    offsets = list(_offsets(tensors))
    for offset, tensor in zip(offsets, tensors, strict=True):
        file.write(b"\0" * (offset - file.tell()))
        file.write(data_of(tensor))
    sync(file)
    return offsets


def external_record(record: TensorProto, location: Path, offset: int, length: int) -> TensorProto:
    """Return a tensor's description that points into an external file."""
    made = TensorProto()
    made.CopyFrom(record)
    made.data_location = TensorProto.EXTERNAL
    facts = {"location": location.name, "offset": str(offset), "length": str(length)}
    for key, value in facts.items():
        entry = made.external_data.add()
        entry.key, entry.value = key, value
    return made
