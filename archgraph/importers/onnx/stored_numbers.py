"""The numbers of stored tensors, looked at in the file where a question needs them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.importers.onnx.held_numbers import FEW_BITS, held_numbers, is_elsewhere
from archgraph.importers.onnx.without_weights import Place

if TYPE_CHECKING:
    from onnx import TensorProto

__all__ = ["Data", "filled_with", "fingerprint", "is_mask", "on_the_diagonal"]

_CHUNK = 2**20
"""How many numbers are looked at at once."""

_MASKED = -100.0
"""Masks hold 0 where attention may look and this or less where it may not (Swin: −100)."""


class Data:
    """Where the numbers of a file's large tensors lie; they are mapped, never held."""

    def __init__(self, path: Path, places: Mapping[str, Place]) -> None:
        self.path, self.places = path, places

    def array(self, tensor: TensorProto, name: str = "") -> Any | None:
        """Return a tensor's numbers in its shape; None where they are not at hand in the file.

        ``name`` is what a constant's node gives; an initialiser has a name of its own.
        """
        import numpy as np
        from onnx import helper

        place = self.places.get(name or tensor.name)
        if place is None or is_elsewhere(tensor):
            return held_numbers(tensor)
        if place.numbers is None or tensor.data_type in FEW_BITS:
            packed = self._read(place)
            return None if packed is None else held_numbers(packed)
        start, end = place.numbers
        shape = tuple(tensor.dims)
        try:
            dtype = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type))
            if min(shape, default=0) < 0 or end - start != dtype.itemsize * math.prod(shape):
                return None
            return np.memmap(self.path, dtype, "c", start, shape)
        except (OSError, ValueError, TypeError, LookupError, OverflowError):
            return None

    def _read(self, place: Place) -> TensorProto | None:
        """Return a tensor whose numbers are packed in the file; None for one that is damaged."""
        from onnx import TensorProto as Proto

        found: TensorProto = Proto()
        with self.path.open("rb") as file:
            file.seek(place.start)
            content = file.read(place.end - place.start)
        try:
            found.ParseFromString(content)
        except Exception:  # protobuf's DecodeError, whose package says nothing of its types
            return None
        return found


def filled_with(array: Any) -> float | None:
    """Return the number that all elements are, or None."""
    if not array.size or array.dtype.kind == "c":
        return None
    first = float(array.reshape(-1)[0])
    return first if all(bool((each == first).all()) for each in _chunks(array)) else None


def is_mask(array: Any) -> bool:
    """Return whether all elements are 0 or far below, as a mask of attention has them."""
    return all(bool(((each == 0) | (each <= _MASKED)).all()) for each in _chunks(array))


def on_the_diagonal(matrix: Any) -> bytes:
    """Return a few numbers of a matrix that its transpose has at the same places."""
    few = min(*matrix.shape, _GLANCE)
    return bytes(matrix[:few, :few].diagonal().tobytes())


_GLANCE = 64


def fingerprint(matrix: Any) -> bytes:
    """Return what two matrices have in common whose numbers are the same."""
    found = hashlib.blake2b(repr((matrix.shape, matrix.dtype.str)).encode())
    rows = max(1, _CHUNK // max(1, matrix.shape[1]))
    for at in range(0, matrix.shape[0], rows):
        found.update(matrix[at : at + rows].tobytes())
    return found.digest()


def _chunks(array: Any) -> Iterator[Any]:
    flat = array.reshape(-1)
    for start in range(0, flat.size, _CHUNK):
        yield flat[start : start + _CHUNK]
