"""Networks that take images of any size: which tensors then have an open height and width."""

from __future__ import annotations

from archgraph import ops
from archgraph.errors import ExportError
from archgraph.graph import ArchGraph
from archgraph.ops import (
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    AvgPool2d,
    GlobalAvgPool2d,
    Input,
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
            if len(net.nodes[name]["outputs"][0].shape or ()) == 4 and (op.dtype or "").startswith(
                "float"
            ):
                found.add(name)
        elif any(source in found for source in net.inputs_of(name)):
            if not _takes_any(op) or len(net.nodes[name]["outputs"][0].shape or ()) != 4:
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


_ANY = (
    *(ops.Conv2d, ops.ConvTranspose2d, ops.BatchNorm2d, ops.LocalResponseNorm),
    *(ops.MaxPool2d, ops.AvgPool2d, ops.AdaptiveAvgPool2d, ops.GlobalAvgPool2d),
    *(ops.ReLU, ops.ReLU6, ops.LeakyReLU, ops.SiLU, ops.GELU, ops.Hardswish, ops.Hardsigmoid),
    ops.QuickGELU,
    *(
        ops.Sigmoid,
        ops.Tanh,
        ops.Softmax,
        ops.LogSoftmax,
        ops.Dropout,
        ops.Identity,
        ops.Cast,
        ops.Pointwise,
    ),
    *(ops.Add, ops.Mul, ops.Concat, ops.MatMul, ops.PixelShuffle, ops.Cumulate, ops.Flip),
    *(ops.PadShortcut, ops.ZeroPad2d, ops.Pad),
)
"""The operators whose ONNX nodes take maps of any size; others with conditions are below."""


def _takes_any(op: Op) -> bool:
    if isinstance(op, (MaxPool2d, AvgPool2d)) and op.ceil_mode:
        # PyTorch drops a last window that starts behind the map, ONNX keeps it: there must be none.
        dilation = op.dilation if isinstance(op, MaxPool2d) else (1, 1)
        windows = zip(op.kernel_size, op.stride, op.padding, dilation, strict=True)
        return all(s + p <= d * (k - 1) + 1 for k, s, p, d in windows)
    if isinstance(op, AdaptiveMaxPool2d):
        return bool(op.output_size == (1, 1))
    if isinstance(op, ops.Slice):
        return op.dim == 1
    if isinstance(op, ops.Resize):
        return op.scale is not None and op.mode != "area"
    return isinstance(op, _ANY)
