"""Match: operators of a graph that are one operator together, and what that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from archgraph.graph import ArchGraph
from archgraph.ops.base import Op
from archgraph.tensors import Stored

__all__ = ["MAIN", "Match", "Part", "Pattern", "Ref"]


class Ref(str):
    """What another new node of the same match gives, by its word; ``MAIN`` is the match's own."""

    __slots__ = ()


MAIN = Ref("")


class Part(NamedTuple):
    """A node that a new operator needs beside it: a mask that is added up, a turned key.

    ``of`` are the replaced nodes whose origins it takes; the last of them gives it its name.
    Without any it is named after the match's own node and its ``word``.
    """

    word: str
    op: Op
    reads: tuple[str, ...]
    of: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Match:
    """Nodes that are replaced by one, and by what that needs beside it.

    ``last`` is the node whose result the new one gives; what the ``inner`` ones give nobody else
    may read. ``reads`` are the new node's inputs, as ``net.reads`` has them or a Ref to a part,
    ``tensors`` its keys by role. Its name is ``name``, the name that the node ``name`` has; else
    ``word`` in the module of the last node; else that of the last node. ``stored`` are tensors to
    declare for it. ``before`` are the parts that it reads, ``after`` those that go on with it, the
    last of which gives the result in its place.
    """

    last: str
    inner: frozenset[str]
    op: Op
    reads: tuple[str, ...]
    tensors: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    stored: Mapping[str, Stored] = field(default_factory=dict)
    word: str = ""
    before: tuple[Part, ...] = ()
    after: tuple[Part, ...] = ()

    @cached_property
    def nodes(self) -> frozenset[str]:
        """All that are replaced."""
        return self.inner | {self.last}

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """All new nodes in order, the match's own among them."""
        taken = frozenset().union(*[part.of for part in (*self.before, *self.after)])
        own = Part(MAIN, self.op, self.reads, self.nodes - taken)
        return (*self.before, own, *self.after)


Pattern = Callable[[ArchGraph, str], Match | None]
"""Finds, in a graph, the match whose last node has a name."""
