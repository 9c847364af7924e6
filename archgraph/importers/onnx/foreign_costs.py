"""What an operator of a file costs that archgraph has no operator for.

Multiply-adds are those of convolutions, products of matrices, recurrent layers and attention,
whatever their numbers are; any other operator of the standard has none. FLOPs are twice these, or
one for each element that an operator computes (docs/counting.md).
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

from archgraph.importers.onnx.call import Call, UnreadableError
from archgraph.importers.onnx.settings import BROKEN
from archgraph.tensors import Open

__all__ = ["Costs", "costs_of"]


class Costs(NamedTuple):
    """Multiply-adds and FLOPs for one image; None where they are unknown."""

    macs: int | None = None
    flops: int | None = None


UNTOLD = frozenset({"DFT", "If", "LinearAttention", "Loop", "STFT", "Scan", "SequenceMap"})
"""Standard operators whose work does not follow from the shapes of what they read and give."""

_GATES = {"GRU": 3, "LSTM": 4, "RNN": 1}
_ONE_STEP = {"GRU": 10, "LSTM": 13, "RNN": 2}
"""FLOPs for each unit and step besides products and biases (docs/counting.md)."""

_FREE = frozenset({
    "BitCast", "CenterCropPad", "Col2Im", "Compress", "ConcatFromSequence", "Constant",
    "ConstantOfShape", "DepthToSpace", "Dropout", "Expand", "EyeLike", "Flatten", "Gather",
    "GatherElements", "GatherND", "Identity", "ImageDecoder", "NonZero", "OneHot", "Optional",
    "OptionalGetElement", "OptionalHasElement", "Pad", "Reshape", "ReverseSequence",
    "ScatterElements", "ScatterND", "SequenceAt", "SequenceConstruct", "SequenceEmpty",
    "SequenceErase", "SequenceInsert", "SequenceLength", "Shape", "Size", "Slice", "SpaceToDepth",
    "Split", "SplitToSequence", "Squeeze", "TensorScatter", "Tile", "Transpose", "Trilu",
    "Unsqueeze", "Upsample", "Where",
})  # fmt: skip
"""Operators that only move or choose elements."""

_READS_ALL = ("Reduce", "Arg", "Global", "TopK", "CumSum", "CumProd", "Unique", "Hardmax")
"""How operators are called whose work follows from what they read, not from what they give."""

_EACH = {
    "DequantizeLinear": 2, "DynamicQuantizeLinear": 5, "GroupNormalization": 8, "LRN": 8,
    "InstanceNormalization": 8, "LayerNormalization": 8, "LogSoftmax": 4, "LpNormalization": 3,
    "MeanVarianceNormalization": 6, "QuantizeLinear": 2, "RMSNormalization": 4,
    "RotaryEmbedding": 3, "Softmax": 3, "GridSample": 7, "RoiAlign": 7, "Resize": 7,
    "SkipLayerNormalization": 9, "SkipSimplifiedLayerNormalization": 5,
    "SimplifiedLayerNormalization": 4, "EmbedLayerNormalization": 10,
}  # fmt: skip
"""FLOPs for each element of the output, where they are not one."""

_THEIRS = frozenset({
    "BiasAdd", "BiasGelu", "EmbedLayerNormalization", "FastGelu", "Gelu", "QLinearAdd",
    "QLinearConcat", "QLinearGlobalAveragePool", "QLinearLeakyRelu", "QLinearMul",
    "QLinearSigmoid", "QLinearSoftmax", "QuickGelu", "QuantizeLinear", "DequantizeLinear",
    "RotaryEmbedding", "SimplifiedLayerNormalization", "SkipLayerNormalization",
    "SkipSimplifiedLayerNormalization",
})  # fmt: skip
"""Operators of ONNX Runtime that multiply nothing as layers do."""


def costs_of(call: Call) -> Costs:
    """Return what an operator of the standard or of ONNX Runtime costs.

    Those of other domains, and those that depend on what is not known, are unknown.
    """
    try:
        if call.domain:
            found = _theirs(call)
        else:
            found = Costs() if call.op_type in UNTOLD else _standard(call)
        if min(found.macs or 0, found.flops or 0) < 0:  # by a setting below 0
            raise UnreadableError
        return found
    except BROKEN:
        return Costs(_none(call))


def _none(call: Call) -> int | None:
    """Return 0 for what has no multiply-adds whatever it reads."""
    layers = (*_LAYERS, *_GATES, "Attention")
    if call.domain:
        return 0 if call.domain == "com.microsoft" and call.op_type in _THEIRS else None
    return None if call.op_type in layers else 0


def _standard(call: Call) -> Costs:
    kind = call.op_type
    if kind in _LAYERS:
        macs = _LAYERS[kind](call)
        bias = {"Conv": 2, "ConvTranspose": 2, "DeformConv": 3, "Gemm": 2, "QLinearConv": 8}
        return Costs(macs, 2 * macs + (_known(call.whole) if call.has(bias.get(kind, 99)) else 0))
    if kind in _GATES:
        return _recurrent(call)
    if kind == "Attention":
        return _attention(call)
    return Costs(0, _flops(call))


def _theirs(call: Call) -> Costs:
    if call.domain != "com.microsoft":
        return Costs()
    if call.op_type in _THEIRS:
        return Costs(0, _flops(call))
    found = _MICROSOFT.get(call.op_type)
    return Costs() if found is None else found(call)


def _known(shape: Any) -> int:
    """Return the number of elements, for one image; TypeError where it is not known."""
    if None in shape or Open in map(type, shape):
        raise UnreadableError
    return prod(shape)


def _flops(call: Call) -> int:
    kind = call.op_type
    if kind in _FREE:
        return 0
    if kind.startswith(_READS_ALL):
        return _known(call.shape(0))
    if kind.endswith("Pool"):
        return _known(call.whole) * prod(call.integers("kernel_shape"))
    total = 0
    for place, name in enumerate(call.outputs):
        if name and (place == 0 or kind in ("Optional", "Adam")):
            shape = call.values.tensor(name).shape
            total += _known((None,) if shape is None else shape)
    return total * _EACH.get(kind.removeprefix("QLinear"), _EACH.get(kind, 1))


# ---- layers ----------------------------------------------------------------------------------


def _conv(weight: int) -> Callable[[Call], int]:
    def macs(call: Call) -> int:
        return _known(call.whole) * _known(call.shape(weight)[1:])

    return macs


def _transposed(call: Call) -> int:
    """Return in · (C_out / groups) · K: each element of the input meets all those weights."""
    return _known(call.shape(0)) * _known(call.shape(1)[1:])


def _product(call: Call) -> int:
    turned = call.op_type == "Gemm" and call.settings.get("transA")
    return _known(call.whole) * _known([call.shape(0)[0 if turned else -1]])


def _einsum(call: Call) -> int:
    """Return the product of the extents of all letters, where a shared one is summed."""
    text = str(call.settings["equation"]).replace(" ", "")
    inputs, arrow, output = text.partition("->")
    if "." in text:
        raise UnreadableError
    words = inputs.split(",")
    sizes: dict[str, int] = {}
    for place, word in enumerate(words):
        sizes |= dict(zip(word, call.shape(place), strict=True))
    shared = {c for c in sizes if sum(c in word for word in words) > 1}
    kept = set(output) if arrow else {c for c in sizes if inputs.count(c) == 1}
    return _known(sizes.values()) if shared - kept else 0


_LAYERS: dict[str, Callable[[Call], int]] = {
    "Conv": _conv(1),
    "ConvInteger": _conv(1),
    "ConvTranspose": _transposed,
    "DeformConv": _conv(1),
    "Einsum": _einsum,
    "Gemm": _product,
    "MatMul": _product,
    "MatMulInteger": _product,
    "QLinearConv": _conv(3),
    "QLinearMatMul": _product,
}


def _recurrent(call: Call) -> Costs:
    """Return steps · weights of all directions, and what gates and states take beside these."""
    sizes = call.shape(0)
    steps, weights = _known(sizes[:2]), _known(call.shape(1)) + _known(call.shape(2))
    units = _known(call.shape(2)[:1]) * _known(call.shape(2)[2:])
    biases = 2 * _GATES[call.op_type] * units if call.has(3) else 0
    macs = steps * weights
    return Costs(macs, 2 * macs + steps * (biases + _ONE_STEP[call.op_type] * units))


def _of_attention(batch: int, heads: int, rows: int, columns: int, wide: int) -> Costs:
    """Return those of both products, and five for each weight: scale, mask, softmax."""
    pairs = batch * heads * rows * columns
    return Costs(pairs * wide, 2 * pairs * wide + 5 * pairs)


def _attention(call: Call) -> Costs:
    """Return those of the standard's Attention, a cache of keys in front of the new included."""
    query, key, value = (call.shape(position) for position in range(3))
    past = call.shape(4)[-2] if call.has(4) else 0
    _known((*query, *key, *value, past))
    if len(query) == 4:
        rows, columns, wide = query[2], key[2] + past, query[3] + value[3]
        return _of_attention(query[0], query[1], rows, columns, wide)
    many, few = call.integer("q_num_heads", 1), call.integer("kv_num_heads", 1)
    wide = query[2] // many + value[2] // few
    return _of_attention(query[0], many, query[1], key[1] + past, wide)


