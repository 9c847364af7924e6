"""How each ONNX operator is read: as one of archgraph's, or as a few in a row (private)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from archgraph.importers.onnx.call import Call, Made, UnreadableError
from archgraph.importers.onnx.rules import (
    elementwise,
    layers,
    microsoft,
    moves,
    recurrent,
    reductions,
    windows,
)

__all__ = ["read"]

_READERS: Mapping[str, Callable[[Call], list[Made]]] = {
    **elementwise.READERS,
    **layers.READERS,
    **moves.READERS,
    **recurrent.READERS,
    **reductions.READERS,
    **windows.READERS,
}

_DOMAINS = {"com.microsoft": microsoft.READERS}
"""Those of other domains."""


def read(call: Call) -> list[Made]:
    """Return the operators that a node stands for.

    Raises UnreadableError, or whatever an operator raises that cannot be made of what the file
    says.
    """
    known = _READERS if not call.domain else _DOMAINS.get(call.domain, {})
    reader = known.get(call.op_type)
    if reader is None:
        raise UnreadableError
    return reader(call)
