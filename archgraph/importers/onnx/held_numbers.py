"""The numbers that a tensor of a file holds itself: the one place where they are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archgraph.limits import AXES

if TYPE_CHECKING:
    from onnx import TensorProto

__all__ = ["FEW_BITS", "held_numbers", "is_elsewhere"]

FEW_BITS: Mapping[int, int] = {21: 4, 22: 4, 23: 4, 25: 2, 26: 2, 27: 6, 28: 6}
"""Bits of the element types of which several share a byte, by ONNX's numbers."""

_EXTERNAL = 1  # TensorProto.DataLocation

_DAMAGED = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError)
"""What comes of numbers that do not fit the shape, or of an element type that there is not."""


def is_elsewhere(tensor: TensorProto) -> bool:
    """Return whether a tensor says that its numbers lie in a file beside the model."""
    return tensor.data_location == _EXTERNAL


def held_numbers(tensor: TensorProto) -> Any | None:
    """Return a tensor's numbers in its shape; None where the tensor does not hold them as it says.

    No file is ever opened. What is returned takes no more than a few times what the file holds.
    """
    from onnx import numpy_helper

    # onnx's own reader opens the file that a tensor names, whatever that is.
    if is_elsewhere(tensor) or tensor.external_data:
        return None
    shape = tuple(tensor.dims[:])
    if len(shape) > AXES or min(shape, default=0) < 0:
        return None
    try:
        found = numpy_helper.to_array(tensor)
    except _DAMAGED:
        return None
    return found if found.shape == shape else None
