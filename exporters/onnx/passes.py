"""Small changes to a graph and its weights before they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from archgraph.graph import ArchGraph
from archgraph.ops import BatchNorm2d, Conv2d, Softmax
from archgraph.parts import extra_attributes

__all__ = ["fold_batch_norm", "with_softmax"]


def with_softmax(net: ArchGraph) -> ArchGraph:
    """Return the graph with a softmax behind its main output."""
    first, *others = net.outputs
    copy = net.copy()
    assert isinstance(copy, ArchGraph)
    name = "softmax" if "softmax" not in copy else "probabilities"
    copy.add(name, Softmax(), [first], device=net.nodes[first]["device"])
    copy.set_outputs(name, *others)
    return copy


def fold_batch_norm(
    net: ArchGraph, state: Mapping[str, Tensor]
) -> tuple[ArchGraph, dict[str, Tensor]]:
    """Return the graph and weights with each batch norm folded into the convolution before it.

    w' = w · γ/√(σ² + ε), b' = (b − μ) · γ/√(σ² + ε) + β (Jacob et al., 2018, section 3.2). A
    batch norm whose input is read by others, or is no convolution, stays.
    """
    into: dict[str, str] = {}
    for name in net:
        if not isinstance(net.op(name), BatchNorm2d):
            continue
        (source,) = net.inputs_of(name)
        alone = len(net.succ[source]) == 1 and source not in net.outputs
        if isinstance(net.op(source), Conv2d) and alone:
            into[name] = source
    folded = {conv: norm for norm, conv in into.items()}
    copy, weights = ArchGraph(**net.graph), dict(state)
    for name in net:
        if name in into:
            continue
        op = net.op(name)
        if name in folded and isinstance(op, Conv2d):
            op = replace(op, bias=True)
            _fold(weights, name, folded[name], net.op(folded[name]))
        inputs = [into.get(source, source) for source in net.inputs_of(name)]
        copy.add(name, op, inputs, **extra_attributes(net, name))
    copy.set_outputs(*[into.get(name, name) for name in net.outputs])
    return copy, weights


def _fold(weights: dict[str, Tensor], conv: str, norm: str, op: object) -> None:
    assert isinstance(op, BatchNorm2d)
    keys = ("weight", "bias", "running_mean", "running_var")
    scale, shift, mean, variance = (weights.pop(f"{norm}.{key}").double() for key in keys)
    for counter in op.counters:
        weights.pop(f"{norm}.{counter}", None)
    factor = scale / torch.sqrt(variance + op.eps)
    kernel = weights[f"{conv}.weight"]
    bias = weights.get(f"{conv}.bias")
    weights[f"{conv}.weight"] = (kernel.double() * factor.view(-1, 1, 1, 1)).to(kernel.dtype)
    offset = -mean if bias is None else bias.double() - mean
    weights[f"{conv}.bias"] = (offset * factor + shift).to(kernel.dtype)
