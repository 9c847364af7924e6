"""What operators of ONNX Runtime give, which onnx itself does not know (domain com.microsoft).

Source: ContribOperators.md of ONNX Runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from archgraph.importers.onnx.nodes import Node
from archgraph.importers.onnx.settings import BROKEN
from archgraph.tensors import Tensor

if TYPE_CHECKING:
    from onnx import NodeProto

__all__ = ["outputs_of", "standard_form"]

_FORMS: dict[str, tuple[str, tuple[int, ...]]] = {
    "FusedConv": ("Conv", (0, 1, 2)),
    "FusedGemm": ("Gemm", (0, 1, 2)),
    "Gelu": ("Gelu", (0,)),
    "QLinearAdd": ("Add", (0, 3)),
    "QLinearMul": ("Mul", (0, 3)),
    "QLinearSoftmax": ("Softmax", (0,)),
    "QuantizeLinear": ("QuantizeLinear", (0, 1, 2)),
    "DequantizeLinear": ("DequantizeLinear", (0, 1, 2)),
}
"""Operators whose outputs have the shapes of a standard one that reads some of their inputs."""

_SAME = frozenset({
    "BiasAdd", "BiasGelu", "FastGelu", "QLinearLeakyRelu", "QLinearSigmoid", "QuickGelu",
    "RotaryEmbedding", "SimplifiedLayerNormalization", "SkipLayerNormalization",
    "SkipSimplifiedLayerNormalization",
})  # fmt: skip
"""Operators whose outputs have the shape of their first input."""

_SETTINGS = {
    "Conv": ("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"),
    "Gemm": ("alpha", "beta", "transA", "transB"),
}

Known = Callable[[int], Any]
"""The shape at an input."""


def standard_form(node: Node) -> NodeProto | None:
    """Return a standard operator that gives tensors of the same shapes, or None."""
    from onnx import NodeProto

    kind, places = _FORMS.get(node.op_type, ("", ()))
    if not kind:
        return None
    settings = _SETTINGS.get(kind, ())
    proto = NodeProto(op_type=kind, output=node.output[:1])
    proto.input.extend(node.input[place] for place in places if place < len(node.input))
    proto.attribute.extend(each for each in node.attribute if each.name in settings)
    return proto


def outputs_of(node: Node, read: Sequence[Tensor]) -> tuple[Tensor, ...] | None:
    """Return the outputs for inputs whose extents are numbers; None where they are unknown."""
    settings = node.kind.settings
    try:
        if node.op_type in _SAME:
            # Further outputs are means and variances, which nobody reads, then the sum itself.
            known = (0, 3) if node.op_type.startswith("Skip") else (0,)
            return tuple(
                read[0] if place in known else Tensor(None, "float32")
                for place in range(len(node.output))
            )
        rule = _RULES.get(node.op_type)
        if rule is None:
            return None
        first = read[0].dtype
        found = rule(settings, [each.shape for each in read])
        tensors = [each if isinstance(each, Tensor) else Tensor(each, first) for each in found]
        if not all(map(_is_shape, (each.shape for each in tensors))):
            return None  # by a setting that is no size
        if node.op_type == "QGemm" and (len(read) < 9 or read[8].dtype is None):
            tensors = [Tensor(tensors[0].shape, "float32")]  # without a zero point it gives floats
        tensors += [Tensor(None, None)] * len(node.output)
        return tuple(tensors[: len(node.output)])
    except BROKEN:
        return None


def _is_shape(shape: object) -> bool:
    return isinstance(shape, tuple) and all(
        each is None or (type(each) is int and each >= 0) for each in shape
    )


def _attention(settings: dict[str, Any], shapes: list[Any]) -> list[Any]:
    batch, rows, _ = shapes[0]
    sizes, heads = settings.get("qkv_hidden_sizes"), settings["num_heads"]
    wide = sizes[2] if sizes else shapes[1][1] // 3
    past = shapes[4][-2] if len(shapes) > 4 and shapes[4] else 0
    return [(batch, rows, wide), (2, batch, heads, past + rows, wide // heads)]


def _multi_head(settings: dict[str, Any], shapes: list[Any]) -> list[Any]:
    heads = settings["num_heads"]
    if len(shapes[0]) == 5:
        batch, rows, _, _, width = shapes[0]
        return [(batch, rows, heads * width)]
    batch, rows, width = shapes[0]
    value = shapes[2] if len(shapes) > 2 and shapes[2] else None
    wide = width if value is None else value[2] if len(value) == 3 else heads * value[3]
    columns = shapes[1][2] if len(shapes[1]) == 4 else shapes[1][1]
    past = shapes[6][-2] if len(shapes) > 6 and shapes[6] else 0
    cache = (batch, heads, past + columns, width // heads)
    return [(batch, rows, wide), cache, (*cache[:3], wide // heads)]


def _grouped(settings: dict[str, Any], shapes: list[Any]) -> list[Any]:
    many, few = settings["num_heads"], settings["kv_num_heads"]
    batch, rows, width = shapes[0]
    packed = not (len(shapes) > 1 and shapes[1])
    each = width // (many + 2 * few if packed else many)
    past = shapes[3][2] if len(shapes) > 3 and shapes[3] else 0
    cache = (batch, few, past + rows, each)
    return [(batch, rows, many * each), cache, cache]


def _product(settings: dict[str, Any], shapes: list[Any]) -> list[Any]:
    import numpy as np

    left, right = list(shapes[0]), list(shapes[1])
    if settings.get("transA"):
        left[-2:] = left[:-3:-1]
    if settings.get("transB"):
        right[-2:] = right[:-3:-1]
    if len(right) == 1:
        return [tuple(left[:-1])]
    front = np.broadcast_shapes(tuple(left[:-2]), tuple(right[:-2]))
    return [(*map(int, front), *left[-2:-1], right[-1])]


def _as_float(settings: dict[str, Any], shapes: list[Any]) -> list[Any]:
    return [Tensor(each, "float32") for each in _product(settings, shapes)]


def _quantised_product(settings: dict[str, Any], shapes: list[Any]) -> list[Any]:
    return _product(settings, [shapes[0], shapes[3]])


def _few_bits(settings: dict[str, Any], shapes: list[Any]) -> list[Any]:
    return [(*shapes[0][:-1], settings["N"])]


def _embedding(_: dict[str, Any], shapes: list[Any]) -> list[Any]:
    batch, rows = shapes[0]
    whole = Tensor((batch, rows, shapes[2][1]), "float32")
    return [whole, Tensor((batch,), "int32"), whole]


def _pool(settings: dict[str, Any], shapes: list[Any]) -> list[Any]:
    batch, *rest = shapes[0]
    axes = len(rest) - 1
    ones = (1,) * axes
    return [(batch, *ones, rest[-1]) if settings.get("channels_last") else (batch, rest[0], *ones)]


def _joined(settings: dict[str, Any], shapes: list[Any]) -> list[Any]:
    parts, axis = shapes[2::3], settings["axis"]
    found = list(parts[0])
    found[axis] = sum(part[axis] for part in parts)
    return [tuple(found)]


_RULES: dict[str, Callable[[dict[str, Any], list[Any]], list[Any]]] = {
    "Attention": _attention,
    "DynamicQuantizeMatMul": _as_float,
    "EmbedLayerNormalization": _embedding,
    "FusedMatMul": _product,
    "GroupQueryAttention": _grouped,
    "MatMulIntegerToFloat": _as_float,
    "MatMulNBits": _few_bits,
    "MultiHeadAttention": _multi_head,
    "QGemm": _quantised_product,
    "QLinearConcat": _joined,
    "QLinearGlobalAveragePool": _pool,
}
