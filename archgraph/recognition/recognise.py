"""recognise: a graph in the operators that people mean; the patterns, in the order of trying."""

from __future__ import annotations

from collections.abc import Collection

from archgraph.graph import ArchGraph
from archgraph.recognition.bias import bias
from archgraph.recognition.gelu import gelu
from archgraph.recognition.hardswish import hardsigmoid, hardswish
from archgraph.recognition.layer_norm import layer_norm, norm_weight
from archgraph.recognition.matching.match import Match, Pattern, holds
from archgraph.recognition.matching.rewriting import rewritten
from archgraph.recognition.rms_norm import rms_norm
from archgraph.recognition.silu import silu

__all__ = ["PATTERNS", "recognise"]

PATTERNS: tuple[Pattern, ...] = (
    bias,
    gelu,
    silu,
    hardswish,
    hardsigmoid,
    layer_norm,
    rms_norm,
    norm_weight,
)


def recognise(net: ArchGraph, among: Collection[str] | None = None) -> ArchGraph:
    """Return the graph with patterns of primitive operators as the operators that people mean.

    Parameters, MACs, origins and the tensors around what is replaced are the same before and
    after. ``among`` are the nodes that may be replaced (all).
    """
    allowed = set(net if among is None else among)
    while matches := _found(net, allowed):
        made = rewritten(net, matches)
        # What was made may be a part of more: a hard sigmoid, of a hard swish.
        allowed |= set(made) - set(net)
        net = made
    return net


def _found(net: ArchGraph, allowed: set[str]) -> list[Match]:
    """Return matches that have no node in common, small ones before those around them."""
    results = set(net.outputs)
    taken: set[str] = set()
    found = []
    for name in net:
        if name not in allowed or name in taken:
            continue
        for pattern in PATTERNS:
            match = pattern(net, name)
            if match is None or not match.nodes <= allowed or not taken.isdisjoint(match.nodes):
                continue
            if holds(net, match, results):
                found.append(match)
                taken |= match.nodes
                break
    return found
