"""MLPs with or without a gate, and gates of channels such as squeeze-and-excite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archgraph import ops
from archgraph.graph import ArchGraph

from .sublayer import Sublayer, through

__all__ = ["GATES", "channel_gates", "mlps"]

GATES = {"SiLU": "SwiGLU", "GELU": "GEGLU", "ReLU": "ReGLU", "Sigmoid": "GLU"}
"""What a gated MLP is called by its activation (Shazeer, 2020)."""


def mlps(net: ArchGraph, order: Sequence[str]) -> Iterator[Sublayer]:
    """Yield two linear layers with an activation between, the second as wide as what came in.

    With a gate the activation is multiplied by a third (Dauphin et al., 2017).
    """
    for name in order:
        op = net.op(name)
        if op.family != "activation" or isinstance(op, ops.Softmax):
            continue
        before = _linear_before(net, name)
        if before is None:
            continue
        first, inside = before
        inside.add(name)
        gate = _gate(net, name, inside)
        last, behind = through(net, gate or name, _is_linear)
        closing = net.op(last)
        if not behind or not isinstance(closing, ops.Linear):
            continue
        inside |= behind
        opening, hidden = net.op(first), closing.in_features
        reads = opening.in_features if isinstance(opening, ops.Linear) else hidden
        # Of other widths they are a head: fully connected layers one after the other.
        if not gate and reads != closing.out_features:
            continue
        called = op.words.name
        mixed = [net.op(each).words.brief() for each in inside if net.op(each).family == "conv"]
        if gate:
            kind = GATES.get(op.kind, "gated MLP")
            brief, more = f"{kind} {hidden}", f", {kind}"
        else:
            with_it = f" with {mixed[0].partition(',')[0]}" if mixed else ""
            brief, more = f"MLP {hidden}{with_it}", f", {called}{with_it}"
        full = f"{reads} → {hidden} → {closing.out_features}{more}"
        yield Sublayer("linear", "MLP", brief, full, last, frozenset(inside))


def _is_linear(op: ops.Op) -> bool:
    return isinstance(op, ops.Linear)


def _linear_before(net: ArchGraph, name: str) -> tuple[str, set[str]] | None:
    """Return the linear layer that a tensor comes from through moves alone, and what is between."""
    inside: set[str] = set()
    before = net.inputs_of(name)
    while len(before) == 1:
        (source,) = before
        inside.add(source)
        op = net.op(source)
        if isinstance(op, ops.Linear):
            return source, inside
        # Some mix with the neighbours before the activation (Xie et al., 2021).
        if not (op.moves or op.silent or (op.family == "conv" and op.words.depthwise)):
            return None
        before = net.inputs_of(source)
    return None


def _gate(net: ArchGraph, name: str, inside: set[str]) -> str | None:
    """Return the product of an activation and what another linear layer, or half of one, gives."""
    readers = list(net.succ[name])
    if len(readers) != 1 or not isinstance(net.op(readers[0]), ops.Mul):
        return None
    others = [source for source in net.inputs_of(readers[0]) if source != name]
    if len(others) != 1:
        return None
    other = others[0]
    if isinstance(net.op(other), ops.Linear):
        between = {other}
    else:
        found = _linear_before(net, other) if net.op(other).moves else None
        if found is None:
            return None
        between = {other, *found[1]}
    inside |= {readers[0], *between}
    return readers[0]


def channel_gates(net: ArchGraph, order: Sequence[str]) -> Iterator[Sublayer]:
    """Yield squeeze-and-excite (Hu et al., 2018) and gates of channels with one layer."""
    for name in order:
        op = net.op(name)
        factors = list(dict.fromkeys(net.inputs_of(name)))
        if not isinstance(op, ops.Mul) or len(factors) != 2:
            continue
        for gate, gated in (factors, factors[::-1]):
            inside = _gate_chain(net, gate, gated)
            if inside:
                layers = [each for each in inside if net.op(each).layer]
                widths = [net.op(each).words.width for each in reversed(layers)]
                yield _channel_gate(widths, name, frozenset({name, *inside}))
                break


def _gate_chain(net: ArchGraph, gate: str, gated: str) -> list[str]:
    """Return the operators of a gate, last first: pooled, one or two layers, squashed."""
    found: list[str] = []
    name, layers = gate, 0
    while len(found) < 16:
        op, before = net.op(name), net.inputs_of(name)
        if not found and op.kind not in ("Sigmoid", "Hardsigmoid", "Pointwise"):
            return []
        found.append(name)
        layers += bool(op.layer)
        if op.family in ("pool", "reduce"):
            return found if before and before[0] == gated and 1 <= layers <= 2 else []
        one_way = len(before) == 1 and len(net.succ[name]) == 1
        works = op.layer or op.moves or op.family in ("activation", "norm", "elementwise")
        if not one_way or not (works or op.silent):
            return []
        name = before[0]
    return []


def _channel_gate(widths: list[int | None], last: str, members: frozenset[str]) -> Sublayer:
    if len(widths) == 2 and widths[0] and widths[1]:
        squeezed, wide = widths[0], widths[1]
        part = f"1/{wide // squeezed}" if wide % squeezed == 0 else f"{wide} → {squeezed}"
        brief = f"SE {part}"
        full = f"squeeze-and-excite, {wide} → {squeezed} → {wide}"
        return Sublayer("merge", "squeeze-and-excite", brief, full, last, members)
    return Sublayer("merge", "channel gate", "channel gate", "channel gate", last, members)
