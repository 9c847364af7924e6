"""Continuation marks: numbered flags where a line leaves a page, and where it goes on.

What is read on another page, or so far on that no line should lead there, has a number. A flag
beside the box that gives it says the number and on which pages it is read; one beside each box
that reads it says the number, from which page it comes, its name and its shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from archgraph.units import spaced_shape

from ..dress.spoken import say
from ..text.widths import shortened, text_width
from ..view import Inside, Label, View, ViewEdge, ViewNode
from .box_text import LABEL, SECONDARY

__all__ = ["BESIDE", "MARK", "Flag", "Mark", "coming", "entering", "leaving", "named"]

MARK = "mark"
"""The kind of node that a flag is."""
BESIDE = "beside"
"""The role of a flag that stands beside its box; others stand before or behind it."""
ROOM, NAME = 104.0, 82.0
"""How wide the first line of a flag and the others are at most, in points at scale 1."""
EACH = 3
"""How many tensors that a box reads have flags of their own; more have one for each page."""
SOURCES = 2
"""From how many pages there is a flag for each; else one for all."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The number of what is read elsewhere, and the page on which it is made."""

    number: int
    page: int


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag and the lines between it and its boxes."""

    node: ViewNode
    edges: tuple[ViewEdge, ...]


def entering(
    view: View, reader: str, found: Sequence[tuple[Mark, ViewEdge]], here: int
) -> list[Flag]:
    """Return the flags beside a box on page ``here`` for all that it reads from elsewhere."""
    found = sorted(found, key=lambda each: each[0].number)
    groups = [[each] for each in found]
    if len(found) > EACH:
        groups = [list(group) for _, group in groupby(found, key=lambda each: each[0].page)]
        groups = groups if len(groups) <= SOURCES else [list(found)]
    flags = []
    for group in groups:
        marks, edges = [mark for mark, _ in group], [edge for _, edge in group]
        key = f"{marks[0].number} into {reader}"
        source = view.nodes[edges[0].source]
        told = [f"{mark.number} from page {mark.page}: {edge.title}" for mark, edge in group]
        label = _from(marks, source, here)
        node = _flag(view.nodes[reader], key, label, "\n".join(told), marks)
        flags.append(Flag(replace(node, role=BESIDE), (replace(edges[0], source=key),)))
    return flags


def coming(view: View, edges: Sequence[ViewEdge], mark: Mark, here: int) -> Flag:
    """Return the flag before all boxes that read one tensor from elsewhere."""
    source = view.nodes[edges[0].source]
    key = f"{mark.number} before {edges[0].target}"
    told = [f"{mark.number} from page {mark.page}: {edge.title}" for edge in edges]
    label = _from([mark], source, here)
    node = _flag(view.nodes[edges[0].target], key, label, "\n".join(told), [mark])
    return Flag(node, tuple(replace(edge, source=key) for edge in edges))


def leaving(view: View, source: str, edges: Sequence[ViewEdge], mark: Mark, latest: int) -> Flag:
    """Return the flag of what is read elsewhere, with room for pages up to about ``latest``.

    On which pages it is read is said later, by ``named``.
    """
    edge = next((edge for edge in edges if edge.kind == "data"), edges[0])
    page = "8" * len(str(latest))
    several = len(edges) > 1
    pages = say(f"to page{'s' * several} {{pages}}", pages=", ".join([page] * (1 + several)))
    shape = spaced_shape(view.nodes[source].shape)
    key = f"{source} goes on"
    label = Label(f"{mark.number} · {pages}", shape=shape)
    node = _flag(view.nodes[source], key, label, "", [Mark(mark.number, 0)])
    return Flag(node, (replace(edge, target=key),))


def named(node: ViewNode, pages: Iterable[int], here: int) -> ViewNode:
    """Return the flag of what leaves page ``here`` with the pages on which it is read."""
    ((number, _),), found = node.marks, sorted(set(pages))
    room = text_width(node.label.name, LABEL, bold=True)
    head = _head([number], "to", found, here)
    if text_width(head, LABEL, bold=True) > room:
        head = f"{number} · {say('to {pages}', pages=f'{found[0]}…{found[-1]}')}"
    where = ", ".join(map(str, found))
    marks = tuple((number, page) for page in found)
    title = f"{number} goes on: page {where}"
    return replace(node, label=replace(node.label, name=head), title=title, marks=marks)


def _from(marks: Sequence[Mark], source: ViewNode, here: int) -> Label:
    """Return what is said of tensors from elsewhere; of one its name and shape."""
    pages = sorted({mark.page for mark in marks})
    head = _head([mark.number for mark in marks], "from", pages, here)
    if len(marks) > 1:
        return Label(head, does=Inside(told=(say("{count} tensors", count=len(marks)),), own=True))
    name = shortened(source.id, SECONDARY, NAME)
    return Label(head, does=Inside(told=(name,), own=True), shape=spaced_shape(source.shape))


def _flag(box: ViewNode, key: str, label: Label, title: str, marks: Sequence[Mark]) -> ViewNode:
    """Return a flag in the same frames as the box that it belongs to."""
    return ViewNode(
        key,
        MARK,
        "box",
        label,
        title,
        (),
        (),
        stage=box.stage,
        block=box.block,
        room="narrowest",
        marks=tuple((mark.number, mark.page) for mark in marks),
    )


def _head(numbers: Sequence[int], way: str, pages: Sequence[int], here: int) -> str:
    """Return ``7 · from page 2``, ``7–14 · from page 3`` or ``7, 9 · to pages 2–5``."""
    words = say(f"{way} page{'s' * (len(pages) > 1)} {{pages}}", pages=_runs(pages))
    head = f"{_runs(numbers)} · {say('this page') if list(pages) == [here] else words}"
    if text_width(head, LABEL, bold=True) <= ROOM:
        return head
    return f"{_ends(numbers)} · {say(f'{way} p. {{pages}}', pages=_ends(pages))}"


def _ends(numbers: Sequence[int]) -> str:
    """Return the first and the last of some numbers."""
    return f"{numbers[0]}…{numbers[-1]}" if len(numbers) > 1 else str(numbers[0])


def _runs(numbers: Sequence[int]) -> str:
    """Return numbers as ``2, 4–7``, or the first and the last where there are many."""
    found = [[numbers[0]]]
    for one, other in pairwise(numbers):
        if other == one + 1:
            found[-1].append(other)
        elif other != one:
            found.append([other])
    if len(found) > 2:
        return _ends(numbers)
    runs = [", ".join(map(str, r)) if len(r) < 3 else f"{r[0]}–{r[-1]}" for r in found]
    return ", ".join(runs)
