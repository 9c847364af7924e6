"""At which inputs ONNX's operators take weights, and at which settings that are no data."""

from __future__ import annotations

from archgraph.importers.onnx.nodes import Node

__all__ = ["NORMS_OF_ONE", "SETTINGS", "weights_of"]

_P, _B, _C = "parameter", "buffer", "constant"

_SCALES = {1: _C, 2: _C}

WEIGHTS: dict[str, dict[int, str]] = {
    "BatchNormalization": {1: _P, 2: _P, 3: _B, 4: _B},
    "Conv": {1: _P, 2: _P},
    "ConvInteger": {1: _P, 2: _C, 3: _C},
    "ConvTranspose": {1: _P, 2: _P},
    "DeformConv": {1: _P, 3: _P},
    "DequantizeLinear": _SCALES,
    "GRU": {1: _P, 2: _P, 3: _P},
    "Gemm": {1: _P, 2: _P},
    "GroupNormalization": {1: _P, 2: _P},
    "InstanceNormalization": {1: _P, 2: _P},
    "LSTM": {1: _P, 2: _P, 3: _P, 7: _P},
    "LayerNormalization": {1: _P, 2: _P},
    "MatMulInteger": {1: _P, 2: _C, 3: _C},
    "PRelu": {1: _P},
    "QLinearConv": {1: _C, 2: _C, 3: _P, 4: _C, 5: _C, 6: _C, 7: _C, 8: _P},
    "QLinearMatMul": {1: _C, 2: _C, 3: _P, 4: _C, 5: _C, 6: _C, 7: _C},
    "QuantizeLinear": _SCALES,
    "RMSNormalization": {1: _P},
    "RNN": {1: _P, 2: _P, 3: _P},
    "SimplifiedLayerNormalization": {1: _P},
}
"""Where operators take what is learned, what is kept beside it, and scales of quantised numbers."""

_MICROSOFT: dict[str, dict[int, str]] = {
    "Attention": {1: _P, 2: _P},
    "BiasAdd": {1: _P},
    "BiasGelu": {1: _P},
    "DynamicQuantizeMatMul": {1: _P, 2: _C, 3: _C, 4: _P},
    "EmbedLayerNormalization": {2: _P, 3: _P, 4: _P, 5: _P, 6: _P},
    "FastGelu": {1: _P},
    "FusedConv": {1: _P, 2: _P},
    "FusedGemm": {1: _P, 2: _P},
    "MatMulIntegerToFloat": {1: _P, 2: _C, 3: _C, 4: _C, 5: _C, 6: _P},
    "MatMulNBits": {1: _P, 2: _C, 3: _C, 5: _P},
    "QGemm": {1: _C, 2: _C, 3: _P, 4: _C, 5: _C, 6: _P, 7: _C, 8: _C},
    "QLinearAdd": {1: _C, 2: _C, 4: _C, 5: _C, 6: _C, 7: _C},
    "QLinearMul": {1: _C, 2: _C, 4: _C, 5: _C, 6: _C, 7: _C},
    "SkipLayerNormalization": {2: _P, 3: _P, 4: _P},
    "SkipSimplifiedLayerNormalization": {2: _P, 3: _P},
    "DequantizeLinear": _SCALES,
    "QuantizeLinear": _SCALES,
}
"""The same for operators of ONNX Runtime."""


def weights_of(node: Node) -> dict[int, str]:
    """Return at which inputs a node takes weights, and of which kind."""
    if node.standard:
        return WEIGHTS.get(node.op_type, {})
    return _MICROSOFT.get(node.op_type, {}) if node.domain == "com.microsoft" else {}


NORMS_OF_ONE = frozenset({"GroupNormalization", "InstanceNormalization"})
"""Operators that must be given a scale and a shift, so that exporters give ones and zeros."""

_REDUCTIONS = ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare")

SETTINGS: dict[str, frozenset[int]] = {
    "CastLike": frozenset({1}),
    "CenterCropPad": frozenset({1}),
    "Clip": frozenset({1, 2}),
    "ConstantOfShape": frozenset({0}),
    "CumSum": frozenset({1}),
    "Dropout": frozenset({1, 2}),
    "Expand": frozenset({1}),
    "OneHot": frozenset({1, 2}),
    "Pad": frozenset({1, 2, 3}),
    "Range": frozenset({0, 1, 2}),
    "Reshape": frozenset({1}),
    "Resize": frozenset({1, 2, 3}),
    "SequenceAt": frozenset({1}),
    "Slice": frozenset({1, 2, 3, 4}),
    "Split": frozenset({1}),
    "SplitToSequence": frozenset({1}),
    "Squeeze": frozenset({1}),
    "Tile": frozenset({1}),
    "TopK": frozenset({1}),
    "Trilu": frozenset({1}),
    "Unsqueeze": frozenset({1}),
    "Upsample": frozenset({1}),
    **{f"Reduce{name}": frozenset({1}) for name in _REDUCTIONS},
}
"""Where operators take sizes, axes and bounds."""
