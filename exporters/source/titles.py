"""What a block's class is called: by its shape, as in the literature, or by its path."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archgraph import ops
from archgraph.graph import ArchGraph

from .names import camel
from .structure import Body

__all__ = ["class_title"]

_FIRST = (ops.Conv2d, ops.Linear)
_SHORT = {"Conv2d": "Conv", "BatchNorm2d": "BN", "LocalResponseNorm": "LRN"}


def class_title(net: ArchGraph, modules: Sequence[str], body: Body) -> str:
    """Return a name for the class of these modules, of which ``body`` is the first one's."""
    kinds = [unit.op for unit in body.units]
    if any(isinstance(op, ops.Add) for op in kinds):
        convs = [op for op in kinds if isinstance(op, ops.Conv2d)]
        if len(convs) == 2:
            return "BasicBlock"
        if len(convs) == 3 and [op.kernel_size == (1, 1) for op in convs] == [True, False, True]:
            return "Bottleneck"
        return "ResidualBlock"
    if 0 < len(kinds) < 4 and isinstance(kinds[0], _FIRST) and None not in kinds:
        return "".join(_SHORT.get(op.kind, op.kind) for op in kinds if op is not None)
    if {net.nodes[unit.output].get("role") for unit in body.units} == {"auxiliary"}:
        return "AuxiliaryHead"
    words = {re.sub(r"\d+[A-Za-z]?$", "", path.rpartition(".")[2]) for path in modules}
    return (camel(words.pop()) if len(words) == 1 else "") or "Block"
