"""The operators by name: ours, those of installed packages, those that a session defines."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from archgraph.errors import FormatError
from archgraph.nearest import nearest
from archgraph.ops.base import DEFINED, Op
from archgraph.plugins import loaded, offers

__all__ = ["OPS", "load_all", "offered_for", "operator_named"]

OPS: Mapping[str, type[Op]] = DEFINED
"""Every operator class that is defined, by name: what a graph file may hold, and nothing else.

A package offers its own with entry points in the group ``archgraph.operators``, each named as its
class; they are imported when a file asks for one.
"""


def load_all() -> dict[str, Any]:
    """Import every file of operators; return their public names."""
    found: dict[str, Any] = {}
    for file in iter_modules([str(Path(__file__).parent)]):
        module = import_module(f"{__package__}.{file.name}")
        found |= {name: getattr(module, name) for name in module.__all__}
    return found


def operator_named(kind: str) -> type[Op]:
    """Return an operator's class; FormatError naming the nearest where there is none."""
    if kind not in OPS:
        load_all()
        offered = offers("operators")
        if kind in offered:
            loaded("operators", kind, f"the operator '{kind}'")
        if kind not in OPS:
            known = {*OPS, *offered}
            raise FormatError(
                f"archgraph does not know the operator {kind!r}{nearest(kind, known)}."
            )
    return OPS[kind]


def offered_for(op: Op, group: str) -> EntryPoint | None:
    """Return what an operator's package offers for it in a group of entry points."""
    return offers(group).get(op.kind) if OPS.get(op.kind) is type(op) else None
