"""How each operator is written in ONNX, by families (private)."""

from . import (
    activations,
    arithmetic,
    attention,
    layers,
    moves,
    pools,
    recurrent,
    reduce,
    resample,
    taking,
)
from .base import _ONE_TO_ONE, lower

__all__ = [
    "_ONE_TO_ONE",
    "activations",
    "arithmetic",
    "attention",
    "layers",
    "lower",
    "moves",
    "pools",
    "recurrent",
    "reduce",
    "resample",
    "taking",
]
