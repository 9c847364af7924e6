"""Small changes to a graph and its weights before they are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from archgraph.graph import ArchGraph
from archgraph.ops import BatchNorm2d, Conv2d, Softmax
from archgraph.parts import extra_attributes
from archgraph.tensors import Key, node_of, state_key

__all__ = ["fold_batch_norm", "with_softmax"]


def with_softmax(net: ArchGraph) -> ArchGraph:
    """Return the graph with a softmax behind its main output."""
    first, *others = net.results
    copy = net.copy()
    assert isinstance(copy, ArchGraph)
    name = "softmax" if "softmax" not in copy else "probabilities"
    copy.add(name, Softmax(), [first], device=net.nodes[net.outputs[0]]["device"])
    copy.set_outputs(name, *others)
    return copy


def fold_batch_norm(
    net: ArchGraph, state: Mapping[str, Tensor]
) -> tuple[ArchGraph, dict[str, Tensor]]:
    """Return the graph and weights with each batch norm folded into the convolution before it.

    w' = w · γ/√(σ² + ε), b' = (b − μ) · γ/√(σ² + ε) + β (Jacob et al., 2018, section 3.2). A
    batch norm whose input is read by others, or is no convolution, stays, as does one where other
    nodes read the weights of the two.
    """
    readers = Counter(key for name in net for key in set(net.keys_of(name).values()))
    into: dict[str, str] = {}
    for name in net:
        if not isinstance(net.op(name), BatchNorm2d):
            continue
        (source,) = net.reads(name)
        if type(source) is Key or not isinstance(net.op(node_of(source)), Conv2d):
            continue
        keys = (*net.keys_of(source).values(), *net.keys_of(name).values())
        alone = len(net.succ[source]) == 1 and source not in net.results
        if alone and all(readers[key] == 1 for key in keys):
            into[name] = source
    folded = {conv: norm for norm, conv in into.items()}
    copy, weights = ArchGraph(**net.graph), dict(state)
    for name in net:
        if name in into:
            continue
        op = net.op(name)
        if name in folded and isinstance(op, Conv2d):
            _fold(weights, net, name, folded[name])
            op = replace(op, bias=True)
        inputs = [s if type(s) is Key else into.get(s, s) for s in net.reads(name)]
        copy.add(name, op, inputs, **extra_attributes(net, name))
    copy.set_outputs(*[into.get(name, name) for name in net.results])
    return copy, weights


def _fold(weights: dict[str, Tensor], net: ArchGraph, conv: str, norm: str) -> None:
    op = net.op(norm)
    assert isinstance(op, BatchNorm2d)
    roles, keys = net.keys_of(norm), net.keys_of(conv)
    names = ("weight", "bias", "running_mean", "running_var")
    scale, shift, mean, variance = (weights.pop(roles[name]).double() for name in names)
    factor = scale / torch.sqrt(variance + op.eps)
    kernel = weights[keys["weight"]]
    bias = weights.get(keys["bias"]) if "bias" in keys else None
    weights[keys["weight"]] = (kernel.double() * factor.view(-1, 1, 1, 1)).to(kernel.dtype)
    offset = -mean if bias is None else bias.double() - mean
    key = keys.get("bias") or state_key(conv, "bias")
    weights[key] = (offset * factor + shift).to(kernel.dtype)
