"""What a network with several outputs returns: a named tuple, the main output first."""

from __future__ import annotations

from collections import namedtuple
from functools import cache
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.tensors import node_of

__all__ = ["output_fields", "outputs_in_order", "outputs_type"]


def _trains(net: ArchGraph, result: str) -> bool:
    return bool(net.nodes[node_of(result)].get("training_only"))


def outputs_in_order(net: ArchGraph) -> tuple[str, ...]:
    """Return the results: what inference returns, then the heads that only train."""
    return tuple(sorted(net.results, key=lambda result: _trains(net, result)))


def output_fields(net: ArchGraph) -> tuple[str, ...]:
    """Return the names of the outputs.

    A network with auxiliary heads (outputs that only train) returns ``logits``, ``aux_logits1``,
    ``aux_logits2``, as in torchvision's GoogLeNet, in the graph's order; any other output is
    called by its node, with ``_`` for ``.``.
    """
    heads = [result for result in net.results if _trains(net, result)]
    main = [result for result in net.results if result not in heads]
    if heads and len(main) == 1:
        return ("logits", *(f"aux_logits{number}" for number, _ in enumerate(heads, 1)))
    return tuple(result.replace(".", "_").replace(":", "_") for result in (*main, *heads))


@cache
def outputs_type(fields: tuple[str, ...]) -> Any:
    """Return the named-tuple class with these fields."""
    # rename: a node may be called "0" or "class", which no field can be.
    return namedtuple("NetworkOutputs", fields, rename=True)
