"""Rules: each a named reason why a tool's multiply-adds differ from archgraph's, node by node.

A tool's number is archgraph's plus what its rules say of every node; what is left then is the
remainder that nobody has explained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod

from archgraph import ops
from archgraph.answers.peers.counted_parts import Part
from archgraph.tensors import elements

__all__ = [
    "CALFLOPS",
    "FVCORE",
    "KERNEL",
    "RECURRENT",
    "THOP",
    "TORCH",
    "TORCHINFO",
    "TORCH_MATH",
    "TORCH_META",
    "TORCH_NO_GRAD",
    "UNSEEN_LSTM",
    "WEIGHTED",
    "Rule",
    "affine",
    "explained",
    "in_heads",
    "omitted",
    "own_layer",
]

RECURRENT = (ops.LSTM, ops.GRU, ops.RNN)


def _named(*starts: str) -> tuple[type[ops.Op], ...]:
    """Return the operators whose names begin so."""
    return tuple(each for name, each in ops.OPS.items() if name.startswith(starts))


CONVOLUTIONS = _named("Conv1d", "Conv2d", "Conv3d", "ConvTranspose", "Convolution")
BATCH_NORMS = _named("BatchNorm")
ADAPTIVE = _named("AdaptiveAvgPool", "GlobalAvg")
HEADS = "nn.MultiheadAttention"


@dataclass(frozen=True)
class Rule:
    """One reason, in words, and what it adds to the multiply-adds of a node, or takes from them."""

    words: str
    of: Callable[[Part], int]


def explained(parts: Sequence[Part], rules: Iterable[Rule]) -> dict[str, int]:
    """Return the difference that each rule makes, by its words, without those that make none."""
    found = {rule.words: sum(map(rule.of, parts)) for rule in rules}
    return {words: number for words, number in found.items() if number}


def omitted(which: Callable[[Part], bool]) -> Callable[[Part], int]:
    """Return what leaves out the multiply-adds of some parts."""
    return lambda part: -part.macs if which(part) else 0


def _recurrent(part: Part) -> bool:
    return isinstance(part.op, RECURRENT)


def _in_one_kernel(part: Part) -> bool:
    """Whether it is a recurrent layer and not a cell, which is taken apart."""
    return _recurrent(part) and not any(call.endswith("_cell") for call in part.calls)


def in_heads(part: Part) -> bool:
    """Return whether ``nn.MultiheadAttention`` computes it."""
    return part.module == HEADS


def affine(part: Part) -> bool:
    """Return whether a norm has learned scales."""
    return bool(part.op.parameters())


FUSED = Rule("attention's two products omitted: one fused kernel", omitted(lambda p: p.fused))
KERNEL = Rule(
    "attention's two products omitted: one fused kernel", omitted(lambda p: p.fused and p.kernel)
)
"""Of tools that look at kernels; PyTorch takes none where a mask is learned, or heads differ."""

UNSEEN_LSTM = Rule(
    "LSTM counted as 0: one fused kernel",
    omitted(lambda p: isinstance(p.op, ops.LSTM) and _in_one_kernel(p)),
)
"""A GRU and an RNN are taken apart on the CPU."""

UNSEEN_RECURRENT = Rule("recurrent layers counted as 0: one fused kernel", omitted(_in_one_kernel))
UNKNOWN_KERNELS = Rule(
    "layers omitted whose kernels it does not know",
    omitted(lambda p: isinstance(p.op, ops.Opaque) or p.grouped),
)
"""Quantised layers, and the products of experts in one call."""

# ---- torch.utils.flop_counter: 2 × MACs of the functions of ATEN that it knows ---------------

TORCH = (KERNEL, UNSEEN_LSTM, UNKNOWN_KERNELS)
"""As it comes, on the CPU, where its list lacks the fused attention; the GPU's are on it."""

TORCH_NO_GRAD = (
    Rule("attention's two products omitted: one fused kernel",
         omitted(lambda p: p.fused and p.kernel_without_grad and not in_heads(p))),
    Rule("nn.MultiheadAttention omitted with its projections: its fast path is one kernel",
         omitted(in_heads)),
    UNSEEN_LSTM,
    UNKNOWN_KERNELS,
)  # fmt: skip
"""Under ``torch.no_grad()``, where evaluation takes torch's fast path."""

TORCH_MATH = (UNSEEN_LSTM, UNKNOWN_KERNELS)
"""With plain attention and gradients on."""

TORCH_META = (UNKNOWN_KERNELS,)
"""The same on the meta device, where an LSTM is taken apart."""

# ---- fvcore: MACs of the calls of a trace ----------------------------------------------------


