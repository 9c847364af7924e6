"""Recurrent layers in ONNX, one node for each layer: gates in ONNX's order, states apart."""

from __future__ import annotations

from typing import Any

from archgraph import ops

from ..context import Context
from .base import lower

__all__: list[str] = []

Recurrent = ops.LSTM | ops.GRU | ops.RNN

_ORDER = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN": (0,)}
"""Where ONNX's gates are in PyTorch's: i o f c of i f g o; z r h of r z n."""


@lower.register(ops.LSTM)
@lower.register(ops.GRU)
@lower.register(ops.RNN)
def _(op: Recurrent, c: Context) -> None:
    if isinstance(op, ops.LSTM) and op.proj_size:
        raise c.refuse("ONNX has no LSTM whose output is projected (proj_size).")
    batched = len(c.shapes[0]) == 3
    x = c.inputs[0]
    states = list(c.inputs[1:])
    if not batched:
        one = c.integers("batch.axis", 1)
        x = c.emit("Unsqueeze", x, one, part="sequence")
        states = [
            c.emit("Unsqueeze", each, one, part=f"first{place}")
            for place, each in enumerate(states)
        ]
    elif op.batch_first:
        x = c.emit("Transpose", x, part="steps", perm=[1, 0, 2])
    last: list[list[str]] = [[] for _ in range(op.states)]
    for layer in range(op.num_layers):
        x, ends = _layer(op, c, layer, x, states)
        for found, end in zip(last, ends, strict=True):
            found.append(end)
    _outputs(op, c, x, last, batched)


def _layer(
    op: Recurrent, c: Context, layer: int, x: str, states: list[str]
) -> tuple[str, list[str]]:
    """Write one layer; return its sequence (L, N, D·H) and its last states."""
    tensors = [_weights(op, c, layer, "weight_ih"), _weights(op, c, layer, "weight_hh")]
    tensors.append(_biases(op, c, layer) if op.bias else "")
    tensors.append("")  # all sequences have the whole length
    tensors += [_of_layer(op, c, layer, each, place) for place, each in enumerate(states)]
    settings: dict[str, Any] = {"hidden_size": op.hidden_size}
    if op.bidirectional:
        settings["direction"] = "bidirectional"
    if isinstance(op, ops.GRU):
        settings["linear_before_reset"] = 1
    if isinstance(op, ops.RNN):
        settings["activations"] = [op.nonlinearity.capitalize()] * op.directions
    if isinstance(op, ops.RNN) and op.nonlinearity == "relu":
        settings["activations"] = ["Relu"] * op.directions
    part = f"layer{layer}"
    outputs = [f"{c.node}.{part}.{word}" for word in ("sequence", "h", "c")[: 1 + op.states]]
    c.several(op.kind, [x, *tensors], outputs, part, **settings)
    sequence, *ends = outputs
    if op.directions == 1:
        return c.emit(
            "Squeeze", sequence, c.integers("direction.axis", 1), part=f"{part}.steps"
        ), ends
    # (L, D, N, H) → (L, N, D·H); 0 keeps an extent.
    turned = c.emit("Transpose", sequence, part=f"{part}.turned", perm=[0, 2, 1, 3])
    shape = c.integers("joined.shape", 0, 0, op.directions * op.hidden_size)
    return c.emit("Reshape", turned, shape, part=f"{part}.steps"), ends


def _weights(op: Recurrent, c: Context, layer: int, role: str) -> str:
    """Return weights of both directions: (D, gates·H, inputs)."""
    found = []
    for end in ("", "_reverse")[: op.directions]:
        name = f"{role}_l{layer}{end}"
        ordered = _ordered(op, c, c.parameter(name), name)
        axis = c.integers("direction.first", 0)
        found.append(c.emit("Unsqueeze", ordered, axis, part=f"{name}.apart"))
    return _joined(c, found, f"{role}_l{layer}.both")


def _biases(op: Recurrent, c: Context, layer: int) -> str:
    """Return biases of both directions: (D, 2·gates·H), those of the input first."""
    found = []
    for end in ("", "_reverse")[: op.directions]:
        halves = []
        for role in ("bias_ih", "bias_hh"):
            name = f"{role}_l{layer}{end}"
            halves.append(_ordered(op, c, c.parameter(name), name))
        whole = c.emit("Concat", *halves, part=f"bias_l{layer}{end}", axis=0)
        axis = c.integers("direction.first", 0)
        found.append(c.emit("Unsqueeze", whole, axis, part=f"bias_l{layer}{end}.apart"))
    return _joined(c, found, f"bias_l{layer}.both")


def _ordered(op: Recurrent, c: Context, value: str, name: str) -> str:
    """Return a weight or bias with its gates in ONNX's order."""
    order = _ORDER[op.kind]
    if len(order) == 1:
        return value
    parts = [f"{c.node}.{name}.gate{number}" for number in range(len(order))]
    sizes = c.integers("gates", *[op.hidden_size] * len(order))
    c.several("Split", [value, sizes], parts, f"{name}.gates", axis=0)
    return c.emit("Concat", *(parts[place] for place in order), part=f"{name}.ordered", axis=0)


def _joined(c: Context, values: list[str], part: str) -> str:
    return values[0] if len(values) == 1 else c.emit("Concat", *values, part=part, axis=0)


def _of_layer(op: Recurrent, c: Context, layer: int, state: str, place: int) -> str:
    """Return the first state of one layer: (D, N, H) of (D·layers, N, H)."""
    if op.num_layers == 1:
        return state
    start, part = layer * op.directions, f"layer{layer}.first{place}"
    bounds = (
        c.integers(f"{part}.start", start),
        c.integers(f"{part}.stop", start + op.directions),
        c.integers("direction.first", 0),
    )
    return c.emit("Slice", state, *bounds, part=part)


def _outputs(op: Recurrent, c: Context, x: str, last: list[list[str]], batched: bool) -> None:
    """Write the outputs in PyTorch's form."""
    if not batched:
        c.several("Squeeze", [x, c.integers("batch.axis", 1)], c.outputs[:1])
    elif op.batch_first:
        c.several("Transpose", [x], c.outputs[:1], perm=[1, 0, 2])
    else:
        c.several("Identity", [x], c.outputs[:1])
    for number, (ends, name) in enumerate(zip(last, c.outputs[1:], strict=True)):
        part = f"last{number}"
        if batched:
            kind, settings = ("Concat", {"axis": 0}) if len(ends) > 1 else ("Identity", {})
            c.several(kind, ends, [name], part, **settings)
        else:
            whole = _joined(c, ends, f"{part}.layers")
            c.several("Squeeze", [whole, c.integers("batch.axis", 1)], [name], part)
