"""Dominators of a DAG: the last node before each through which every path to it leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Dominators", "dominators"]


class Dominators:
    """A tree in which each node hangs below its immediate dominator; roots have none.

    Two nodes' last common dominator is found in logarithmic time: each node keeps, besides the
    one above it, one far above (Myers' skew-binary jumps).
    """

    def __init__(self) -> None:
        self.above: dict[str, str | None] = {}
        self.depth: dict[str, int] = {}
        self._jump: dict[str, str] = {}

    def hang(self, node: str, above: Sequence[str]) -> None:
        """Add a node below the last common dominator of some nodes; a root where there is none."""
        found: str | None = above[0] if above else None
        for other in above[1:]:
            found = self._meet(found, other)
        self.above[node] = found
        if found is None:
            self.depth[node], self._jump[node] = 0, node
            return
        self.depth[node] = self.depth[found] + 1
        far = self._jump[found]
        even = self.depth[found] - self.depth[far] == self.depth[far] - self.depth[self._jump[far]]
        self._jump[node] = self._jump[far] if even else found

    def _meet(self, one: str | None, other: str | None) -> str | None:
        if one is None or other is None:
            return None
        if self.depth[one] < self.depth[other]:
            one, other = other, one
        while self.depth[one] > self.depth[other]:
            far = self._jump[one]
            one = far if self.depth[far] >= self.depth[other] else self._up(one)
        while one != other:
            if self._jump[one] != self._jump[other]:
                one, other = self._jump[one], self._jump[other]
                continue
            up, beside = self.above[one], self.above[other]
            if up is None or beside is None:
                return None
            one, other = up, beside
        return one

    def _up(self, node: str) -> str:
        up = self.above[node]
        assert up is not None  # only called below a node that is deeper than another
        return up


def dominators(order: Iterable[str], before: Mapping[str, Sequence[str]]) -> Dominators:
    """Return the dominators of nodes that come in topological order; ``before`` are their sources.

    Sources that are not among the nodes do not count. Given backwards, with the readers of each
    node, these are the post-dominators.
    """
    found = Dominators()
    for node in order:
        found.hang(node, [source for source in before[node] if source in found.depth])
    return found
