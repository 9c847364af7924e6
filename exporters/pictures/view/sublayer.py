"""A sublayer, several operators that people see as one, and the steps by which it is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archgraph import ops
from archgraph.graph import ArchGraph

__all__ = ["FAR", "Sublayer", "passes", "through"]

FAR = 64
"""Operators that are looked at before a search is given up."""


@dataclass(frozen=True, slots=True)
class Sublayer:
    """Operators that are one thing to people; ``last`` gives what comes out.

    ``family`` is what a box of it is coloured as and ``noun`` what it is counted as; ``brief`` says
    it among others, ``full`` where it is alone. ``inner`` is the same without the layer that closes
    it, for modules that leave that to others.
    """

    family: str
    noun: str
    brief: str
    full: str
    last: str
    members: frozenset[str]
    inner: Sublayer | None = None


def passes(op: ops.Op) -> bool:
    """Return whether an operator leaves what people see as it is: moves, dropout, norms."""
    return op.moves or op.silent or op.family in ("norm", "regularisation")


def through(net: ArchGraph, name: str, ends: Callable[[ops.Op], bool]) -> tuple[str, set[str]]:
    """Return where the one way on from an operator ends, and what lies on it.

    The operator itself, and nothing, where no such end comes.
    """
    here = name
    on_it: set[str] = set()
    while len(net.succ[here]) == 1 and len(on_it) < FAR:
        (here,) = net.succ[here]
        on_it.add(here)
        op = net.op(here)
        if ends(op):
            return here, on_it
        if not passes(op):
            break
    return name, set()
