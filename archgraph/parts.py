"""Graphs cut out of a graph: what runs at inference, one module, another input size."""

from __future__ import annotations

from collections.abc import Callable

from archgraph.errors import GraphError, UnknownNameError
from archgraph.graph import COMPUTED, ArchGraph
from archgraph.names import nearest
from archgraph.ops.base import Op, Shape
from archgraph.ops.source import Input
from archgraph.structure import structure

__all__ = ["extra_attributes", "in_order", "inference", "module", "rebuilt", "with_input"]


def extra_attributes(net: ArchGraph, name: str) -> dict[str, object]:
    """Return the attributes of a node that do not follow from its operator and inputs."""
    return {k: v for k, v in net.nodes[name].items() if k not in COMPUTED}


def rebuilt(
    net: ArchGraph,
    *,
    keep: Callable[[str], bool] | None = None,
    op: Callable[[str, Op], Op] | None = None,
) -> ArchGraph:
    """Return a copy built anew from the kept nodes, each with the operator that ``op`` gives."""
    copy = ArchGraph(**net.graph)
    for name in in_order(net):
        if keep is None or keep(name):
            extras = extra_attributes(net, name)
            made = net.op(name) if op is None else op(name, net.op(name))
            copy.add(name, made, net.inputs_of(name), **extras)
    copy.check_names()
    return copy


def in_order(net: ArchGraph) -> list[str]:
    """Return the nodes, each after all that it reads: as they were added, wherever that fits."""
    seen: set[str] = set()
    for name in net:
        if any(source not in seen for source in net.pred[name]):
            return net.topological()
        seen.add(name)
    return list(net)


def inference(net: ArchGraph) -> ArchGraph:
    """Return the graph without the nodes that only training uses."""
    copy = rebuilt(net, keep=lambda name: not net.nodes[name].get("training_only"))
    copy.graph["outputs"] = [name for name in net.outputs if name in copy]
    return copy


def with_input(net: ArchGraph, shape: Shape) -> ArchGraph:
    """Return the same operators for another input shape; ShapeError where they cannot take it."""
    first = net.sources[0] if net.sources else None
    return rebuilt(net, op=lambda name, op: Input(shape) if name == first else op)


def module(net: ArchGraph, path: str) -> ArchGraph:
    """Return the nodes below a dotted path, or of a group, with Input nodes for what they read.

    A module that the whole runs in training only (an auxiliary head) runs always when it is alone.
    Raises UnknownNameError when there is no such module, naming the nearest.
    """
    inside = [
        name
        for name, data in net.nodes(data=True)
        if name == path
        or name.startswith(f"{path}.")
        or path in (data.get("stage"), data.get("block"))
    ]
    if not inside:  # a part of a group that is split
        group = structure(net).groups.get(path)
        inside = [name for name in net if group is not None and name in group.members]
    if not inside:
        paths = {p for name in net for p in _prefixes(name)} | set(net.groups)
        raise UnknownNameError(
            f"'{net.name}' has no module '{path}'{nearest(path, sorted(paths))}."
        )
    members = set(inside)
    label = net.groups[path]["label"] if path in net.groups else path
    title = f"{net.graph.get('title', net.name)}: {label}"
    part = ArchGraph(name=f"{net.name}/{path}", title=title, groups=net.groups, part_of=net.name)
    if "metrics" in net.graph:
        part.graph["metrics"] = net.graph["metrics"]
    outside = list(
        dict.fromkeys(s for name in inside for s in net.inputs_of(name) if s not in members)
    )
    entry: dict[str, str] = {}
    for source in outside:
        # Outside names could clash with module names inside; inputs get flat names.
        name = "input" if len(outside) == 1 else f"input_{source.replace('.', '_')}"
        if name in members:
            raise GraphError(f"module '{path}' already has a node named '{name}'.")
        origin = _called(net, source, members)
        entry[source] = part.add(name, Input(net.nodes[source]["shape"]), label=f"from {origin}")
    # A head for training that is taken out is a network of its own.
    alone = all(net.nodes[name].get("training_only") for name in inside)
    for name in inside:
        sources = [entry.get(source, source) for source in net.inputs_of(name)]
        extras = extra_attributes(net, name)
        if alone:
            extras.pop("training_only")
        part.add(name, net.op(name), sources, **extras)
    leaving = [n for n in inside if not net.succ[n] or any(t not in members for t in net.succ[n])]
    # What the network goes on with comes first, what only heads for training read last.
    part.set_outputs(*sorted(leaving, key=lambda name: _aside(net, name, members)))
    return part


def _aside(net: ArchGraph, name: str, members: set[str]) -> bool:
    """Return whether outside the members only what runs in training reads a node."""
    outside = [target for target in net.succ[name] if target not in members]
    return bool(outside) and all(net.nodes[target].get("training_only") for target in outside)


def _called(net: ArchGraph, source: str, members: set[str]) -> str:
    """Return what people call a node outside: its block, if none of the members is in that too."""
    data = net.nodes[source]
    block = data.get("block")
    if block in net.groups and all(net.nodes[name].get("block") != block for name in members):
        return net.groups[block]["label"]
    return str(data.get("label", source))


def _prefixes(name: str) -> list[str]:
    words = name.split(".")
    return [".".join(words[: n + 1]) for n in range(len(words))]
