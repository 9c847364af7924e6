"""Files beside a model that hold its weights: opened for who asks for these, in its folder only."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.errors import FileError, FormatError
from archgraph.importers.onnx.held_numbers import is_elsewhere
from archgraph.importers.onnx.nodes import graphs_in

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, TensorProto

__all__ = ["external_numbers", "require_inside", "sizes_beside"]

_LONGEST = 1000
"""More characters than a path has."""


def external_numbers(tensor: TensorProto, model: Path) -> Any:
    """Return the numbers of a tensor that lie in a file in the model's folder, mapped.

    Raises FileError for a file that is not there, or is no file in this folder.
    """
    import numpy as np
    from onnx import helper

    told = {entry.key: entry.value for entry in tensor.external_data}
    file, location = _file(tensor, model), told["location"]
    try:
        offset, shape = int(told.get("offset", 0)), tuple(tensor.dims)
        dtype = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type))
        if min(offset, *shape, 0) < 0 or dtype.hasobject:
            raise ValueError("it begins or ends nowhere")
        if offset + dtype.itemsize * math.prod(shape) > file.stat().st_size:
            raise ValueError("it is too short")
        return np.memmap(file, dtype, "c", offset, shape)
    except KeyError:
        raise FormatError(
            f"'{model}' is damaged: '{tensor.name}' is of element type {tensor.data_type}, which "
            "there is not."
        ) from None
    except (OSError, ValueError, TypeError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(
            f"'{model}' keeps '{tensor.name}' in '{location}', which cannot be read: {reason}."
        ) from None


def _file(tensor: TensorProto, model: Path) -> Path:
    """Return the file that a tensor names, links followed; FileError for one of another folder."""
    location = next((e.value for e in tensor.external_data if e.key == "location"), "")
    folder = model.parent.resolve()
    try:
        if not isinstance(location, str) or len(location) > _LONGEST:
            raise ValueError
        file = (folder / location).resolve()
        inside = bool(location) and file.is_relative_to(folder)
    except (OSError, ValueError, RuntimeError):  # of a name that no file has
        inside = False
    if not inside:
        raise FileError(
            f"'{model}' keeps '{tensor.name}' in '{location:.80}', which is not in its folder, so "
            "it is not opened."
        )
    if not file.is_file():
        raise FileError(
            f"'{model}' keeps '{tensor.name}' in '{location}', which cannot be read: there is no "
            "such file."
        )
    return file


def require_inside(model: ModelProto, path: Path) -> None:
    """Raise FileError unless all that a model keeps elsewhere is in files of its own folder."""
    for tensor in _elsewhere(model.graph):
        _file(tensor, path)


def sizes_beside(model: ModelProto, path: Path) -> int:
    """Return how many bytes the files beside a model have that hold its initialisers."""
    files = set()
    for tensor in model.graph.initializer:
        if is_elsewhere(tensor):
            try:
                files.add(_file(tensor, path))
            except FileError:
                continue
    return sum(file.stat().st_size for file in files)


def _elsewhere(graph: GraphProto) -> Iterator[TensorProto]:
    """Yield the tensors of a graph whose numbers lie elsewhere, those inside its nodes too."""
    waiting = [graph]
    while waiting:
        each = waiting.pop()
        tensors = list(each.initializer)
        for sparse in each.sparse_initializer:
            tensors += [sparse.values, sparse.indices]
        for node in each.node:
            waiting += graphs_in(node.attribute)
            for attribute in node.attribute:
                tensors += [attribute.t, *attribute.tensors]
                for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                    tensors += [sparse.values, sparse.indices]
        yield from (tensor for tensor in tensors if is_elsewhere(tensor) or tensor.external_data)
