"""Splits groups that would close a cycle, so that a contracted network is still a DAG.

A group closes a cycle where data leaves it and comes back through others. The network is run
group by group, as if each were one operator. Where no group can run whole, one on a cycle runs as
far as it can: that is a piece, and its rest a group that waits. The order in which all of them
ran is one in which each stands after what it reads; groups on no cycle stay whole.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import networkx as nx

__all__ = ["pieces"]


def pieces(net: nx.DiGraph[str], groups: Mapping[str, Sequence[str]]) -> dict[str, list[list[str]]]:
    """Return the pieces of each group, in the order in which they run; one for most groups.

    ``groups`` hold operators once, in topological order; only what is between these counts.
    """
    return _Run(net, groups).done()


class _Run:
    """A run of the network, group by group."""

    def __init__(self, net: nx.DiGraph[str], groups: Mapping[str, Sequence[str]]) -> None:
        self.net, self.groups = net, groups
        self.owner = {name: key for key, names in groups.items() for name in names}
        self.sources = {
            name: [source for source in net.pred[name] if source in self.owner]
            for name in self.owner
        }
        self.waits = {name: len(sources) for name, sources in self.sources.items()}
        """How many sources of each operator have not run."""
        self.outside = dict.fromkeys(groups, 0)
        """How many edges from operators of other groups that have not run enter each group."""
        for target, sources in self.sources.items():
            here = self.owner[target]
            self.outside[here] += sum(self.owner[source] != here for source in sources)
        self.free: dict[str, list[str]] = {key: [] for key in groups}
        """The operators of each group that have not run and could."""
        for name in self.owner:
            if not self.waits[name]:
                self.free[self.owner[name]].append(name)
        self.ran: set[str] = set()
        self.first = dict.fromkeys(groups, 0)
        """How many operators at the head of each group have run for certain."""

    def done(self) -> dict[str, list[list[str]]]:
        found: dict[str, list[list[str]]] = {key: [] for key in self.groups}
        ready = [key for key, count in self.outside.items() if not count]
        waiting = dict.fromkeys(key for key, count in self.outside.items() if count)
        while ready or waiting:
            key = ready.pop() if ready else self._on_a_cycle(next(iter(waiting)))
            ran, freed = self._runs(key)
            found[key].append(ran)
            for other in freed:
                del waiting[other]
            ready += freed
        place = {name: index for index, name in enumerate(self.owner)}
        return {
            key: [sorted(part, key=place.__getitem__) for part in parts if part]
            for key, parts in found.items()
        }

    def _runs(self, key: str) -> tuple[list[str], list[str]]:
        """Run a group as far as it can; return what ran, and which groups can now run whole."""
        ran: list[str] = []
        freed: list[str] = []
        free = self.free[key]
        while free:
            name = free.pop()
            ran.append(name)
            for target in self.net.succ[name]:
                if target not in self.owner:
                    continue
                group = self.owner[target]
                self.waits[target] -= 1
                if not self.waits[target]:
                    self.free[group].append(target)
                if group != key:
                    self.outside[group] -= 1
                    if not self.outside[group]:
                        freed.append(group)
        self.ran.update(ran)
        return ran, freed

    def _on_a_cycle(self, key: str) -> str:
        """Return a group on a cycle of groups that wait for each other, of which a part can run.

        Going back from a group to one that it waits for ends in a cycle. A group of which nothing
        can run leads to one that begins earlier, so that not all on the cycle are such.
        """
        path: dict[str, None] = {}
        while key not in path:
            path[key] = None
            key = self._waits_for(key)
        cycle = list(path)[list(path).index(key) :]
        return next(group for group in cycle if self.free[group])

    def _waits_for(self, key: str) -> str:
        """Return the group that the first operator of a group waits for, of those that do."""
        names = self.groups[key]
        while names[self.first[key]] in self.ran:
            self.first[key] += 1
        for name in itertools.islice(names, self.first[key], None):
            if name not in self.ran:
                for source in self.sources[name]:
                    if source not in self.ran and self.owner[source] != key:
                        return self.owner[source]
        raise AssertionError(f"group '{key}' waits for nothing")
