"""Initial weights from a seed, the same bits on every run."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from archgraph.errors import ExportError
from archgraph.graph import ArchGraph
from archgraph.ops import (
    GRU,
    LSTM,
    RNN,
    ConvTranspose2d,
    Embedding,
    Linear,
    Mul,
    Op,
    PReLU,
    Shape,
)
from archgraph.stored_tensors import tied

from .stored import tensor_at, value_of

__all__ = ["deviation", "initialise"]

SMALL = 0.02
"""The deviation of embeddings."""

_RELU_LIKE = ("ReLU", "ReLU6", "LeakyReLU", "SiLU", "GELU", "QuickGELU", "Hardswish")
_PASSED = ("norm", "pool", "regularisation", "reshape")


def initialise(module: nn.Module, net: ArchGraph, seed: int) -> None:
    """Fill all parameters and buffers, node by node in the graph's order.

    Weights of convolutions and linear layers: normal, with the ``deviation`` that the activation
    behind them asks for. Biases 0. Normalisation: scale 1, shift 0, running mean 0, variance 1.
    Recurrent layers: uniform within ±1/√hidden_size (torch.nn.LSTM's own start). A learned
    slope: 0.25 (He et al., 2015, section 2.1). Embeddings and
    learned tensors that are read as inputs: normal, deviation 0.02 (Radford et al., 2018, section
    4.1; position embeddings of torchvision's VisionTransformer), 1 where they scale (a Mul).

    Raises ExportError for what is stored, not learned, and not in the graph.
    """
    generator = torch.Generator().manual_seed(seed)
    tensors, done = net.tensors, set()
    with torch.no_grad():
        for name in net:
            op, keys = net.op(name), net.keys_of(name)
            buffers = op.buffers()
            for role, key in keys.items():
                first = tied(net, key)
                if first in done:
                    continue
                done.add(first)
                stored = tensors[first]
                if stored.kind == "constant" and stored.value is not None:
                    continue
                tensor = tensor_at(module, first)
                if stored.value is not None:
                    tensor.copy_(value_of(stored))
                elif role in buffers:
                    tensor.fill_(1.0 if role == "running_var" else 0.0)
                elif stored.kind != "parameter":
                    raise ExportError(
                        f"'{net.name}' stores '{first}', which '{name}' reads and whose numbers "
                        "the graph does not hold; give the network its weights."
                    )
                elif role.isdecimal():
                    _start_input(tensor, op, generator)
                else:
                    _start(tensor, net, name, role, generator)
        for key in tensors.keys() - done:
            if tied(net, key) == key and tensors[key].value is None:
                tensor_at(module, key).zero_()


def _start_input(tensor: Tensor, op: Op, generator: torch.Generator) -> None:
    """Start a learned tensor that is read as an input."""
    if isinstance(op, Mul):
        tensor.fill_(1.0)
    elif tensor.is_floating_point():
        tensor.normal_(0.0, SMALL, generator=generator)
    else:
        tensor.zero_()


def _start(
    tensor: Tensor, net: ArchGraph, name: str, role: str, generator: torch.Generator
) -> None:
    """Start one of an operator's own parameters."""
    op = net.op(name)
    if isinstance(op, LSTM | GRU | RNN):
        bound = 1.0 / math.sqrt(op.hidden_size)
        tensor.uniform_(-bound, bound, generator=generator)
    elif isinstance(op, PReLU):
        tensor.fill_(0.25)
    elif isinstance(op, Embedding):
        tensor.normal_(0.0, SMALL, generator=generator)
    elif role == "bias":
        tensor.zero_()
    elif tensor.ndim == 1 or op.family == "norm":
        tensor.fill_(1.0)
    else:
        std = deviation(_read(op, tuple(tensor.shape)), _activation(net, name))
        tensor.normal_(0.0, std, generator=generator)


def _read(op: Op, shape: Shape) -> Shape:
    """Return the shape of weights with the output's channels first."""
    if isinstance(op, ConvTranspose2d):
        return (shape[1], op.in_channels // op.groups, *shape[2:])
    if isinstance(op, Linear) and op.transposed:
        return shape[::-1]
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
