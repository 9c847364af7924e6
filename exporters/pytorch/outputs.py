"""What a network with several outputs returns: a named tuple, the main output first."""

from __future__ import annotations

from collections import namedtuple
from functools import cache
from typing import Any

from archgraph.graph import ArchGraph

__all__ = ["output_fields", "outputs_in_order", "outputs_type"]


def outputs_in_order(net: ArchGraph) -> tuple[str, ...]:
    """Return the output nodes: what inference returns, then the heads that only train."""
    trains = {name: bool(net.nodes[name].get("training_only")) for name in net.outputs}
    return tuple(sorted(net.outputs, key=trains.__getitem__))


def output_fields(net: ArchGraph) -> tuple[str, ...]:
    """Return the names of the outputs.

    A network with auxiliary heads (outputs that only train) returns ``logits``, ``aux_logits1``,
    ``aux_logits2``, as in torchvision's GoogLeNet, in the graph's order; any other output is
    called by its node, with ``_`` for ``.``.
    """
    heads = [name for name in net.outputs if net.nodes[name].get("training_only")]
    main = [name for name in net.outputs if name not in heads]
    if heads and len(main) == 1:
        return ("logits", *(f"aux_logits{number}" for number, _ in enumerate(heads, 1)))
    return tuple(name.replace(".", "_") for name in (*main, *heads))


@cache
def outputs_type(fields: tuple[str, ...]) -> Any:
    """Return the named-tuple class with these fields."""
    # rename: a node may be called "0" or "class", which no field can be.
    return namedtuple("NetworkOutputs", fields, rename=True)
