"""Two networks as one graph: the second, with what only the first has where it stood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import networkx as nx

from archgraph.graph import ArchGraph

from ..captions import title_of
from .matching import Twins, is_quiet

__all__ = ["Merged", "merged"]

LATER = 1000
"""Input positions of what an operator read in the first network only: behind all others."""


LEVELS = ("stage", "block")
"""The attributes of an operator that name its groups."""


class Merged(ArchGraph):
    """Two networks in one graph. It could not run: an operator may read what was and what is."""

    def check(self) -> None:
        """Accept it: both networks hold together, each by itself."""


def merged(found: Twins) -> tuple[Merged, Mapping[str, str]]:
    """Return both networks as one graph, and the names in it of what only the first has.

    What stood between two operators that follow one another now stands between them. Operators
    that are not in both as they are are set apart, so that blocks are equal only where the same
    happened to them. What only moves data is left out where only the first has it, and so is a line
    that would close a cycle.
    """
    first, second = found.difference.first, found.difference.second
    whole = Merged(**second.graph)
    others = _others(first, second)
    whole.graph["groups"] = {
        **{others.get(key, key): group for key, group in first.groups.items()},
        **second.groups,
    }
    whole.graph["modules"] = {
        **(first.graph.get("modules") or {}),
        **(second.graph.get("modules") or {}),
    }
    if "tensors" in first.graph:  # what was read is read here, too
        whole.graph["tensors"] = {**first.graph["tensors"], **second.graph.get("tensors", {})}
    titles = [title_of(net) for net in (first, second)]
    if titles[0] == titles[1] and first.name != second.name:
        titles = [
            f"{title} ({net.name})" for title, net in zip(titles, (first, second), strict=True)
        ]
    whole.graph["title"] = " → ".join(titles)
    for name, data in second.nodes(data=True):
        state = found.states[1].get(name)
        words = ", ".join(found.words.get(name, ()))
        tells = state is not None and not is_quiet(second, name)
        apart = {"apart": f"{state} {words}"} if tells else {}
        whole.add_node(name, **data, **apart)
    whole.add_edges_from(second.edges(data=True))
    called = dict(found.partners[0])
    gone: dict[str, str] = {}
    for name in first.topological():
        if name in called or is_quiet(first, name):
            continue
        data = dict(first.nodes[name])
        data |= {key: others[data[key]] for key in LEVELS if data.get(key) in others}
        new = name
        while new in whole or (new in whole.groups and new not in _groups_of(data)):
            new += "~"
        called[name] = gone[name] = new
        whole.add_node(new, **data, apart="removed")
    _add_lines(whole, first, called, gone)
    whole.set_outputs(
        *second.results,
        *(called[name] for name in first.outputs if name in gone and not whole.succ[called[name]]),
    )
    return whole, gone


def _groups_of(data: Mapping[str, Any]) -> set[str]:
    """Return the groups that an operator lies in."""
    return {data[key] for key in LEVELS if data.get(key) is not None}


def _others(first: ArchGraph, second: ArchGraph) -> dict[str, str]:
    """Return other ids of those groups of the first network that are operators of the second.

    An operator may bear the name of a group that it lies in itself, and of no other.
    """
    taken, found = {*first.groups, *second.groups, *first, *second}, {}
    for key in first.groups:
        if key in second and key not in _groups_of(second.nodes[key]):
            new = key
            while new in taken:
                new += "~"
            taken.add(new)
            found[key] = new
    return found


def _add_lines(
    whole: Merged, first: ArchGraph, called: Mapping[str, str], gone: Mapping[str, str]
) -> None:
    """Add the lines of the first network to and from what only that has, and past nothing."""
    removed = set(gone.values())
    lines = [
        (called[source], called[target], first.edges[last, target])
        for target in called
        for source, last in _reads(first, target, called)
        if source in gone or target in gone
    ]
    whole.add_edges_from((source, target, _later(edge)) for source, target, edge in lines)
    if not nx.is_directed_acyclic_graph(whole):
        whole.remove_edges_from((source, target) for source, target, _ in lines)
        for source, target, edge in lines:
            if not nx.has_path(whole, target, source):
                whole.add_edge(source, target, **_later(edge))
    known = {
        (called[source], called[target])
        for target in called
        for source, _ in _reads(first, target, called)
    }
    for source in [name for name in whole if name not in removed]:
        starts = [name for name in whole.succ[source] if name in removed]
        if not starts:
            continue
        reached = _behind(whole, starts, removed)
        past = [
            target
            for target in whole.succ[source]
            if target in reached and target not in removed and (source, target) not in known
        ]
        whole.remove_edges_from([(source, target) for target in past])


def _reads(first: ArchGraph, name: str, called: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what an operator reads, through what is left out, and who hands it over."""
    for last in first.pred[name]:
        waiting, seen = [last], {last}
        while waiting:
            source = waiting.pop()
            if source in called:
                yield source, last
            else:
                waiting += [each for each in first.pred[source] if each not in seen]
                seen.update(first.pred[source])


def _behind(whole: Merged, starts: list[str], removed: set[str]) -> set[str]:
    """Return what follows some removed operators through removed ones only."""
    found, waiting = set(starts), list(starts)
    while waiting:
        name = waiting.pop()
        if name in removed:
            waiting += [each for each in whole.succ[name] if each not in found]
            found.update(whole.succ[name])
    return found


def _later(edge: Mapping[str, object]) -> dict[str, object]:
    uses = edge.get("uses", ())
    assert isinstance(uses, tuple)
    return {**edge, "uses": tuple((output, LATER + position) for output, position in uses)}