def _five(part: Part) -> int:
    """5 per element of a layer or group norm, 4 without scale; 2, 1 of a batch norm."""
    if isinstance(part.op, ops.LayerNorm) and part.called("layer_norm"):
        return elements(part.reads[0]) * (5 if affine(part) else 4)
    if isinstance(part.op, ops.GroupNorm) and part.called("group_norm", "instance_norm"):
        return elements(part.reads[0]) * (5 if affine(part) else 4)
    return 0


def _folded(part: Part) -> int:
    return 2 * part.elements if isinstance(part.op, BATCH_NORMS) else 0


def _averaged(part: Part) -> int:
    return elements(part.reads[0]) if isinstance(part.op, ADAPTIVE) else 0


def _resized(part: Part) -> int:
    if not isinstance(part.op, ops.Resize) or len(part.out) != 4:
        return 0
    return part.elements * {"nearest": 1, "bilinear": 4}.get(part.op.mode, 0)


def _rounded(part: Part) -> int:
    """Of an einsum it reads what NumPy prints of its cost, which has four digits."""
    if "einsum" not in part.calls or not part.macs:
        return 0
    if isinstance(part.op, ops.Einsum) and _plain_equation(part.op.equation) in _EXACT:
        return 0
    products = [part.macs]
    if part.attention:
        products = [part.scores * each[-1] for each in (part.reads[0], part.reads[2])]
    return sum(int(float(f"{2 * macs:.3e}") // 2) - macs for macs in products)


_EXACT = ("abc,abd->acd", "abc,adc->adb")
"""Products for which it has formulas of its own."""


def _plain_equation(equation: str) -> str:
    """Return an equation in letters from a on, in the order in which they come."""
    letters = dict.fromkeys(each for each in equation if each.isalpha())
    names = {ord(each): 97 + number for number, each in enumerate(letters)}
    return equation.replace(" ", "").translate(names)


def _sampled(part: Part) -> int:
    return 4 * part.elements if "grid_sampler" in part.calls else 0


FVCORE = (
    FUSED,
    UNSEEN_RECURRENT,
    UNKNOWN_KERNELS,
    Rule("layer norm counted, 5 per element", _five),
    Rule("batch norm counted, 2 per element", _folded),
    Rule("adaptive pooling counted, 1 per element read", _averaged),
    Rule("resizing counted, 1 or 4 per element", _resized),
    Rule("sampling on a grid counted, 4 per element", _sampled),
    Rule("einsum rounded to four digits", _rounded),
)

# ---- thop: hooks on modules of torch's own classes -------------------------------------------

WEIGHTED: tuple[type[ops.Op], ...] = (ops.Linear, *CONVOLUTIONS)


def own_layer(part: Part) -> bool:
    """Whether it is computed by torch's module for a linear layer or a convolution."""
    multiplies = part.macs > 0 and not part.attention
    return multiplies and part.module.startswith(("nn.Linear", "nn.Conv"))


def _unhooked(part: Part) -> bool:
    """Whether it is a layer that no such module computes, and no part of torch's attention."""
    known = own_layer(part) or part.product or in_heads(part) or _own_recurrent(part)
    return part.macs > 0 and not known


def _product_by_function(part: Part) -> bool:
    return part.product and not part.attention and not own_layer(part)


def _own_recurrent(part: Part) -> bool:
    return _recurrent(part) and part.module.startswith(("nn.LSTM", "nn.GRU", "nn.RNN"))


def _over_output(part: Part) -> int:
    """What counting out · C_in / groups · K takes from, or adds to, a transposed convolution."""
    if not (part.transposed and own_layer(part)):
        return 0
    groups = int(part.op.settings().get("groups", 1))
    return part.elements * (part.reads[0][1] // groups) * prod(part.kernel_shape[2:]) - part.macs


def _thop_resize(part: Part) -> int:
    if not (isinstance(part.op, ops.Resize) and part.module.startswith("nn.Upsampl")):
        return 0
    return part.elements * {"nearest": 1, "linear": 5, "bilinear": 11, "bicubic": 259}.get(
        part.op.mode, 0
    )


def _thop_prelu(part: Part) -> int:
    return elements(part.reads[0]) if part.module == "nn.PReLU" else 0


def _thop_norm(part: Part) -> int:
    known = part.module.startswith(("nn.LayerNorm", "nn.BatchNorm", "nn.InstanceNorm"))
    if not known or part.op.family != "norm":
        return 0
    return elements(part.reads[0]) * (4 if affine(part) else 2)


def _thop_pool(part: Part) -> int:
    if part.module.startswith("nn.AdaptiveAvgPool") and part.op.family in ("pool", "reduce"):
        shape = part.reads[0][2:]
        return elements(part.reads[0]) + part.elements if shape else 0
    return part.elements if part.module.startswith("nn.AvgPool") else 0


def _thop_gates(part: Part) -> int:
    """Additions and products of gates, h each, and biases, for each step, layer and direction."""
    if not isinstance(part.op, RECURRENT) or not _own_recurrent(part):
        return 0
    op = part.op
    sums = op.gates * (3 if op.bias else 1)
    work = {"LSTM": 4, "GRU": 4, "RNN": 0}[op.kind]
    units = elements(part.reads[0][:-1]) * op.num_layers * op.directions * op.hidden_size
    return units * (sums + work)


def _thop_softmax(part: Part) -> int:
    if part.module != "nn.Softmax" or not isinstance(part.op, ops.Softmax):
        return 0
    return 3 * part.elements - part.elements // part.reads[0][part.op.dim]


PRODUCTS_UNSEEN = Rule(
    "attention's two products omitted: no module computes them", omitted(lambda p: p.attention)
)
OTHERS_UNSEEN = Rule(
    "other products omitted: no module computes them",
    omitted(lambda p: p.product and not p.attention),
)
HEADS_UNSEEN = Rule(
    "nn.MultiheadAttention's projections omitted: its parts do not run",
    omitted(lambda p: in_heads(p) and not p.product),
)
THOP = (
    PRODUCTS_UNSEEN,
    Rule(
        OTHERS_UNSEEN.words, omitted(lambda p: p.product and not p.attention and not own_layer(p))
    ),
    HEADS_UNSEEN,
    Rule("layers omitted that are functions, or of classes it does not know", omitted(_unhooked)),
    Rule("transposed convolutions counted by their output", _over_output),
    Rule("layer norm and batch norm counted, 4 per element", _thop_norm),
    Rule("pooling counted", _thop_pool),
    Rule("resizing counted", _thop_resize),
    Rule("PReLU counted, 1 per element", _thop_prelu),
    Rule("softmax counted", _thop_softmax),
    Rule("biases and gates of the LSTM counted", _thop_gates),
)

# ---- torchinfo: parameters of modules without parts, times one or two extents of their output --


def _weighed(part: Part) -> bool:
    """Whether it is computed by a module without parts that has its parameters."""
    return part.leaf and affine(part)


def _times(part: Part) -> int:
    """How often torchinfo counts each parameter of a module."""
    gives = part.gives
    if _recurrent(part):
        return prod(gives[:2])
    return prod(gives[:1] + gives[2:]) if "Conv" in part.module else gives[0]


def _once(part: Part) -> int:
    """What counting a layer once per example, not per token, takes from its products."""
    if not (_weighed(part) and part.macs) or "Conv" in part.module or _recurrent(part):
        return 0
    return part.numbers("weight") * _times(part) - part.macs


def _as_convolution(part: Part) -> int:
    """What a linear layer with "Conv" in its class's name is counted too much."""
    if not (_weighed(part) and part.macs and "Conv" in part.module):
        return 0
    return part.numbers("weight") * _times(part) - part.macs


def _cell(part: Part) -> int:
    """What counting each weight of a recurrent cell once per unit of its output adds."""
    if not (_weighed(part) and _recurrent(part)):
        return 0
    return part.numbers("weight") * _times(part) - part.macs


def _added(part: Part) -> int:
    return part.numbers("bias") * _times(part) if _weighed(part) and part.macs else 0


def _table(part: Part) -> int:
    if not (_weighed(part) and isinstance(part.op, ops.Embedding)):
        return 0
    return part.numbers() * _times(part)


def _scales(part: Part) -> int:
    if not _weighed(part) or part.macs or isinstance(part.op, ops.Embedding):
        return 0
    return part.numbers() * _times(part)


def _held(part: Part) -> int:
    exact, alike = part.held
    return exact * _times(part) + alike * prod(part.gives[:2]) if part.gives else 0


TORCHINFO = (
    PRODUCTS_UNSEEN,
    OTHERS_UNSEEN,
    HEADS_UNSEEN,
    Rule("layers omitted that are called as functions",
         omitted(lambda p: not (_weighed(p) or p.product or in_heads(p)))),
    Rule("linear layers counted once per example, not per token", _once),
    Rule("linear layers of a class called Conv1D counted as convolutions", _as_convolution),
    Rule("recurrent cells counted once for each unit", _cell),
    Rule("biases added", _added),
    Rule("embedding's whole table added", _table),
    Rule("scales and shifts of norms added", _scales),
    Rule("parameters added of modules that multiply otherwise, or not at all", _held),
)  # fmt: skip

# ---- calflops: MACs of patched functions -----------------------------------------------------

CALFLOPS = (FUSED, UNSEEN_RECURRENT, UNKNOWN_KERNELS)
