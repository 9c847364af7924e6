"""What speaks for a node's partner in another network: its operator, its place and its name.

Two things are alike where they have the same number, and a number is given once for both networks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.ops import Linear, Op
from archgraph.tensors import Key, Stored, node_of

__all__ = ["Evidence", "Numbers", "essential", "evidence", "stored_sign"]


class Numbers:
    """Gives equal things the same number, and each operator's settings by its number."""

    def __init__(self) -> None:
        self._known: dict[object, int] = {}
        self.ops: dict[int, Op] = {}

    def of(self, *thing: object) -> int:
        """Return the number of a thing; what cannot be hashed is told by what it prints."""
        try:
            return self._known.setdefault(thing, len(self._known))
        except TypeError:
            return self._known.setdefault(repr(thing), len(self._known))

    def op(self, op: Op) -> int:
        """Return the number of an operator with its settings."""
        op = essential(op)
        number = self.of(type(op), op)
        self.ops.setdefault(number, op)
        return number


def essential(op: Op) -> Op:
    """Return an operator without what only says how its weights lie in memory."""
    return replace(op, transposed=False) if isinstance(op, Linear) and op.transposed else op


@dataclass(frozen=True, slots=True)
class Evidence:
    """One node: ``word`` is what both networks may call it, whatever stands in front of that.

    ``op`` is its operator with all settings, ``gives`` the tensors that it gives, ``returned`` as
    which results of the network (0 where it is none), ``above`` all that it is computed from and
    ``below`` all that is computed from it, both with itself.
    """

    name: str
    word: str
    op: int
    kind: str
    family: str
    gives: int
    returned: int
    above: int
    below: int


def evidence(net: ArchGraph, words: Mapping[str, str], numbers: Numbers) -> dict[str, Evidence]:
    """Return what is known of every node, by name; ``words`` are what both networks call them."""
    order = net.topological()
    own = {name: _own(net, name, numbers) for name in order}
    reads = {name: net.reads(name) for name in order}
    above = _above(order, reads, own, numbers)
    below = _below(net, order, reads, own, numbers)
    places: dict[str, list[int]] = {}
    for place, result in enumerate(net.results):
        places.setdefault(node_of(result), []).append(place)
    found = {}
    for name in order:
        data = net.nodes[name]
        op: Op = data["op"]
        found[name] = Evidence(
            name=name,
            word=words[name],
            op=numbers.op(op),
            kind=op.kind,
            family=op.family,
            gives=numbers.of("gives", data["outputs"]),
            returned=numbers.of("returned", *places[name]) + 1 if name in places else 0,
            above=above[name],
            below=below[name],
        )
    return found


def stored_sign(stored: Stored | None) -> object:
    """Return what tells a stored tensor at an input position from another."""
    if stored is None:
        return None
    return stored.shape, stored.dtype, stored.kind, stored.value


def _own(net: ArchGraph, name: str, numbers: Numbers) -> int:
    """Return the number of all that a node is by itself."""
    data = net.nodes[name]
    declared = net.graph.get("tensors") or {}
    places = [
        (place, stored_sign(Stored.of(declared[key], key)) if key in declared else None)
        for place, key in sorted((data.get("tensors") or {}).items())
        if place.isdecimal()
    ]
    return numbers.of(
        numbers.op(data["op"]),
        data["outputs"],
        data["device"],
        bool(data.get("training_only")),
        tuple(places),
    )


def _above(
    order: Sequence[str],
    reads: Mapping[str, Sequence[str]],
    own: Mapping[str, int],
    numbers: Numbers,
) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in order:
        sources: list[object] = []
        for read in reads[name]:
            if type(read) is Key:
                sources.append(None)
            else:
                source, _, output = read.partition(":")
                sources.append((found[source], output))
        found[name] = numbers.of("above", own[name], tuple(sources))
    return found


def _below(
    net: ArchGraph,
    order: Sequence[str],
    reads: Mapping[str, Sequence[str]],
    own: Mapping[str, int],
    numbers: Numbers,
) -> dict[str, int]:
    results: dict[str, list[Any]] = {}
    for place, result in enumerate(net.results):
        results.setdefault(node_of(result), []).append((place, result.partition(":")[2]))
    readers: dict[str, list[tuple[str, int, int]]] = {name: [] for name in order}
    found: dict[str, int] = {}
    for name in reversed(order):
        found[name] = numbers.of(
            "below", own[name], tuple(sorted(readers[name])), tuple(results.get(name, ()))
        )
        for position, read in enumerate(reads[name]):
            if type(read) is not Key:
                source, _, output = read.partition(":")
                readers[source].append((output, position, found[name]))
    return found
