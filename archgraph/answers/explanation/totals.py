"""What a network's totals consist of, and what well-known counters make of them."""

from __future__ import annotations

from dataclasses import dataclass

from archgraph.answers.explanation.node import Said
from archgraph.answers.peers.counted_parts import known_parts
from archgraph.answers.peers.rules import explained
from archgraph.answers.peers.well_known import COUNTERS
from archgraph.graph import ArchGraph
from archgraph.metrics import STATIC_METRICS, Number

__all__ = ["Kind", "Totals", "explain_totals"]


@dataclass(frozen=True, slots=True)
class Kind:
    """All operators of one kind: how many there are, and what they cost together by metric."""

    name: str
    nodes: int
    values: dict[str, Number | None]


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals for one image, kind by kind from the one with most FLOPs, and who says what."""

    values: dict[str, Number | None]
    kinds: tuple[Kind, ...]
    said: tuple[Said, ...]


def explain_totals(net: ArchGraph) -> Totals:
    """Return what the totals of a network consist of, for one image at inference."""
    metrics = STATIC_METRICS
    by_kind: dict[str, list[str]] = {}
    for name, data in net.nodes(data=True):
        if not data.get("training_only"):
            by_kind.setdefault(data["op"].kind, []).append(name)
    kinds = [
        Kind(
            kind,
            len(names),
            {
                key: metric.combine(net.value(name, metric) for name in names)
                for key, metric in metrics.items()
            },
        )
        for kind, names in by_kind.items()
    ]
    kinds.sort(key=lambda kind: (-(kind.values["flops"] or 0), -(kind.values["params"] or 0)))
    return Totals({key: net.total(key) for key in metrics}, tuple(kinds), tuple(_said(net)))


def _said(net: ArchGraph) -> list[Said]:
    """Return what well-known counters say of the whole; nothing where a part is unknown."""
    total = net.total("macs")
    if not isinstance(total, int):
        return []
    found, unknown = known_parts(net)
    if unknown:
        return []
    return [
        Said(counter, total + sum(because.values()), tuple(because.items()))
        for counter, rules in COUNTERS.items()
        for because in [explained(found, rules)]
    ]
