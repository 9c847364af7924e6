"""What a block's class is called: by its shape, as in the literature, or by its path."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archgraph.graph import ArchGraph
from archgraph.tensors import state_key

from .forward_calls import Body
from .python_names import camel, is_attribute

__all__ = ["class_title"]


def class_title(net: ArchGraph, modules: Sequence[str], body: Body) -> str:
    """Return a name for the class of these modules, of which ``body`` is the first one's.

    What they were read from has one.
    """
    known = (net.graph.get("modules") or {}).get(state_key(modules[0], "").rstrip("."))
    if known and is_attribute(known):
        return str(known)
    kinds = [unit.op for unit in body.units]
    known = [op for op in kinds if op is not None]
    if any(unit.op is not None and unit.op.sums and len(unit.read) > 1 for unit in body.units):
        if any(_attends(net, name) for name in net if name.startswith(f"{modules[0]}.")):
            return "TransformerBlock"
        convs = [op.words for op in known if op.layer and op.words.window and not op.words.how]
        if len(convs) == 2:
            return "BasicBlock"
        if len(convs) == 3 and [op.size == "1×1" for op in convs] == [True, False, True]:
            return "Bottleneck"
        return "ResidualBlock"
    if 0 < len(kinds) < 4 and known == kinds and known[0].weighted:
        return "".join(op.words.initials or re.sub(r"[123]d$", "", op.kind) for op in known)
    if {net.nodes[unit.output].get("role") for unit in body.units} == {"auxiliary"}:
        return "AuxiliaryHead"
    words = {re.sub(r"\d+[A-Za-z]?$", "", path.rpartition(".")[2]) for path in modules}
    return (camel(words.pop()) if len(words) == 1 else "") or "Block"


def _attends(net: ArchGraph, name: str) -> bool:
    return net.op(name).family == "attention"
