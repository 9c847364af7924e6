"""One group of operators in the tree of a network's structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Group", "Kind"]

Kind = Literal["stage", "block", "module", "found"]
"""How a group came to be: declared as a stage or a block, a module of the dotted names, or found.

What is found is told by the graph alone.
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Some operators that belong together, directly or in groups below.

    ``parent`` is the id of the smallest group around it, None at the top. ``members`` stand in
    topological order. Groups with the same ``motif`` are equal: in operators, settings, shapes,
    devices and inner edges.
    """

    id: str
    parent: str | None
    label: str
    kind: Kind
    members: tuple[str, ...]
    motif: int
