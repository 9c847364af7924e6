"""The numbers of stored tensors, looked at in the file where a question needs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.importers.onnx.without_weights import Place

if TYPE_CHECKING:
    from onnx import TensorProto

__all__ = ["Data", "filled_with", "is_mask", "same_numbers"]

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
        from onnx import TensorProto as Proto
        from onnx import helper, numpy_helper

        shape = tuple(tensor.dims)
        if tensor.data_location == Proto.EXTERNAL:
            return None
        try:
            place = self.places.get(name or tensor.name)
            if place is None or place.numbers is None:
                held = numpy_helper.to_array(tensor if place is None else self._read(place))
                return held if held.shape == shape else None
            start, end = place.numbers
            dtype = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type))
            if end - start != dtype.itemsize * int(np.prod(shape, dtype=np.int64)):
                return None
            return np.memmap(self.path, dtype, "c", start, shape)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _read(self, place: Place) -> TensorProto:
        """Return a tensor whose numbers are packed in the file."""
        from onnx import TensorProto as Proto

        found: TensorProto = Proto()
        with self.path.open("rb") as file:
            file.seek(place.start)
            found.ParseFromString(file.read(place.end - place.start))
        return found


def filled_with(array: Any) -> float | None:
    """Return the number that all elements are, or None."""
    if not array.size:
        return None
    first = float(array.reshape(-1)[0])
    return first if all(bool((each == first).all()) for each in _chunks(array)) else None


def is_mask(array: Any) -> bool:
    """Return whether all elements are 0 or far below, as a mask of attention has them."""
    return all(bool(((each == 0) | (each <= _MASKED)).all()) for each in _chunks(array))


def same_numbers(one: Any, other: Any) -> bool:
    """Return whether two tensors hold the same numbers."""
    import numpy as np

    rows = max(1, _CHUNK // max(1, int(np.prod(one.shape[1:], dtype=np.int64))))
    return one.shape == other.shape and all(
        np.array_equal(one[at : at + rows], other[at : at + rows])
        for at in range(0, one.shape[0], rows)
    )


def _chunks(array: Any) -> Iterator[Any]:
    flat = array.reshape(-1)
    for start in range(0, flat.size, _CHUNK):
        yield flat[start : start + _CHUNK]
