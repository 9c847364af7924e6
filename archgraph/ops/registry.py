"""The operators by name: ours, those of installed packages, those that a session defines."""

from __future__ import annotations

from collections.abc import Mapping

from archgraph.errors import FormatError
from archgraph.names import nearest
from archgraph.ops.base import DEFINED, Op

__all__ = ["OPS", "operator_named"]

GROUP = "archgraph.operators"

OPS: Mapping[str, type[Op]] = DEFINED
"""Every operator class that is defined, by name: what a graph file may hold, and nothing else.

A package offers its own with entry points in the group ``archgraph.operators``, each named as its
class; they are imported when a file asks for one.
"""


def operator_named(kind: str) -> type[Op]:
    """Return an operator's class; FormatError naming the nearest where there is none."""
    if kind not in OPS:
        from archgraph.ops import load_all
        from archgraph.registry import entry_points_of

        load_all()
        offered = {point.name: point for point in entry_points_of(GROUP)}
        if kind in offered:
            offered[kind].load()
        if kind not in OPS:
            known = {*OPS, *offered}
            raise FormatError(
                f"archgraph does not know the operator {kind!r}{nearest(kind, known)}."
            )
    return OPS[kind]
