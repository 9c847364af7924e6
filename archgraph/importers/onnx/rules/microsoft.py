"""Operators that ONNX Runtime fuses, as the ones that they are made of (domain com.microsoft)."""

from __future__ import annotations

from collections.abc import Callable

from archgraph import ops
from archgraph.importers.onnx.call import Call, Made, Number, UnreadableError
from archgraph.importers.onnx.rules import layers, windows
from archgraph.ops import Op

__all__ = ["READERS"]

_ACTIVATIONS: dict[str, Op] = {
    "HardSwish": ops.Hardswish(),
    "Relu": ops.ReLU(),
    "Sigmoid": ops.Sigmoid(),
    "Tanh": ops.Tanh(),
}


def _activated(call: Call, made: list[Made]) -> list[Made]:
    """Add the activation that a layer was fused with."""
    kind = str(call.settings.get("activation", ""))
    if not kind:
        return made
    if kind == "LeakyRelu":
        slope = (call.settings.get("activation_params") or [0.01])[0]
        alpha = call.settings.get("activation_alpha", slope)
        return [*made, Made(ops.LeakyReLU(float(alpha)))]
    if kind not in _ACTIVATIONS:
        raise UnreadableError
    return [*made, Made(_ACTIVATIONS[kind])]


def _conv(call: Call) -> list[Made]:
    if call.has(3):  # a tensor that is added before the activation
        (made,) = windows.READERS["Conv"](call)
        return _activated(call, [made, Made(ops.Add(), ("", call.inputs[3]))])
    return _activated(call, windows.READERS["Conv"](call))


def _gemm(call: Call) -> list[Made]:
    return _activated(call, layers.READERS["Gemm"](call))


def _gelu(call: Call) -> list[Made]:
    """Read GELU, of what is read and a bias where there is one."""
    form = "tanh" if call.op_type == "FastGelu" else "none"
    if not call.has(1):
        return [Made(ops.GELU(form), (call.inputs[0],))]
    return [Made(ops.Add(), call.inputs[:2]), Made(ops.GELU(form))]


def _bias(call: Call) -> list[Made]:
    return [Made(ops.Add(), call.data)]


def _product(call: Call) -> list[Made]:
    """Read a product of matrices that may be turned, times a number."""
    if call.settings.get("transBatchA") or call.settings.get("transBatchB"):
        raise UnreadableError
    made, reads = [], []
    for place, side in enumerate("AB"):
        name = call.inputs[place]
        if call.integer(f"trans{side}", 0):
            rank = len(call.shape(place))
            order = (*range(rank - 2), rank - 1, rank - 2)
            turned = f"{call.outputs[0]}\0{side}"
            made.append(Made(ops.Permute(order), (name,), makes=(turned,)))
            name = turned
        reads.append(name)
    made.append(Made(ops.MatMul(), tuple(reads)))
    alpha = call.number("alpha", 1.0)
    return made if alpha == 1 else [*made, Made(ops.Mul(), ("", Number(alpha)))]


def _skip_norm(call: Call) -> list[Made]:
    """Read a shortcut's sum and the norm behind it; the sum may be an output of its own."""
    plain = call.op_type == "SkipSimplifiedLayerNormalization"
    width = (call.shape(0)[-1],)
    bias = 3 if plain else 4
    epsilon = call.number("epsilon", 1e-12 if not plain else 1e-6)
    terms = (*call.inputs[:2], *([call.inputs[bias]] if call.has(bias) else ()))
    total = call.outputs[3] if len(call.outputs) > 3 and call.outputs[3] else ""
    total = total or f"{call.outputs[0]}\0sum"
    if plain:
        norm = Made(ops.RMSNorm(width, epsilon), (total,), call.weights(weight=2))
    else:
        weights = call.weights(weight=2, bias=3)
        norm = Made(ops.LayerNorm(width, epsilon, bias=call.has(3)), (total,), weights)
    added = Made(ops.Add(), terms, makes=(total,))
    return [added, norm._replace(makes=(call.outputs[0],))]


def _rms_norm(call: Call) -> list[Made]:
    width = (call.shape(0)[-1],)
    op = ops.RMSNorm(width, call.number("epsilon", 1e-5))
    return [Made(op, (call.inputs[0],), call.weights(weight=1))]


def _quick_gelu(call: Call) -> list[Made]:
    if call.number("alpha", 1.702) != 1:
        raise UnreadableError
    return [Made(ops.SiLU(), (call.inputs[0],))]


READERS: dict[str, Callable[[Call], list[Made]]] = {
    "BiasAdd": _bias,
    "BiasGelu": _gelu,
    "FastGelu": _gelu,
    "FusedConv": _conv,
    "FusedGemm": _gemm,
    "FusedMatMul": _product,
    "Gelu": _gelu,
    "QuickGelu": _quick_gelu,
    "SimplifiedLayerNormalization": _rms_norm,
    "SkipLayerNormalization": _skip_norm,
    "SkipSimplifiedLayerNormalization": _skip_norm,
}
"""How each operator of this family is read."""
