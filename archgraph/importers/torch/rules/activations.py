"""Activations and dropout."""

from __future__ import annotations

from archgraph.importers.torch.building import Building, Source, rule
from archgraph.importers.torch.trace import Call
from archgraph.ops import (
    GELU,
    Dropout,
    Hardsigmoid,
    Hardswish,
    LeakyReLU,
    LogSoftmax,
    Mul,
    Op,
    Pointwise,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Split,
    Tanh,
)

__all__: list[str] = []

PLAIN: dict[str, Op] = {
    "relu": ReLU(),
    "relu6": ReLU6(),
    "silu": SiLU(),
    "sigmoid": Sigmoid(),
    "tanh": Tanh(),
    "hardswish": Hardswish(),
    "hardsigmoid": Hardsigmoid(),
    "log_sigmoid": Pointwise("logsigmoid"),
}


@rule(*PLAIN)
def _plain(b: Building, call: Call) -> Source:
    return b.add(PLAIN[call.name], [b.source(call["self"])])


@rule("hardtanh")
def _hardtanh(b: Building, call: Call) -> Source:
    low, high = call["min_val"], call["max_val"]
    op: Op = ReLU6() if (low, high) == (0, 6) else Pointwise("hardtanh", (low, high))
    return b.add(op, [b.source(call["self"])])


@rule("gelu")
def _gelu(b: Building, call: Call) -> Source:
    return b.add(GELU(call["approximate"]), [b.source(call["self"])])


@rule("leaky_relu")
def _leaky_relu(b: Building, call: Call) -> Source:
    return b.add(LeakyReLU(float(call["negative_slope"])), [b.source(call["self"])])


@rule("rrelu")
def _rrelu(b: Building, call: Call) -> Source | None:
    """Read it as it is at inference: with the mean of its slopes."""
    if call["training"]:
        return None
    slope = (float(call["lower"]) + float(call["upper"])) / 2
    return b.add(LeakyReLU(slope), [b.source(call["self"])])


@rule("prelu", "_prelu_kernel")
def _prelu(b: Building, call: Call) -> Source | None:
    key = b.key(call["weight"])
    if key is None or len(call["weight"].shape) != 1:
        return None
    return b.add(PReLU(call["weight"].shape[0]), [b.source(call["self"])], keys={"weight": key})


@rule("softmax", "_softmax", "_safe_softmax", "special_softmax")
def _softmax(b: Building, call: Call) -> Source:
    return b.add(Softmax(call["dim"]), [_cast(b, call)])


@rule("log_softmax", "_log_softmax", "special_log_softmax")
def _log_softmax(b: Building, call: Call) -> Source:
    return b.add(LogSoftmax(call["dim"]), [_cast(b, call)])


def _cast(b: Building, call: Call) -> Source:
    """Return the input, in the type that the result is asked in."""
    from archgraph.importers.torch.rules.arithmetic import cast

    return cast(b, b.source(call["self"]), call.outputs[0].dtype)


@rule("glu")
def _glu(b: Building, call: Call) -> Source:
    source, dim = b.source(call["self"]), call["dim"]
    half = call.outputs[0].shape[dim]
    value, gate = b.outputs(b.add(Split((half, half), dim), [source], word="split"))
    return b.add(Mul(), [value, b.add(Sigmoid(), [gate], word="sigmoid")])


@rule("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout", "native_dropout")
def _dropout(b: Building, call: Call) -> Source:
    source = b.source(call["input"] or call["self"])
    return b.add(Dropout(float(call["p"])), [source]) if call["p"] else source
