"""recognise: a graph in the operators that people mean; the patterns, in the order of trying."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from archgraph.graph import ArchGraph
from archgraph.ops import Op, Pointwise, Reduce
from archgraph.recognition.attention import attention
from archgraph.recognition.bias import bias
from archgraph.recognition.einsum_product import einsum_product
from archgraph.recognition.gelu import gelu
from archgraph.recognition.group_norm import group_norm, group_weights
from archgraph.recognition.hardswish import hardsigmoid, hardswish
from archgraph.recognition.layer_norm import layer_norm, norm_weight
from archgraph.recognition.matching.law import Made, held
from archgraph.recognition.matching.match import Match, Pattern
from archgraph.recognition.matching.rewriting import Rewriting
from archgraph.recognition.mish import mish
from archgraph.recognition.rms_norm import rms_norm
from archgraph.recognition.scaled_norm import scaled_norm
from archgraph.recognition.sigmoid import sigmoid
from archgraph.recognition.silu import silu
from archgraph.recognition.softmax import softmax
from archgraph.recognition.softplus import softplus

__all__ = ["PATTERNS", "recognise"]


class Entry(NamedTuple):
    """A pattern, the words of the operators that it ends in, and of those that it must hold.

    It is tried only at the former, and only where one of the latter lies before, with no layer
    between; if it ``looks_ahead``, in graphs that have one anywhere.
    """

    pattern: Pattern
    ends: tuple[str, ...]
    holds: tuple[str, ...]
    looks_ahead: bool = False


_ARITHMETIC = ("Mul", "Add", "div", "sub", "neg")
_LAYERS = ("Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d", "LayerNorm")
_CUT_ABOVE = ("ReLU6", "clamp", "minimum", "Hardsigmoid")
_MEANS = ("mean", "sum", "GlobalAvgPool2d", "AdaptiveAvgPool2d")

PATTERNS: tuple[Entry, ...] = (
    Entry(bias, ("Add",), _LAYERS),
    Entry(gelu, _ARITHMETIC, ("erf", "Tanh")),
    Entry(sigmoid, ("div", "reciprocal", "Mul"), ("exp",)),
    Entry(silu, ("Mul",), ("Sigmoid",)),
    Entry(hardswish, _ARITHMETIC, _CUT_ABOVE),
    Entry(hardsigmoid, (*_ARITHMETIC, "ReLU", "maximum", *_CUT_ABOVE), _CUT_ABOVE),
    Entry(softplus, ("log", "log1p"), ("exp",)),
    Entry(mish, ("Mul",), ("softplus",)),
    Entry(softmax, ("div", "Mul"), ("exp",)),
    Entry(layer_norm, ("Mul", "div"), _MEANS),
    Entry(scaled_norm, ("Add", "sub"), _MEANS),
    Entry(rms_norm, ("Mul", "div"), _MEANS),
    Entry(norm_weight, ("Mul",), ("LayerNorm", "RMSNorm")),
    Entry(group_norm, ("Reshape",), ("GroupNorm", "LayerNorm")),
    Entry(group_weights, ("Add",), ("GroupNorm", "LayerNorm")),
    Entry(einsum_product, ("Einsum",), ("Softmax",), looks_ahead=True),
    Entry(attention, ("MatMul", "Reshape"), ("Softmax",)),
)


def recognise(net: ArchGraph, among: Collection[str] | None = None) -> ArchGraph:
    """Return the graph with patterns of primitive operators as the operators that people mean.

    Parameters, MACs, origins and the tensors around what is replaced are the same before and
    after. ``among`` are the nodes that may be replaced (all).
    """
    rewriting = Rewriting(net)
    now, replaced = rewriting.draft, False
    allowed = None if among is None else set(among)
    results = set(net.outputs)
    words = _Words(now)
    for name in rewriting.order:
        if name not in now:
            continue
        words.pass_by(name)
        waiting = [name]
        while waiting:
            last = waiting.pop()
            if last not in now or not (allowed is None or last in allowed):
                continue
            found = _found(now, last, words, allowed, results)
            if found is None:
                continue
            match, made = found
            # What was made may be the last part of more: a layer without bias, of one with.
            names = rewriting.replace(match, made)
            replaced = True
            waiting += reversed(names)
            words.take_over(match, names)
            if allowed is not None:
                allowed.update(names)
    return rewriting.result() if replaced else net


class _Words:
    """Which operators that patterns must hold lie before each node: a bit for each word.

    No pattern looks through a layer for them, so behind one they are forgotten.
    """

    def __init__(self, net: ArchGraph) -> None:
        self.net = net
        self.before: dict[str, int] = {}
        self.present = 0
        for _, data in net.nodes(data=True):
            self.present |= _BITS.get(word_of(data["op"]), 0)

    def pass_by(self, name: str) -> None:
        """Note what lies before a node, all nodes before it being noted."""
        op, before = self.net.op(name), self.before
        found = _BITS.get(word_of(op), 0)
        if not op.weighted:
            for source in self.net.pred[name]:
                found |= before[source]
        before[name] = found

    def take_over(self, match: Match, names: list[str]) -> None:
        """Note what lies before nodes that stand in the place of others."""
        found = 0
        for name in match.nodes:
            found |= self.before[name]
        for part in match.parts:
            found |= _BITS.get(word_of(part.op), 0)
        self.present |= found
        self.before |= dict.fromkeys(names, found)


def word_of(op: Op) -> str:
    """Return the word by which patterns name an operator: its function's, else its kind."""
    return op.function if isinstance(op, (Pointwise, Reduce)) else op.kind


def _found(
    net: ArchGraph, name: str, words: _Words, allowed: set[str] | None, results: set[str]
) -> tuple[Match, Made] | None:
    """Return the first match that ends in a node, and what it makes."""
    before = words.before[name]
    for pattern, holds, looks_ahead in _BY_END.get(word_of(net.op(name)), ()):
        if not (words.present if looks_ahead else before) & holds:
            continue
        match = pattern(net, name)
        if match is None or not (allowed is None or match.nodes <= allowed):
            continue
        made = held(net, match, results)
        if made is not None:
            return match, made
    return None


_BITS: dict[str, int] = {}
"""A bit for each word of an operator that some pattern must hold."""

_BY_END: dict[str, list[tuple[Pattern, int, bool]]] = {}
"""By the word of their end the patterns, each with the bits of what it must hold."""

for _entry in PATTERNS:
    _holds = 0
    for _word in _entry.holds:
        _holds |= _BITS.setdefault(_word, 1 << len(_BITS))
    for _end in _entry.ends:
        _BY_END.setdefault(_end, []).append((_entry.pattern, _holds, _entry.looks_ahead))
