"""Initial weights from a seed, the same bits on every run."""

from __future__ import annotations

import math

import torch
from torch import nn

from archgraph.graph import ArchGraph
from archgraph.ops import Op

__all__ = ["gain", "initialise"]

_RELU_LIKE = ("ReLU", "ReLU6", "LeakyReLU", "SiLU", "GELU")
_PASSED = ("norm", "pool", "regularisation", "reshape")


def initialise(module: nn.Module, net: ArchGraph, seed: int) -> None:
    """Fill all parameters and buffers, node by node in the graph's order.

    Convolutions and linear layers: normal with standard deviation gain / √fan_in; gain √2 before
    a ReLU (He et al., "Delving deep into rectifiers", 2015, equation 10), 5/3 before a tanh, else
    1. Biases 0. Batch norm: scale 1, shift 0, running mean 0, running variance 1.
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
                    std = gain(net, name) / math.sqrt(math.prod(shape[1:]))
                    tensor.normal_(0.0, std, generator=generator)
            for key in net.op(name).buffers():
                buffer = module.get_buffer(f"{name}.{key}")
                buffer.fill_(1.0 if key == "running_var" else 0.0)


def gain(net: ArchGraph, name: str) -> float:
    """Return the gain that the activation behind a layer asks for."""
    while True:
        targets = list(net.succ[name])
        if len(targets) != 1:
            return 1.0
        name = targets[0]
        op: Op = net.op(name)
        if op.kind in _RELU_LIKE:
            return math.sqrt(2.0)
        if op.kind == "Tanh":
            return 5.0 / 3.0
        if op.family not in _PASSED:
            return 1.0
