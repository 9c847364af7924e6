"""How many multiply-adds an operator of a file takes that archgraph has no operator for."""

from __future__ import annotations

from math import prod

from archgraph.importers.onnx.call import Call, UnreadableError

__all__ = ["macs_of"]

UNTOLD = frozenset({
    "ConvInteger", "DFT", "DeformConv", "Einsum", "If", "LinearAttention", "Loop",
    "MatMulInteger", "QLinearConv", "QLinearMatMul", "STFT", "Scan",
})  # fmt: skip
"""Standard operators that multiply and add as layers do, in ways that are not followed here."""

_GATES = {"GRU": 3, "LSTM": 4, "RNN": 1}


def macs_of(call: Call) -> int | None:
    """Return a standard operator's multiply-adds for one image, or None where they are untold.

    They are those of convolutions, linear layers, matrix products, recurrent layers (gates ·
    hidden · (input + hidden) for each step and direction) and attention (heads · L · S ·
    (E + E_v)); any other standard operator has none. A transposed convolution multiplies each
    element of its input with C_out / groups · K weights.
    """
    if call.op_type in UNTOLD:
        return None
    try:
        if call.op_type == "ConvTranspose":
            return prod(call.shape(0)) * prod(call.shape(1)[1:])
        if call.op_type == "Conv":
            return prod(call.whole) * prod(call.shape(1)[1:])
        if call.op_type in ("Gemm", "MatMul"):
            turned = call.op_type == "Gemm" and call.settings.get("transA")
            return prod(call.whole) * call.shape(0)[0 if turned else -1]
        if call.op_type in _GATES:
            steps = prod(call.shape(0)[:2])
            return steps * (prod(call.shape(1)) + prod(call.shape(2)))
        if call.op_type == "Attention":
            return _attention(call)
    except UnreadableError:
        return None
    return 0


def _attention(call: Call) -> int:
    """Return the multiply-adds of both products, a cache of keys in front of the new included."""
    query, key, value = (call.shape(position) for position in range(3))
    past = call.shape(4)[-2] if call.has(4) else 0
    if len(query) == 4:
        heads = query[0] * query[1]
        return heads * query[2] * (key[2] + past) * (query[3] + value[3])
    many, few = call.integer("q_num_heads", 1), call.integer("kv_num_heads", 1)
    wide = query[2] + many * (value[2] // few)
    return query[0] * query[1] * (key[1] + past) * wide
