"""Modules that are no parts of a network: their operators do not belong together.

Names that a converter made count the operators of each kind (``p2o.Add.12``). A list that its
owner runs a little of at a time, with other layers between, is a list in the program only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archgraph.wiring import WiredGraph

__all__ = ["scattered"]

FEW = 20
"""So many operators that do not read each other may be a list that somebody made."""


def scattered(
    net: WiredGraph, written: Mapping[str, int], members: Mapping[str, Sequence[str]]
) -> set[str]:
    """Return the paths of the modules that are none; ``written`` is a topological order."""
    alone: set[str] = set()
    holds: dict[str, list[str]] = {}
    for path, names in members.items():
        within = set(names)
        reading = sum(not within.isdisjoint(net.pred[name]) for name in names)
        if len(names) > FEW and 4 * reading < len(names):
            alone.update(names)
        holds.setdefault(path.rpartition(".")[0], []).append(path)
    counts: set[str] = set()
    found: set[str] = set()
    order = sorted(net, key=written.__getitem__)
    for path, names in members.items():
        outer = path.rpartition(".")[0]
        if outer in counts or 2 * sum(name in alone for name in names) > len(names):
            counts.add(path)
        elif _is_list(path, members, holds.get(path, ())) and _comes_back(
            net, written, order, names
        ):
            found.add(path)
    return counts | found


def _is_list(path: str, members: Mapping[str, Sequence[str]], holds: Sequence[str]) -> bool:
    """Return whether a module holds nothing but numbered modules."""
    numbered = all(inner.rpartition(".")[2].partition("@")[0].isdecimal() for inner in holds)
    held = sum(len(members[inner]) for inner in holds)
    return len(holds) > 1 and numbered and held == len(members[path])


def _comes_back(
    net: WiredGraph, written: Mapping[str, int], order: Sequence[str], names: Sequence[str]
) -> bool:
    """Return whether data leaves some operators and comes back to them through others."""
    within = set(names)
    places = [written[name] for name in names]
    out: set[str] = set()
    for name in order[min(places) : max(places) + 1]:
        comes = any(source in out for source in net.pred[name])
        if name in within:
            if comes:
                return True
        elif comes or not within.isdisjoint(net.pred[name]):
            out.add(name)
    return False
