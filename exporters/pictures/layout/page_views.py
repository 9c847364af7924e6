"""What a page of several shows: its boxes, the lines between them, and flags for all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from ..view import View, ViewEdge, ViewNode
from .marks import BESIDE, MARK, Flag, Mark, coming, entering, leaving, named
from .page_order import Order, together

__all__ = ["PageViews", "marked"]

LATER = 10
"""For page numbers up to so many times its own a flag has room."""


class PageViews:
    """Makes the views of pages; what comes from an earlier page is known by its mark."""

    def __init__(self, view: View, order: Order) -> None:
        self.view, self.order = view, order
        self.sources: dict[str, list[ViewEdge]] = {key: [] for key in view.nodes}
        self.readers: dict[str, list[ViewEdge]] = {key: [] for key in view.nodes}
        for edge in view.edges:
            self.sources[edge.target].append(edge)
            self.readers[edge.source].append(edge)

    def of(
        self, start: int, end: int, here: int, marks: Mapping[str, Mark], reach: float
    ) -> tuple[View, dict[str, Mark]]:
        """Return the view of page ``here``, of the units from start to end, and its new marks.

        ``marks`` are those of the pages before. Lines that would lead down further than ``reach``
        have flags, too.
        """
        keys, place = list(chain(*self.order.units[start:end])), self.order.place

        def is_drawn(edge: ViewEdge) -> bool:
            near = place[edge.source] >= start and place[edge.target] < end
            return near and self.order.down(edge) <= reach

        drawn = {key: [edge for edge in self.sources[key] if is_drawn(edge)] for key in keys}
        given = {key: [e for e in self.readers[key] if not is_drawn(e)] for key in keys}
        going_on = {edge.source for each in drawn.values() for edge in each}
        new: dict[str, Mark] = {}
        for key in keys:
            if given[key]:
                new[key] = Mark(len(marks) + len(new) + 1, here)
        heads = self._heads(keys, drawn, start, reach)
        headed = {(edge.source, edge.target) for edges in heads.values() for edge in edges}
        nodes: dict[str, ViewNode] = {}
        edges: list[ViewEdge] = []

        def put(flag: Flag) -> None:
            nodes[flag.node.id] = flag.node
            edges.extend(flag.edges)

        for key in keys:
            if key in heads:
                put(coming(self.view, heads[key], marks[heads[key][0].source], here))
            nodes[key] = self.view.nodes[key]
            edges += drawn[key]
            read = [
                (new.get(edge.source) or marks[edge.source], edge)
                for edge in self.sources[key]
                if not is_drawn(edge) and (edge.source, key) not in headed
            ]
            for flag in entering(self.view, key, read, here):
                put(flag)
            if given[key]:
                flag = leaving(self.view, key, given[key], new[key], LATER * here)
                aside = Flag(replace(flag.node, role=BESIDE), flag.edges)
                put(aside if key in going_on else flag)
        groups = {group for node in nodes.values() for group in (node.stage, node.block)}
        repeats = {key: n for key, n in self.view.repeats.items() if key in groups}
        return (
            replace(self.view, nodes=nodes, edges=tuple(edges), repeats=repeats, output=keys[-1]),
            new,
        )

    def _heads(
        self,
        keys: Sequence[str],
        drawn: Mapping[str, Sequence[ViewEdge]],
        start: int,
        reach: float,
    ) -> dict[str, list[ViewEdge]]:
        """Return edges from other pages that begin at one flag, by the box that it stands before.

        So begins what reads nothing but one tensor of another page. Others that hang together
        with it and read the same are joined to the same flag, unless they are far down.
        """
        top, place = self.order.top, self.order.place
        part = together(keys, chain(*drawn.values()))
        readers: dict[tuple[str, str], list[ViewEdge]] = {}
        for key in keys:
            for edge in self.sources[key]:
                if place[edge.source] < start:
                    readers.setdefault((edge.source, part[key]), []).append(edge)
        found: dict[str, list[ViewEdge]] = {}
        for edges in readers.values():
            first = min(top(edge.target) for edge in edges)
            near = [edge for edge in edges if top(edge.target) - first <= reach]
            if any(len(self.sources[edge.target]) == 1 for edge in near):
                found.setdefault(near[0].target, near)
        return found


def marked(view: View, pages: Sequence[View]) -> View:
    """Return a whole view, with flags in place of the edges that its pages do not draw."""
    nodes, edges = dict(view.nodes), list[ViewEdge]()
    for _, _, flag in _flags(pages, leave=False):
        nodes[flag.id] = flag
    read: dict[int, list[int]] = {}
    for page, _, flag in _flags(pages, leave=False):
        for number, _ in flag.marks:
            read.setdefault(number, []).append(page)
    for page, _, flag in _flags(pages, leave=True):
        nodes[flag.id] = named(flag, read[flag.marks[0][0]], page)
    for each in pages:
        edges += each.edges
    return replace(view, nodes=nodes, edges=tuple(edges))


def _flags(pages: Sequence[View], *, leave: bool) -> Iterator[tuple[int, ViewEdge, ViewNode]]:
    """Yield the flags to which edges lead, or from which they come, each with its page."""
    for number, page in enumerate(pages, 1):
        for edge in page.edges:
            flag = page.nodes[edge.target if leave else edge.source]
            if flag.kind == MARK:
                yield number, edge, flag
