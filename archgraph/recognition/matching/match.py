"""Match: operators of a graph that are one operator together, and what that is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from archgraph.evaluation import evaluate
from archgraph.graph import ArchGraph
from archgraph.ops.base import Op
from archgraph.parts import extra_attributes
from archgraph.stored_tensors import weight_type
from archgraph.tensors import Stored

__all__ = ["Match", "Pattern", "holds", "own_facts"]


@dataclass(frozen=True, slots=True)
class Match:
    """Nodes that are replaced by one.

    ``last`` is the node whose result the new one gives; what the ``inner`` ones give nobody else
    may read. ``reads`` are the new node's inputs, as ``net.reads`` has them, ``tensors`` its keys
    by role. Its name is ``name``, or that of the last node. ``stored`` are tensors to declare for
    it.
    """

    last: str
    inner: frozenset[str]
    op: Op
    reads: tuple[str, ...]
    tensors: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    stored: Mapping[str, Stored] = field(default_factory=dict)

    @property
    def nodes(self) -> frozenset[str]:
        """All that are replaced."""
        return self.inner | {self.last}


Pattern = Callable[[ArchGraph, str], Match | None]
"""Finds, in a graph, the match whose last node has a name."""


def holds(net: ArchGraph, match: Match, results: Collection[str]) -> bool:
    """Return whether replacing the nodes changes nothing around them.

    Nothing inside may be read outside or be one of the ``results``; the nodes stand in the same
    groups, on the same device; the new operator gives the same tensors for as many MACs.
    """
    nodes = match.nodes
    if any(name in results for name in match.inner):
        return False
    if not all(reader in nodes for name in match.inner for reader in net.succ[name]):
        return False
    facts = own_facts(net, match.last)
    if any(own_facts(net, name) != facts for name in match.inner):
        return False
    tensors = tuple(net.tensor(source, match.last) for source in match.reads)
    weight = weight_type(net, match.name or match.last, match.op, match.tensors)
    made = evaluate(match.last, match.op, tensors, weight)
    macs = [net.nodes[name]["macs"] for name in nodes]
    whole = None if None in macs else sum(macs)
    return bool(made["outputs"] == net.nodes[match.last]["outputs"] and made["macs"] == whole)


def own_facts(net: ArchGraph, name: str) -> dict[str, object]:
    """Return what a node carries besides its operator, its tensors and its origin."""
    found = extra_attributes(net, name)
    return {key: value for key, value in found.items() if key not in ("origin", "tensors")}
