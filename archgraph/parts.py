"""Graphs cut out of a graph: what runs at inference, one module, another input size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from archgraph.attributes import COMPUTED
from archgraph.checking import check_names
from archgraph.errors import ShapeError, UnknownNameError
from archgraph.nearest import nearest
from archgraph.ops.base import Op
from archgraph.ops.source import Input
from archgraph.structure import structure
from archgraph.tensors import Key, N, Tensor, node_of, output_of, ref_to, state_key
from archgraph.wiring import WiredGraph

__all__ = [
    "extra_attributes",
    "in_order",
    "inference",
    "module",
    "rebuilt",
    "reshaped",
    "with_element_type",
    "with_input",
]

G = TypeVar("G", bound=WiredGraph)


def extra_attributes(net: WiredGraph, name: str) -> dict[str, object]:
    """Return the attributes of a node that do not follow from its operator and inputs."""
    return {k: v for k, v in net.nodes[name].items() if k not in COMPUTED}


def rebuilt(
    net: G,
    *,
    keep: Callable[[str], bool] | None = None,
    op: Callable[[str, Op], Op] | None = None,
    **graph: Any,
) -> G:
    """Return a copy built anew from the kept nodes, each with the operator that ``op`` gives.

    ``graph`` are attributes of the copy instead of those of the network.
    """
    copy = type(net)(**net.graph | graph)
    copy.weights, copy.found = net.weights, net.found
    for name in in_order(net):
        if keep is None or keep(name):
            extras = extra_attributes(net, name)
            made = net.op(name) if op is None else op(name, net.op(name))
            copy.add(name, made, net.reads(name), **extras)
    check_names(copy)
    return copy


def in_order(net: WiredGraph) -> list[str]:
    """Return the nodes, each after all that it reads: as they were added, wherever that fits."""
    seen: set[str] = set()
    for name in net:
        if not seen.issuperset(net.pred[name]):
            return net.topological()
        seen.add(name)
    return list(net)


def inference(net: G) -> G:
    """Return the graph without the nodes that only training uses."""
    copy = rebuilt(net, keep=lambda name: not net.nodes[name].get("training_only"))
    copy.graph["outputs"] = [each for each in net.results if node_of(each) in copy]
    return copy


def with_input(net: G, shape: Sequence[int] | Mapping[str, Sequence[int | str]]) -> G:
    """Return the same network for another input shape; ShapeError where it cannot take it.

    A network that was read, and is as it was read, is read again; else its operators stay as they
    are.
    """
    if net.provenance is not None:
        found: G = net.provenance.again(shape)
        return found
    return reshaped(net, shape)


def reshaped(net: G, shape: Sequence[int] | Mapping[str, Sequence[int | str]]) -> G:
    """Return a network of the same operators for another input shape."""
    wanted: dict[str, Input | tuple[int, ...]]
    if isinstance(shape, Mapping):
        wanted = {name: _whole(net, name, extents) for name, extents in shape.items()}
    else:
        wanted = {name: tuple(shape) for name in net.sources[:1]}

    def given(name: str, op: Op) -> Op:
        if name not in wanted or not isinstance(op, Input):
            return op
        found = wanted[name]
        return found if isinstance(found, Op) else replace(op, shape=found)

    return rebuilt(net, op=given)


def _whole(net: WiredGraph, name: str, extents: Sequence[int | str]) -> Input:
    """Return an input of a whole shape, in which "N" is the batch."""
    if name not in net.sources:
        raise UnknownNameError(
            f"'{net.name}' has no input '{name}'{nearest(name, net.sources)}; its inputs are "
            f"{', '.join(net.sources)}."
        )
    shape = tuple(N if each == "N" else each for each in extents)
    if not shape or not all(isinstance(each, int) and each > 0 for each in shape):
        raise ShapeError(
            f"the input '{name}' is {tuple(extents)!r}, but it must be positive integers, with N "
            "for the batch."
        )
    return Input.of(Tensor(shape, net.nodes[name]["outputs"][0].dtype))


def with_element_type(net: G, dtype: str) -> G:
    """Return the network in another type of floats: its inputs and all that it stores.

    Integers and booleans stay; sizes in bytes follow.
    """

    def changed(_: str, op: Op) -> Op:
        found: Any = op
        return replace(found, dtype=dtype) if _is_float(getattr(op, "dtype", None)) else op

    records = {
        key: (replace(stored, dtype=dtype) if _is_float(stored.dtype) else stored).record()
        for key, stored in net.tensors.items()
    }
    graph: dict[str, Any] = {"tensors": records} if records else {}
    return rebuilt(net, op=changed, **graph)


def _is_float(dtype: object) -> bool:
    return isinstance(dtype, str) and dtype.startswith(("float", "bfloat"))


def module(net: G, path: str) -> G:
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
    known = structure(net).groups.get(path)
    label = path if known is None else known.label
    title = f"{net.graph.get('title', net.name)}: {label}"
    part = type(net)(name=f"{net.name}/{path}", title=title, groups=net.groups, part_of=net.name)
    for kept in ("metrics", "modules"):
        if kept in net.graph:
            part.graph[kept] = net.graph[kept]
    part.weights, part.found = net.weights, _found_inside(net, members)
    _take_tensors(net, part, inside)
    outside = list(
        dict.fromkeys(
            source
            for name in inside
            for source in net.reads(name)
            if type(source) is not Key and node_of(source) not in members
        )
    )
    entry: dict[str, str] = {}
    taken = {path for name in inside for path in _prefixes(name)}
    for source in outside:
        # Outside names could clash with module names inside; inputs get flat names.
        flat = source.replace(".", "_").replace(":", "_")
        name = "input" if len(outside) == 1 else f"input_{flat}"
        while name in taken:
            name += "_"
        taken.add(name)
        op = Input.of(net.tensor(source))
        origin = _called(net, node_of(source), members)
        entry[source] = part.add(name, op, label=f"from {origin}")
    # A head for training that is taken out is a network of its own.
    alone = all(net.nodes[name].get("training_only") for name in inside)
    for name in inside:
        sources = [
            source if type(source) is Key else entry.get(source, source)
            for source in net.reads(name)
        ]
        extras = extra_attributes(net, name)
        if alone:
            extras.pop("training_only")
        part.add(name, net.op(name), sources, **extras)
    leaving = [ref for name in inside for ref in _leaving(net, name, members)]
    # What the network goes on with comes first, what only heads for training read last.
    part.set_outputs(*sorted(leaving, key=lambda ref: _aside(net, node_of(ref), members)))
    return part


def _found_inside(
    net: WiredGraph, members: set[str]
) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Return the groups that are found in a network and lie inside some operators."""
    whole = structure(net)
    level = {key: name for name, cut in whole.cuts.items() for key in cut.group.values()}
    return {
        key: (group.label, level.get(key, ""), group.members)
        for key, group in whole.groups.items()
        if group.kind == "found" and members > set(group.members)
    }


