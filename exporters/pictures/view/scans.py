"""Recurrences that a module writes out step by step, such as the scan of a state space model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archgraph import ops
from archgraph.graph import ArchGraph

from .sublayer import FAR, Sublayer

__all__ = ["scans"]

FEWEST = 8
"""Steps that a scan has at least."""


def scans(net: ArchGraph, order: Sequence[str]) -> Iterator[Sublayer]:
    """Yield every state that is multiplied and added to again and again, with what reads it.

    h ← a · h + b, as in Mamba (Gu and Dao, 2023): b and a do not come from h.
    """
    before = {name: _state_before(net, name) for name in order if net.op(name).sums}
    after = {state: name for name, state in before.items() if state is not None}
    for name in before:
        if before[name] is not None or name not in after:
            continue
        states = [name]
        while states[-1] in after:
            states.append(after[states[-1]])
        if len(states) >= FEWEST:
            inside, last = _read_out(net, states)
            text = f"scan, {len(states)} steps"
            yield Sublayer("recurrent", "scan", text, text, last, frozenset(inside))


def _state_before(net: ArchGraph, name: str) -> str | None:
    """Return the sum of the same shape that is multiplied and goes into this one."""
    shape = net.nodes[name]["shape"]
    sources = net.inputs_of(name)
    for factor in sources:
        if len(set(sources)) != 2 or not isinstance(net.op(factor), ops.Mul):
            continue
        for state in net.inputs_of(factor):
            if net.op(state).sums and net.nodes[state]["shape"] == shape:
                others = [each for each in sources if each != factor]
                if not _comes_from(net, others, state):
                    return state
    return None


def _comes_from(net: ArchGraph, names: Sequence[str], start: str) -> bool:
    queue, seen = list(names), set(names)
    while queue and len(seen) < FAR:
        name = queue.pop(0)
        if name == start:
            return True
        new = [each for each in net.inputs_of(name) if each not in seen]
        seen.update(new)
        queue += new
    return False


def _read_out(net: ArchGraph, states: Sequence[str]) -> tuple[set[str], str]:
    """Return the states with what is computed of them up to where all meet, and that place."""
    inside = set(states)
    inside |= {each for state in states[1:] for each in net.inputs_of(state)}
    queue, last = list(states), states[-1]
    while queue:
        name = queue.pop(0)
        op = net.op(name)
        if len(set(net.inputs_of(name))) >= len(states):
            inside.add(name)
            last = name
            continue
        if name in inside and name not in states:
            continue
        if name in states or op.moves or op.kind == "MatMul":
            inside.add(name)
            queue += net.succ[name]
    return inside, last
