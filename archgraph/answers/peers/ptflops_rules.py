"""Rules of ptflops, which patches modules and functions and counts some by both."""

from __future__ import annotations

from archgraph.answers.peers.counted_parts import Part
from archgraph.answers.peers.rules import (
    KERNEL,
    RECURRENT,
    UNSEEN_LSTM,
    WEIGHTED,
    Rule,
    affine,
    in_heads,
    omitted,
    own_layer,
)
from archgraph.tensors import elements

__all__ = ["PTFLOPS", "PTFLOPS_ATEN"]


def _functional(part: Part) -> bool:
    """Whether it is a layer by ``F.linear`` or ``F.conv2d``, which ptflops leaves out."""
    if not isinstance(part.op, WEIGHTED) or own_layer(part) or in_heads(part):
        return False
    return not any(call in ("addmm", "matmul", "mm") for call in part.calls)


def _bias(part: Part) -> int:
    """A bias once per output; that of addmm once."""
    if not part.numbers("bias") or not isinstance(part.op, WEIGHTED):
        return 0
    if own_layer(part) or in_heads(part):
        return part.elements
    return part.numbers("bias") if "addmm" in part.calls else 0


def _heads_work(part: Part) -> int:
    if not (in_heads(part) and part.attention):
        return 0
    return elements(part.reads[0]) + part.scores


def _ptflops_norm(part: Part) -> int:
    if part.op.family != "norm" or not part.module.startswith("nn.") or part.module == "nn.RMSNorm":
        return 0
    twice = part.module != "nn.LayerNorm" and affine(part)
    return elements(part.reads[0]) * (2 if twice else 1)


TWICE = ("nn.ReLU", "nn.PReLU", "nn.ELU", "nn.ReLU6", "nn.GELU")
"""Activations that are counted as modules, and again as the functions that these call."""

ONCE = ("nn.LeakyReLU", "nn.SiLU")
"""Counted as the one or the other."""

KEPT = ("GELUActivation",)
"""Of transformers: they keep the function from before it was patched, and are not counted."""


def _activations(part: Part) -> int:
    if part.op.family != "activation" or part.module in KEPT:
        return 0
    if part.module in TWICE:
        return 2 * part.elements
    named = part.called("relu", "prelu", "elu", "relu6", "gelu", "silu", "softmax")
    return part.elements if part.module in ONCE or (part.calls and named) else 0


def _pools(part: Part) -> int:
    return 2 * elements(part.reads[0]) if part.op.family == "pool" else 0


def _softmax(part: Part) -> int:
    return part.scores if part.attention and "softmax" in part.calls else 0


def _ptflops_gates(part: Part) -> int:
    if not isinstance(part.op, RECURRENT):
        return 0
    op = part.op
    work = {"LSTM": 10, "GRU": 7, "RNN": 1}[op.kind] + (2 * op.gates if op.bias else 0)
    return elements(part.reads[0][:-1]) * op.num_layers * op.directions * op.hidden_size * work


PTFLOPS = (
    Rule("attention's two products omitted: one fused kernel",
         omitted(lambda p: p.fused and not in_heads(p))),
    Rule("linear layers omitted that are called as functions", omitted(_functional)),
    Rule("biases added", _bias),
    Rule("scale and softmax of nn.MultiheadAttention counted", _heads_work),
    Rule("softmax counted, 1 per score", _softmax),
    Rule("norms counted, 1 or 2 per element", _ptflops_norm),
    Rule("activations counted, mostly twice", _activations),
    Rule("pooling counted twice", _pools),
    Rule("biases and gates of the LSTM counted", _ptflops_gates),
)  # fmt: skip


def _aten_bias(part: Part) -> int:
    biased = isinstance(part.op, WEIGHTED) and part.numbers("bias")
    return part.elements if biased else 0


PTFLOPS_ATEN = (KERNEL, UNSEEN_LSTM, Rule("biases added", _aten_bias))
