"""Modules that are none: names that count the operators of each kind (``p2o.Add.12``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archgraph.wiring import WiredGraph

__all__ = ["scattered"]

FEW = 20
"""So many operators that do not read each other may be a list that somebody made."""


def scattered(net: WiredGraph, members: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the paths of which most operators lie in modules where hardly any reads another."""
    alone: set[str] = set()
    found: set[str] = set()
    for names in members.values():
        within = set(names)
        reading = sum(not within.isdisjoint(net.pred[name]) for name in names)
        if len(names) > FEW and 4 * reading < len(names):
            alone.update(names)
    for path, names in members.items():
        outer = path.rpartition(".")[0]
        if outer in found or 2 * sum(name in alone for name in names) > len(names):
            found.add(path)
    return found
