"""Which operators one shown thing stands for, at each level of detail."""

from __future__ import annotations

from archgraph.graph import ArchGraph
from archgraph.ops import Input

__all__ = ["collapse"]

_SILENT = ("Flatten", "Dropout", "Identity")
"""Operators that say nothing at the coarser levels; they join what stands before them."""


def collapse(net: ArchGraph, level: str) -> dict[str, list[str]]:
    """Return the members of each shown node by its id, in topological order.

    At "layer" every operator stands for itself. At "block" and "stage" the groups of that kind
    are one node each; without any, the modules of the dotted names are. What belongs to no group
    stays alone, but activations, normalisation and silent operators join what they read.
    """
    if level == "layer":
        return {name: [name] for name in net.topological()}
    owner: dict[str, str] = {}
    grouped = any(net.nodes[name].get(level) for name in net)
    for name in net.topological():
        group = net.nodes[name].get(level) or (None if grouped else _module(name, level))
        if group is None:
            inputs = net.inputs_of(name)
            joins = len(inputs) == 1 and not isinstance(net.op(inputs[0]), Input)
            quiet = net.op(name).kind in _SILENT or net.op(name).family == "activation"
            group = owner[inputs[0]] if joins and quiet else name
        owner[name] = group
    members: dict[str, list[str]] = {}
    for name, group in owner.items():
        members.setdefault(group, []).append(name)
    return members if _acyclic(net, owner) else collapse(net, "layer")


def _module(name: str, level: str) -> str | None:
    """Return the module that a node lies in, by its name: one word deep, or two at "block"."""
    words = name.split(".")
    if len(words) == 1:
        return None
    deep = 2 if level == "block" and len(words) > 2 else 1
    return ".".join(words[:deep])


def _acyclic(net: ArchGraph, owner: dict[str, str]) -> bool:
    """Return whether the groups can be ordered: none both feeds and reads another."""
    edges = {(owner[u], owner[v]) for u, v in net.edges if owner[u] != owner[v]}
    targets: dict[str, set[str]] = {}
    waiting: dict[str, int] = dict.fromkeys(owner.values(), 0)
    for source, target in edges:
        targets.setdefault(source, set()).add(target)
        waiting[target] += 1
    ready = [group for group, count in waiting.items() if not count]
    for group in ready:  # grows while it is read
        for target in targets.get(group, ()):
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return len(ready) == len(waiting)
