"""Networks that take images of any size: which tensors then have an open height and width."""

from __future__ import annotations

from archgraph.errors import ExportError
from archgraph.graph import ArchGraph
from archgraph.ops import (
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    AvgPool2d,
    Flatten,
    GlobalAvgPool2d,
    Input,
    Linear,
    MaxPool2d,
    Op,
)

__all__ = ["open_nodes"]


def open_nodes(net: ArchGraph) -> set[str]:
    """Return the nodes whose maps follow the size of the image.

    Raises ExportError naming the first node that takes maps of one size only.
    """
    found: set[str] = set()
    for name in net.topological():
        op = net.op(name)
        if isinstance(op, Input):
            if len(op.shape) == 3:
                found.add(name)
        elif any(source in found for source in net.inputs_of(name)):
            if not _takes_any(op):
                raise ExportError(
                    f"'{net.name}' takes images of one size only: its node '{name}' ({op.kind}) "
                    "needs maps of a known size; export it with a fixed one."
                )
            if not _closes(op):
                found.add(name)
    return found


def _closes(op: Op) -> bool:
    """Return whether the result has the same size whatever the maps' was."""
    return isinstance(op, (GlobalAvgPool2d, AdaptiveAvgPool2d, AdaptiveMaxPool2d))


def _takes_any(op: Op) -> bool:
    if isinstance(op, (MaxPool2d, AvgPool2d)) and op.ceil_mode:
        # PyTorch drops a last window that starts behind the map, ONNX keeps it: there must be none.
        dilation = op.dilation if isinstance(op, MaxPool2d) else (1, 1)
        windows = zip(op.kernel_size, op.stride, op.padding, dilation, strict=True)
        return all(s + p <= d * (k - 1) + 1 for k, s, p, d in windows)
    if isinstance(op, AdaptiveMaxPool2d):
        return bool(op.output_size == (1, 1))
    return not isinstance(op, (Flatten, Linear))
