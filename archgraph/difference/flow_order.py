"""The nodes of a network in an order that follows from its wiring alone, not from names."""

from __future__ import annotations

from archgraph.graph import ArchGraph

__all__ = ["flow_order"]


def flow_order(net: ArchGraph) -> list[str]:
    """Return the nodes, each after what it reads, a branch as a whole before the next.

    The walk goes from the results towards the inputs, at each node in the order of its input
    positions; what leads to no result comes last.
    """
    found: dict[str, None] = {}
    for end in (*net.outputs, *(name for name in net if not net.succ[name]), *net):
        waiting = [(end, False)]
        while waiting:
            name, read = waiting.pop()
            if name in found:
                continue
            if read:
                found[name] = None
                continue
            waiting.append((name, True))
            waiting += [(source, False) for source in reversed(net.inputs_of(name))]
    return list(found)
