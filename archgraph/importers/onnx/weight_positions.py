"""At which inputs ONNX's operators take weights, and at which settings that are no data."""

from __future__ import annotations

__all__ = ["NORMS_OF_ONE", "SETTINGS", "WEIGHTS"]

_P, _B = "parameter", "buffer"

WEIGHTS: dict[str, dict[int, str]] = {
    "BatchNormalization": {1: _P, 2: _P, 3: _B, 4: _B},
    "Conv": {1: _P, 2: _P},
    "ConvTranspose": {1: _P, 2: _P},
    "DeformConv": {1: _P, 3: _P},
    "GRU": {1: _P, 2: _P, 3: _P},
    "Gemm": {1: _P, 2: _P},
    "GroupNormalization": {1: _P, 2: _P},
    "InstanceNormalization": {1: _P, 2: _P},
    "LSTM": {1: _P, 2: _P, 3: _P, 7: _P},
    "LayerNormalization": {1: _P, 2: _P},
    "PRelu": {1: _P},
    "RMSNormalization": {1: _P},
    "RNN": {1: _P, 2: _P, 3: _P},
    "SkipLayerNormalization": {2: _P, 3: _P, 4: _P},
}
"""Where operators take what is learned, and what is kept beside it."""

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
