"""A copy of a graph for patterns to look at, which remembers what they ask again and again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archgraph.graph import ArchGraph

__all__ = ["Draft"]


class Draft(ArchGraph):
    """A graph under rewriting; its nodes are called as before, its costs are of no account.

    ``formulas`` are those that were worked out since it last changed.
    """

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.formulas: dict[str, Any] = {}
        self._sources: dict[str, tuple[str, ...]] = {}

    @classmethod
    def of(cls, net: ArchGraph) -> Draft:
        """Return a copy; edges are shared, because nobody changes one."""
        made = cls(**net.graph)
        made._node.update((name, dict(data)) for name, data in net._node.items())
        made._succ.update((name, dict(targets)) for name, targets in net._succ.items())
        made._pred.update((name, dict(sources)) for name, sources in net._pred.items())
        if "tensors" in net.graph:
            made.graph["tensors"] = dict(net.graph["tensors"])
        return made

    def reads(self, name: str) -> tuple[str, ...]:
        """Return what a node reads at each input position, as ``add`` takes it."""
        found = self._sources.get(name)
        if found is None:
            found = self._sources[name] = super().reads(name)
        return found

    def changed(self, names: Iterable[str]) -> None:
        """Forget what is remembered of nodes that were put in the place of others."""
        self.formulas.clear()
        for name in names:
            self._sources.pop(name, None)
