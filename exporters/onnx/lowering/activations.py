"""Activations in ONNX."""

from __future__ import annotations

import math

import numpy as np

from archgraph import ops

from ..context import Context
from .base import lower

__all__: list[str] = []


@lower.register(ops.ReLU6)
def _(_: ops.ReLU6, c: Context) -> None:
    low, high = c.floats("low", np.array(0.0)), c.floats("high", np.array(6.0))
    c.emit("Clip", *c.inputs, low, high)


@lower.register
def _(op: ops.LeakyReLU, c: Context) -> None:
    c.emit("LeakyRelu", *c.inputs, alpha=float(op.negative_slope))


@lower.register
def _(op: ops.PReLU, c: Context) -> None:
    slope = c.parameter("weight")
    if op.num_parameters > 1 and len(c.shape) > 2:
        # A slope for each channel, which is axis 1.
        shape = c.integers("channels", -1, *[1] * (len(c.shape) - 2))
        slope = c.emit("Reshape", slope, shape, part="slope")
    c.emit("PRelu", *c.inputs, slope)


@lower.register(ops.SiLU)
def _(_: ops.SiLU, c: Context) -> None:
    c.emit("Mul", *c.inputs, c.emit("Sigmoid", *c.inputs, part="sigmoid"))


@lower.register(ops.Hardsigmoid)
def _(op: ops.Hardsigmoid, c: Context) -> None:
    # Not HardSigmoid: OpenCV 5.0 takes every product with one for a HardSwish, whatever it is of.
    scaled = c.emit("Mul", *c.inputs, c.floats("slope", np.array(op.slope)), part="scaled")
    shifted = c.emit("Add", scaled, c.floats("half", np.array(0.5)), part="shifted")
    c.emit("Clip", shifted, c.floats("low", np.array(0.0)), c.floats("high", np.array(1.0)))


@lower.register(ops.Hardswish)
def _(_: ops.Hardswish, c: Context) -> None:
    if c.opset >= 14:
        c.emit("HardSwish", *c.inputs)
        return
    gate = c.emit("HardSigmoid", *c.inputs, part="gate", alpha=1 / 6, beta=0.5)
    c.emit("Mul", *c.inputs, gate)


@lower.register(ops.QuickGELU)
def _(_: ops.QuickGELU, c: Context) -> None:
    scaled = c.emit("Mul", *c.inputs, c.floats("slope", np.array(1.702)), part="scaled")
    c.emit("Mul", *c.inputs, c.emit("Sigmoid", scaled, part="gate"))


@lower.register
def _(op: ops.GELU, c: Context) -> None:
    if c.opset >= 20:
        settings = {} if op.approximate == "none" else {"approximate": op.approximate}
        c.emit("Gelu", *c.inputs, **settings)
        return
    if op.approximate == "tanh":
        _gelu_by_tanh(c)
        return
    scaled = c.emit("Mul", *c.inputs, c.floats("scale", np.array(math.sqrt(0.5))), part="scaled")
    erf = c.emit("Erf", scaled, part="erf")
    shifted = c.emit("Add", erf, c.floats("one", np.array(1.0)), part="shifted")
    gated = c.emit("Mul", *c.inputs, shifted, part="gated")
    c.emit("Mul", gated, c.floats("half", np.array(0.5)))


@lower.register
def _(op: ops.Softmax, c: Context) -> None:
    c.emit(op.kind, *c.inputs, axis=op.dim)


def _gelu_by_tanh(c: Context) -> None:
    """Write x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))) (Hendrycks and Gimpel, 2016)."""
    (x,) = c.inputs
    cube = c.emit("Mul", c.emit("Mul", x, x, part="squared"), x, part="cubed")
    bent = c.emit("Mul", cube, c.number("bend", 0.044715), part="bent")
    inner = c.emit("Add", x, bent, part="inner")
    scaled = c.emit("Mul", inner, c.number("scale", math.sqrt(2 / math.pi)), part="scaled")
    tanh = c.emit("Tanh", scaled, part="tanh")
    shifted = c.emit("Add", tanh, c.number("one", 1.0), part="shifted")
    c.emit("Mul", c.emit("Mul", x, shifted, part="gated"), c.number("half", 0.5))
