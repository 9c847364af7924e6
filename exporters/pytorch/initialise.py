"""Initial weights from a seed, the same bits on every run."""

from __future__ import annotations

import math

import torch
from torch import nn

from archgraph.graph import ArchGraph
from archgraph.ops import ConvTranspose2d, Op, Shape

__all__ = ["deviation", "initialise"]

_RELU_LIKE = ("ReLU", "ReLU6", "LeakyReLU", "SiLU", "GELU", "Hardswish")
_PASSED = ("norm", "pool", "regularisation", "reshape")


def initialise(module: nn.Module, net: ArchGraph, seed: int) -> None:
    """Fill all parameters and buffers, node by node in the graph's order.

    Weights of convolutions and linear layers: normal, with the ``deviation`` that the activation
    behind them asks for. Biases 0. Batch norm: scale 1, shift 0, running mean 0, variance 1.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name in net:
            for key, shape in net.op(name).parameters().items():
                tensor = module.get_parameter(f"{name}.{key}")
                if key == "bias":
                    tensor.zero_()
                elif len(shape) == 1:
                    tensor.fill_(1.0)
                else:
                    std = deviation(_read(net.op(name), shape), _activation(net, name))
                    tensor.normal_(0.0, std, generator=generator)
            for key in net.op(name).buffers():
                buffer = module.get_buffer(f"{name}.{key}")
                buffer.fill_(1.0 if key == "running_var" else 0.0)


def _read(op: Op, shape: Shape) -> Shape:
    """Return the shape of weights with the output's channels first."""
    if isinstance(op, ConvTranspose2d):
        return (shape[1], op.in_channels // op.groups, *shape[2:])
    return shape


def deviation(shape: Shape, activation: str | None) -> float:
    """Return the standard deviation of a layer's initial weights of this shape.

    fan_in is what one output reads (input channels per group · K·K), fan_out the same for the
    outputs. Before a ReLU √(2 / fan_in): He et al., "Delving deep into rectifiers", 2015,
    equation 10, which keeps the forward signal; before a tanh or sigmoid √(2 / (fan_in +
    fan_out)): Glorot and Bengio, 2010, equation 12; else, as before the softmax, √(1 / fan_in).
    """
    window = math.prod(shape[2:])
    fan_in, fan_out = shape[1] * window, shape[0] * window
    if activation in _RELU_LIKE:
        return math.sqrt(2.0 / fan_in)
    if activation in ("Tanh", "Sigmoid", "Hardsigmoid"):
        return math.sqrt(2.0 / (fan_in + fan_out))
    return math.sqrt(1.0 / fan_in)


def _activation(net: ArchGraph, name: str) -> str | None:
    """Return the kind of the activation behind a layer, past what does not change its scale."""
    while True:
        targets = list(net.succ[name])
        if len(targets) != 1:
            return None
        name = targets[0]
        op = net.op(name)
        if op.family == "activation":
            return op.kind
        if op.family not in _PASSED:
            return None
