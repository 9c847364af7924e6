"""Which shown nodes one network has and another lacks."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from archgraph.graph import ArchGraph

from ..view import View

__all__ = ["differences"]

COMMON = 0.2
"""Below this share of equal nodes two networks differ as a whole: marks would say nothing."""


def differences(net: ArchGraph, view: View, rows: Sequence[Sequence[str]]) -> set[str]:
    """Return the nodes that have no equal in every other network, at the same place in order.

    Nodes are equal when their operators are of the same kinds, give the same shapes and cost the
    same; what they are called does not count.
    """
    signs = [[_sign(net, view, key) for key in row] for row in rows]
    found: set[str] = set()
    equal = 0
    for one, names in enumerate(rows):
        for other in range(len(rows)):
            if one == other:
                continue
            matcher = SequenceMatcher(None, signs[one], signs[other], autojunk=False)
            same = {
                names[block.a + step]
                for block in matcher.get_matching_blocks()
                for step in range(block.size)
            }
            equal += len(same)
            found |= set(names) - same
    shown = sum(map(len, rows)) * (len(rows) - 1)
    return found if equal >= COMMON * shown else set()


def _sign(net: ArchGraph, view: View, key: str) -> tuple[object, ...]:
    node = view.nodes[key]
    members = [net.nodes[name] for name in node.members]
    operators = tuple(
        (data["op"].kind, data["shape"], data["params"], data["flops"]) for data in members
    )
    return (node.repeat, operators)
