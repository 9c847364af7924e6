"""Layers with weights: linear layers, products of matrices, norms, attention."""

from __future__ import annotations

from collections.abc import Callable
from math import isclose

from archgraph import ops
from archgraph.importers.onnx.call import Call, Made, UnreadableError, Weight, made
from archgraph.ops import Op, Shape, elements

__all__ = ["READERS"]


def _gemm(call: Call) -> list[Made]:
    if call.integer("transA", 0) or call.number("alpha", 1.0) != 1:
        raise UnreadableError
    if call.has(2) and call.number("beta", 1.0) != 1:
        raise UnreadableError
    turned = bool(call.integer("transB", 0))
    if call.static(1) is None:
        first = [Made(ops.Permute((1, 0)), (call.inputs[1],))] if turned else []
        product = Made(ops.MatMul(), (call.inputs[0], "" if turned else call.inputs[1]))
        added = [Made(ops.Add(), ("", call.inputs[2]))] if call.has(2) else []
        return [*first, product, *added]
    layer = _linear(call, turned)
    if not call.adds(2):
        return [layer]
    op = layer.op
    assert isinstance(op, ops.Linear)
    if call.static(2) is not None and _row(call.weight(2)) == (op.out_features,):
        weights = {**layer.weights, "bias": Weight(call.inputs[2], (op.out_features,))}
        biased = made(ops.Linear, op.in_features, op.out_features, True, op.transposed)
        return [layer._replace(op=biased, weights=weights)]
    return [layer, Made(ops.Add(), ("", call.inputs[2]))]


def _row(shape: Shape) -> Shape:
    """Return a bias's shape without axes of 1 in front."""
    while len(shape) > 1 and shape[0] == 1:
        shape = shape[1:]
    return shape


def _linear(call: Call, turned: bool) -> Made:
    """Return a layer without bias; ``turned`` says that its weights are out × in features."""
    shape, static = call.weight(1), call.static(1)
    assert static is not None
    if len(shape) != 2:
        raise UnreadableError
    rows, columns = shape[::-1] if turned else shape
    weight = Weight(call.inputs[1])
    if static.root and static.turned:  # a transpose of what is stored: read that
        weight, turned = Weight(static.root), not turned
    op = made(ops.Linear, rows, columns, bias=False, transposed=not turned)
    return Made(op, (call.inputs[0],), {"weight": weight})


def _matmul(call: Call) -> list[Made]:
    right = call.static(1)
    if right is not None and call.static(0) is None and _is_float(right.tensor.dtype):
        shape = call.weight(1)
        if len(shape) == 2 and len(call.shape(0)) > 0:
            return [_linear(call, False)]
    return [Made(ops.MatMul(), call.inputs[:2])]


def _is_float(dtype: str | None) -> bool:
    return dtype is None or dtype.startswith(("float", "bfloat"))


def _einsum(call: Call) -> list[Made]:
    return [Made(ops.Einsum(str(call.settings["equation"])), call.data)]


def _batch_norm(call: Call) -> list[Made]:
    (features,) = call.weight(1)
    momentum = call.number("momentum", 0.9)
    op = ops.BatchNorm2d(features, call.number("epsilon", 1e-5), round(1 - momentum, 7))
    weights = call.weights(weight=1, bias=2, running_mean=3, running_var=4)
    return [Made(op, (call.inputs[0],), weights)]


def _layer_norm(call: Call) -> list[Made]:
    shape = call.shape(0)
    last = tuple(shape[call.integer("axis", -1) :])
    if call.weight(1) != last or (call.has(2) and call.weight(2) != last):
        raise UnreadableError
    if any(call.outputs[1:]):
        raise UnreadableError
    op = made(ops.LayerNorm, last, call.number("epsilon", 1e-5), bias=call.has(2))
    return [Made(op, (call.inputs[0],), call.weights(weight=1, bias=2))]


def _rms_norm(call: Call) -> list[Made]:
    shape = call.shape(0)
    last = tuple(shape[call.integer("axis", -1) :])
    if call.weight(1) != last:
        raise UnreadableError
    op = ops.RMSNorm(last, call.number("epsilon", 1e-5))
    return [Made(op, (call.inputs[0],), call.weights(weight=1))]


def _group_norm(call: Call) -> list[Made]:
    """Read a GroupNormalization (of operator set 21) or an InstanceNormalization."""
    channels = call.shape(0)[1]
    groups = call.integer("num_groups", channels)
    if call.weight(1) != (channels,) or call.weight(2) != (channels,):
        raise UnreadableError
    scale, shift = call.static(1), call.static(2)
    # It must be given both, so those who have none give ones and zeros.
    affine = scale is None or shift is None or (scale.fill, shift.fill) != (1, 0)
    op = ops.GroupNorm(groups, channels, call.number("epsilon", 1e-5), affine)
    weights = call.weights(weight=1, bias=2) if affine else {}
    return [Made(op, (call.inputs[0],), weights)]


def _lrn(call: Call) -> list[Made]:
    numbers = [call.number(k, d) for k, d in (("alpha", 1e-4), ("beta", 0.75), ("bias", 1.0))]
    op = ops.LocalResponseNorm(call.integer("size", 0), *numbers)
    return [Made(op, (call.inputs[0],))]


def _prelu(call: Call) -> list[Made]:
    """Read one slope, or one for each channel."""
    shape, slope = call.shape(0), call.weight(1)
    count = elements(slope)
    channels = (
        len(shape) > 1 and _row(slope)[:1] == shape[1:2] and len(_row(slope)) == len(shape) - 1
    )
    if count != 1 and not (channels and count == shape[1]):
        raise UnreadableError
    weights = {"weight": Weight(call.inputs[1], (count,))}
    return [Made(ops.PReLU(count), (call.inputs[0],), weights)]


def _attention(call: Call) -> list[Made]:
    """Read an Attention (operator set 23) of heads on an axis of their own and without a cache."""
    query, key = call.shape(0), call.shape(1)
    if len(query) != 4 or any(call.outputs[1:]) or any(map(call.has, (4, 5, 6))):
        raise UnreadableError
    if call.number("softcap", 0.0):
        raise UnreadableError
    scale = call.number("scale", 0.0) or None
    if scale is not None and isclose(scale, float(query[-1]) ** -0.5, rel_tol=1e-6):
        scale = None
    causal = bool(call.integer("is_causal", 0))
    op: Op = ops.ScaledDotProductAttention(causal, scale, enable_gqa=query[1] != key[1])
    return [Made(op, tuple(filter(None, call.inputs[:4])))]


READERS: dict[str, Callable[[Call], list[Made]]] = {
    "Attention": _attention,
    "BatchNormalization": _batch_norm,
    "Einsum": _einsum,
    "Gemm": _gemm,
    "GroupNormalization": _group_norm,
    "InstanceNormalization": _group_norm,
    "LRN": _lrn,
    "LayerNormalization": _layer_norm,
    "MatMul": _matmul,
    "PRelu": _prelu,
    "RMSNormalization": _rms_norm,
}
"""How each ONNX operator of this family is read."""
