"""Recurrent layers, whose weights ONNX stacks by direction and PyTorch holds one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archgraph import ops
from archgraph.importers.onnx.call import Call, Made, UnreadableError, Weight
from archgraph.ops import Shape

__all__ = ["READERS"]

_USUAL = {
    "LSTM": [["Sigmoid", "Tanh", "Tanh"]],
    "GRU": [["Sigmoid", "Tanh"]],
    "RNN": [["Tanh"], ["Relu"]],
}
"""The activations of PyTorch's layers."""

_GATES = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2), "RNN": ()}
"""Where PyTorch's gates are in ONNX's: i f g o of i o f c; r z n of z r h."""


def _recurrent(call: Call) -> list[Made]:
    """Read one layer: (L, N, input_size) → (L, D, N, hidden_size) and the last states.

    PyTorch's output is (L, N, D · hidden_size), so its axes are parted and turned behind it. Gate
    order and layout of the weights differ, their numbers do not.
    """
    kind, shape = call.op_type, call.shape(0)
    ends, rows, size = call.weight(1)
    hidden = call.weight(2)[-1]
    _plain(call, ends)
    words = _activations(call, ends)
    biased = call.has(3)
    settings: dict[str, Any] = {"bias": biased, "bidirectional": ends == 2}
    if kind == "RNN":
        settings["nonlinearity"] = words[0].lower()
    made: dict[str, type[Any]] = {"LSTM": ops.LSTM, "GRU": ops.GRU, "RNN": ops.RNN}
    op = made[kind](size, hidden, **settings)
    weights = _weights(call, ends, rows, size, hidden, biased)
    reads = (call.inputs[0], *_states(call))
    outputs = [*call.outputs, "", "", ""][: 3 if kind == "LSTM" else 2]
    inner = f"{call.outputs[0] or outputs[1]}\0whole"
    layer = Made(op, reads, weights, (inner, *outputs[1:]))
    if not outputs[0]:
        return [layer]
    return [layer, *_parted(inner, outputs[0], shape, ends, hidden)]


def _parted(inner: str, output: str, shape: Shape, ends: int, hidden: int) -> list[Made]:
    """Return what turns (L, N, D · H) into (L, D, N, H)."""
    length, batch = shape[:2]
    if ends == 1:
        op = ops.Reshape((length, 1, batch, hidden))
        return [Made(op, (inner,), makes=(output,))]
    apart = f"{output}\0apart"
    return [
        Made(ops.Reshape((length, batch, ends, hidden)), (inner,), makes=(apart,)),
        Made(ops.Permute((0, 2, 1, 3)), (apart,), makes=(output,)),
    ]


def _activations(call: Call, ends: int) -> list[str]:
    usual = _USUAL[call.op_type]
    words = call.settings.get("activations") or usual[0] * ends
    for each in usual:
        if [str(word).title() for word in words] == each * ends:
            return each
    raise UnreadableError


def _plain(call: Call, ends: int) -> None:
    """Refuse what PyTorch's layers do not do: lengths of their own, peepholes, clipping."""
    settings = call.settings
    direction = settings.get("direction", "forward")
    strange = (
        direction not in ("forward", "bidirectional")
        or ends != (2 if direction == "bidirectional" else 1)
        or settings.get("layout", 0)
        or settings.get("clip")
        or settings.get("input_forget", 0)
        or call.has(7)
        or (call.op_type == "GRU" and not settings.get("linear_before_reset", 0))
    )
    if strange or call.has(4):
        raise UnreadableError


def _states(call: Call) -> list[str]:
    """Return the first states, but for zeros, which are there without being read."""
    positions = (5, 6) if call.op_type == "LSTM" else (5,)
    given = [p for p in positions if call.has(p) and not _zeros(call, p)]
    if given and list(positions) != given:
        raise UnreadableError
    return [call.inputs[position] for position in given]


def _zeros(call: Call, position: int) -> bool:
    found = call.values.static.get(call.inputs[position])
    return found is not None and found.fill == 0


def _weights(
    call: Call, ends: int, rows: int, size: int, hidden: int, biased: bool
) -> dict[str, Weight]:
    """Return PyTorch's tensors as parts of ONNX's W, R and B, one of which holds both ends."""
    weight, state = call.inputs[1:3]
    found: dict[str, Weight] = {}
    gates = _GATES[call.op_type]
    for number, end in enumerate(("", "_reverse")[:ends]):
        found[f"weight_ih_l0{end}"] = Weight(weight, (rows, size), f"[{number}]", gates)
        found[f"weight_hh_l0{end}"] = Weight(state, (rows, hidden), f"[{number}]", gates)
        if biased:
            for role, part in (("ih", f":{rows}"), ("hh", f"{rows}:")):
                key = f"[{number}, {part}]"
                found[f"bias_{role}_l0{end}"] = Weight(call.inputs[3], (rows,), key, gates)
    return found


READERS: dict[str, Callable[[Call], list[Made]]] = dict.fromkeys(_USUAL, _recurrent)
"""How each ONNX operator of this family is read."""