def _take_tensors(net: WiredGraph, part: WiredGraph, inside: list[str]) -> None:
    """Declare in a part what its nodes read of what the whole stores."""
    declared = net.graph.get("tensors")
    if not declared:
        return
    found: dict[str, object] = {}
    for name in inside:
        op, given = net.op(name), net.nodes[name].get("tensors") or {}
        roles = (*op.parameters(), *op.buffers())
        queue = [*given.values(), *(state_key(name, role) for role in roles if role not in given)]
        for key in queue:  # grows while it is read
            if key in declared and key not in found:
                found[key] = declared[key]
                queue.append(declared[key].get("alias", ""))
    if found:
        part.graph["tensors"] = found


def _leaving(net: WiredGraph, name: str, members: set[str]) -> list[str]:
    """Return the outputs of a node that are read outside or returned, else the first."""
    outputs = {
        output
        for target, edge in net.succ[name].items()
        if target not in members
        for output, _ in edge["uses"]
    }
    outputs |= {output_of(result) for result in net.results if node_of(result) == name}
    if not outputs and not net.succ[name]:
        outputs = {0}
    return [ref_to(name, output) for output in sorted(outputs)]


def _aside(net: WiredGraph, name: str, members: set[str]) -> bool:
    """Return whether outside the members only what runs in training reads a node."""
    outside = [target for target in net.succ[name] if target not in members]
    return bool(outside) and all(net.nodes[target].get("training_only") for target in outside)


def _called(net: WiredGraph, source: str, members: set[str]) -> str:
    """Return what people call a node outside: its block, if none of the members is in that too."""
    data = net.nodes[source]
    block = data.get("block")
    if block in net.groups and all(net.nodes[name].get("block") != block for name in members):
        return net.groups[block]["label"]
    return str(data.get("label", source))


def _prefixes(name: str) -> list[str]:
    words = name.split(".")
    return [".".join(words[: n + 1]) for n in range(len(words))]
