"""The constructors of torch.nn's layers: a class and its arguments for each operator."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any

from archgraph import ops
from archgraph.errors import ExportError
from archgraph.ops import Op
from archgraph.ops.registry import offered_for

from .literals import Extents, plain
from .module_operators import ModuleOp

__all__ = ["Field", "constructor", "is_layer"]


@dataclass(frozen=True, slots=True)
class Field:
    """One argument of a constructor: positional, or by name where it differs from its default.

    Fields of one ``family`` may be given by the same parameter of a class. ``label`` is what the
    paper calls the layer.
    """

    name: str
    value: Any
    family: str
    positional: bool = False
    default: Any = None
    label: str = ""


_FAMILIES = {
    **dict.fromkeys(("in_channels", "out_channels", "num_features", "groups"), "channels"),
    **dict.fromkeys(("in_features", "out_features"), "features"),
    **dict.fromkeys(("channels_before", "channels_after"), "zeros"),
}
"""The fields that may be given by one parameter; the others stand for themselves."""

_POSITIONAL = (
    *("in_channels", "out_channels", "num_features", "in_features", "out_features"),
    *("size", "output_size", "p", "num_embeddings", "embedding_dim", "normalized_shape"),
    *("input_size", "hidden_size", "num_parameters", "num_groups", "num_channels"),
    *("embed_dim", "num_heads"),
)
_ALWAYS = ("p", "dim")
"""Fields that a reader wants to see even where they hold their default."""

_LAYERS = {
    **{
        kind: f"nn.{kind}"
        for kind in (
            *("Conv2d", "Linear", "BatchNorm2d", "LocalResponseNorm", "Dropout", "Identity"),
            *("MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "ZeroPad2d"),
            *("ReLU", "ReLU6", "LeakyReLU", "SiLU", "GELU", "Sigmoid", "Tanh", "Softmax"),
            *("LogSoftmax", "Flatten", "ConvTranspose2d", "Hardswish", "Hardsigmoid"),
            *("Conv1d", "Conv3d", "MaxPool1d", "MaxPool3d", "AvgPool1d", "AvgPool3d", "PReLU"),
            *(
                "LayerNorm",
                "GroupNorm",
                "RMSNorm",
                "Embedding",
                "LSTM",
                "GRU",
                "RNN",
                "PixelShuffle",
            ),
        )
    },
    "GlobalAvgPool2d": "nn.AdaptiveAvgPool2d",
    "PadShortcut": "PadShortcut",  # written into the file
}
"""The class that computes each operator; its arguments are the operator's fields."""


def is_layer(op: Op) -> bool:
    """Return whether a layer of torch.nn, or of the operator's package, computes an operator."""
    return _class(op) is not None


def _class(op: Op) -> str | None:
    """Return the class that computes an operator; that of another package is imported from it."""
    if isinstance(op, ModuleOp):
        return op.function
    if isinstance(op, ops.Hardsigmoid) and op != ops.Hardsigmoid():
        return None  # torch has one slope only
    if offered := offered_for(op, "layers"):
        return f"{offered.module}.{offered.attr}"
    return _LAYERS.get(op.kind) if ops.OPS.get(op.kind) is type(op) else None


def constructor(op: Op, label: str = "", rank: int = 4) -> tuple[str, tuple[Field, ...]]:
    """Return the class that computes an operator and its arguments; ExportError if none does."""
    if isinstance(op, ops.Opaque):
        raise ExportError(f"its operator '{op.type_name}' is unknown to archgraph")
    function = _class(op)
    if function is None:
        raise ExportError(f"its operator {op.kind} has no PyTorch layer")
    if isinstance(op, ops.Linear) and op.transposed:
        function = "TransposedLinear"  # written into the file
    if isinstance(op, ops.BatchNorm2d) and rank != 4:
        function = f"nn.BatchNorm{max(1, rank - 2)}d"
    if isinstance(op, ops.GlobalAvgPool2d):
        return function, (Field("output_size", 1, "output_size", True),)
    unsaid = op.unsaid if isinstance(op, ModuleOp) else ("transposed",)
    found = []
    for field in fields(op):
        if field.name in unsaid:
            continue
        name, value = field.name, getattr(op, field.name)
        value = value if name == "normalized_shape" and len(value) > 1 else plain(value)
        if name == "normalized_shape" and isinstance(value, tuple):
            value = Extents(value)
        always = name in _ALWAYS or isinstance(op, ops.RMSNorm)  # torch's eps is another
        default = None if field.default is MISSING or always else plain(field.default)
        family = _FAMILIES.get(name, name)
        positional = name in _POSITIONAL or op.family == "reshape"
        found.append(Field(name, value, family, positional, default, label))
    return function, tuple(found)
