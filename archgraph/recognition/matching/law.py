"""The law of recognition: what is around replaced nodes, and what they cost, stays the same."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from typing import Any

from archgraph.attributes import COMPUTED
from archgraph.errors import ArchGraphError
from archgraph.evaluation import evaluate
from archgraph.graph import ArchGraph
from archgraph.recognition.matching.match import MAIN, Match, Ref
from archgraph.stored_tensors import declared, original, weight_type
from archgraph.tensors import Key

__all__ = ["Made", "held", "own_facts"]

Made = list[tuple[str, dict[str, Any]]]
"""The new nodes by word, each with what follows from its operator and inputs."""


def held(net: ArchGraph, match: Match, results: Collection[str]) -> Made | None:
    """Return what a match makes; None where putting it in place would change anything around it.

    Nothing inside may be read outside or be one of the ``results``; the nodes stand in the same
    groups, on the same device; the new ones give the same tensor for as many MACs at any batch and
    read what the old ones had learned.
    """
    nodes = match.nodes
    if not match.inner.isdisjoint(results):
        return None
    if not all(nodes.issuperset(net.succ[name]) for name in match.inner):
        return None
    facts = own_facts(net, match.last)
    if any(own_facts(net, name) != facts for name in match.inner):
        return None
    if _learned(net, nodes) != _learned_after(net, match):
        return None
    made = _made(net, match)
    if made is None or made[-1][1]["outputs"] != net.nodes[match.last]["outputs"]:
        return None
    before = _macs([net.nodes[name] for name in nodes])
    return made if before == _macs([data for _, data in made]) else None


def _made(net: ArchGraph, match: Match) -> Made | None:
    """Return the new nodes by word; None where an operator does not take what it would read."""
    made: Made = []
    known: dict[str, Any] = {}
    for part in match.parts:
        tensors = tuple(
            known[source]
            if type(source) is Ref
            else match.stored[source].tensor
            if type(source) is Key and source in match.stored
            else net.tensor(source, match.last)
            for source in part.reads
        )
        keys = match.tensors if part.word is MAIN else {}
        weight = weight_type(net, match.name or match.last, part.op, keys)
        try:
            data = evaluate(match.last, part.op, tensors, weight)
        except ArchGraphError:
            return None
        known[part.word] = data["outputs"][0]
        made.append((part.word, data))
    return made


def _macs(nodes: Iterable[Mapping[str, Any]]) -> tuple[Any, ...] | None:
    """Return the multiply-adds of nodes together as a polynomial of the batch; None if unknown."""
    square = line = constant = 0
    for data in nodes:
        macs, growth = data["macs"], data.get("growth")
        if macs is None:
            return None
        if growth is None or "macs" not in growth:
            line += macs
            continue
        grown = growth["macs"]
        constant, line, square = constant + grown[0], line + grown[1], square + grown[2]
    return constant, line, square


def _learned(net: ArchGraph, nodes: Iterable[str]) -> set[str]:
    """Return the keys of the parameters that nodes read."""
    found: set[str] = set()
    for name in nodes:
        data = net.nodes[name]
        op, keys = data["op"], data.get("tensors")
        learned = op.parameters()
        if learned:
            found |= _parameters(net, learned, net.keys_of(name))
        elif keys:
            found |= _parameters(net, learned, keys)
    return found


def _learned_after(net: ArchGraph, match: Match) -> set[str]:
    """Return the keys of the parameters that the new nodes read."""
    read = {
        f"{part.word} {place}": str(each)
        for part in match.parts
        for place, each in enumerate(part.reads)
        if type(each) is Key
    }
    aliases = {key: each.alias or key for key, each in match.stored.items()}
    keys = {role: aliases.get(key, key) for role, key in match.tensors.items()}
    return _parameters(net, match.op.parameters(), read | keys)


def _parameters(net: ArchGraph, learned: Container[str], keys: Mapping[str, str]) -> set[str]:
    """Return those keys, by role or position, that are of parameters; ``learned`` are roles."""
    records = declared(net)
    return {
        original(net, key)
        for role, key in keys.items()
        if (records[key]["kind"] == "parameter" if key in records else role in learned)
    }


def own_facts(net: ArchGraph, name: str) -> dict[str, object]:
    """Return what a node carries besides its operator, its tensors and its origin."""
    data = net.nodes[name]
    return {key: data[key] for key in data if key not in _OTHERS}


_OTHERS = COMPUTED | {"origin", "tensors"}