# ---- operators of ONNX Runtime ---------------------------------------------------------------


def _their_attention(call: Call) -> Costs:
    """Return those of Attention: the projection of queries, keys and values, and both products."""
    batch, rows, width = call.shape(0)
    _known((batch, rows, width))
    wide = call.shape(1)[1]
    sizes = call.integers("qkv_hidden_sizes") or (wide // 3,) * 3
    heads = call.integer("num_heads", 1)
    past = call.shape(4)[-2] if call.has(4) else 0
    both = _of_attention(batch, heads, rows, rows + past, (sizes[0] + sizes[2]) // heads)
    macs = batch * rows * width * wide
    bias = batch * rows * wide if call.has(2) else 0
    return _sum(both, Costs(macs, 2 * macs + bias))


def _multi_head(call: Call) -> Costs:
    """Return those of MultiHeadAttention, whose projections stand before it."""
    query, heads = call.shape(0), call.integer("num_heads", 1)
    past = call.shape(6)[-2] if call.has(6) else 0
    if len(query) == 5:  # queries, keys and values in one: (N, L, heads, 3, width)
        batch, rows, heads, _, width = query
        _known((*query, past))
        return _of_attention(batch, heads, rows, rows + past, 2 * width)
    key, value = call.shape(1), call.shape(2) if call.has(2) else None
    _known((*query, *key, past))
    if len(key) == 5:  # keys and values in one
        return _of_attention(query[0], heads, query[1], key[1] + past, 2 * key[-1])
    columns = key[2] if len(key) == 4 else key[1]
    each = query[2] // heads
    wide = each if value is None else (value[-1] if len(value) == 4 else value[2] // heads)
    return _of_attention(query[0], heads, query[1], columns + past, each + wide)


def _grouped(call: Call) -> Costs:
    """Return those of GroupQueryAttention; few heads of keys serve many of queries."""
    query, many, few = call.shape(0), call.integer("num_heads", 1), call.integer("kv_num_heads", 1)
    past = call.shape(3)[2] if call.has(3) else 0
    packed = not call.has(1)
    columns = query[1] if packed else call.shape(1)[1]
    _known((*query, past, columns))
    each = query[2] // (many + 2 * few if packed else many)
    return _of_attention(query[0], many, query[1], columns + past, 2 * each)


def _few_bits(call: Call) -> Costs:
    """Return those of MatMulNBits, a linear layer whose weights have a few bits each."""
    macs = _known(call.shape(0)[:-1]) * call.integer("K", 0) * call.integer("N", 0)
    bias = _known(call.shape(0)[:-1]) * call.integer("N", 0) if call.has(5) else 0
    return Costs(macs, 2 * macs + bias)


def _as(kind: Callable[[Call], int]) -> Callable[[Call], Costs]:
    def costs(call: Call) -> Costs:
        macs = kind(call)
        return Costs(macs, 2 * macs)

    return costs


def _fused_product(call: Call) -> int:
    shape = call.shape(0)
    return _known(call.whole) * _known([shape[-2 if call.settings.get("transA") else -1]])


def _sum(*parts: Costs) -> Costs:
    return Costs(sum(each.macs or 0 for each in parts), sum(each.flops or 0 for each in parts))


_MICROSOFT: dict[str, Callable[[Call], Costs]] = {
    "Attention": _their_attention,
    "DynamicQuantizeMatMul": _as(_fused_product),
    "FusedConv": _as(_conv(1)),
    "FusedGemm": _as(_fused_product),
    "FusedMatMul": _as(_fused_product),
    "GroupQueryAttention": _grouped,
    "MatMulInteger16": _as(_fused_product),
    "MatMulIntegerToFloat": _as(_fused_product),
    "MatMulNBits": _few_bits,
    "MultiHeadAttention": _multi_head,
    "QGemm": _as(_fused_product),
}
