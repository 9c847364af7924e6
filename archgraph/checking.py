"""Whether a graph holds together, whoever changed it and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archgraph.attributes import (
    COMPUTED,
    NETWORK,
    NETWORKX,
    NODE,
    RESERVED,
    check_attributes,
    check_node,
)
from archgraph.errors import FormatError, GraphError, ShapeError
from archgraph.evaluation import evaluate
from archgraph.forms import FINITE, maybe
from archgraph.module_paths import modules_around
from archgraph.ops.base import Op
from archgraph.stored_tensors import weight_type
from archgraph.tensors import Stored, node_of
from archgraph.wiring import WiredGraph

__all__ = ["check", "check_graph", "check_names", "check_references"]


def check(net: WiredGraph) -> None:
    """Raise GraphError unless every node, every edge and the outputs are as they must be.

    FormatError is for attributes that are not of their form.
    """
    for name in net.topological():
        data = net.nodes[name]
        if not isinstance(data.get("op"), Op):
            raise GraphError(
                f"node '{name}' has no operator; add nodes with net.add(name, op, inputs)."
            )
        check_node(name, {k: v for k, v in data.items() if k not in COMPUTED})
        _check_positions(net, name)
        op: Op = data["op"]
        read = tuple(net.tensor(source, name) for source in net.reads(name))
        weight = weight_type(net, name, op, data.get("tensors") or {})
        outputs = evaluate(name, op, read, weight)["outputs"]
        if outputs[0].image != data.get("shape") or outputs != data.get("outputs"):
            raise ShapeError(
                f"node '{name}' says its output is {data.get('shape')}, "
                f"but from its inputs it is {outputs[0].image}."
            )
    check_names(net)
    check_graph(net.graph)
    check_references(net)


def check_graph(graph: Mapping[str, Any]) -> None:
    """Raise FormatError for attributes of a network that are not of their form."""
    taken = NETWORKX & graph.keys()
    if taken:
        raise FormatError(f"the graph cannot have an attribute '{min(taken)}'.")
    check_attributes(graph, NETWORK, "the graph")
    for key, record in (graph.get("tensors") or {}).items():
        Stored.of(record, key)
    for metric in graph.get("metrics") or ():
        if metric in NODE or metric in RESERVED:
            raise FormatError(f"'metrics' holds '{metric}', which archgraph computes itself.")


def check_references(net: WiredGraph) -> None:
    """Raise FormatError or GraphError where a network's attributes do not fit its nodes."""
    for result in net.graph.get("outputs") or ():
        net.op(node_of(result))
        net.tensor(result)
    _check_groups(net)
    for key in net.graph.get("unused") or ():
        if key not in (net.graph.get("tensors") or ()):
            raise FormatError(f"'unused' names the stored tensor '{key}', which was not declared.")
    for metric in net.graph.get("metrics") or ():
        for name, value in net.nodes(data=metric):
            wrong = _NOTED.fault(value)
            if wrong is not None:
                raise FormatError(f"the {metric} of '{name}' {wrong}.")


def _check_groups(net: WiredGraph) -> None:
    """Refuse an id that means a stage here and a block there, or a group and another operator."""
    kinds = {key: group["kind"] for key, group in net.groups.items()}
    for name, data in net.nodes(data=True):
        for level in ("stage", "block"):
            key = data.get(level)
            if not key:
                continue
            if kinds.setdefault(key, level) != level:
                raise FormatError(
                    f"node '{name}' is in the {level} '{key}', but that is no {level}."
                )
            if key in net and net.nodes[key].get(level) != key:
                raise FormatError(
                    f"node '{name}' is in the {level} '{key}', but '{key}' is an operator that is "
                    "not; give one of them another name."
                )


_NOTED = maybe(FINITE)


def _check_positions(net: WiredGraph, name: str) -> None:
    uses = [edge.get("uses", ()) for edge in net.pred[name].values()]
    stored = [int(word) for word in net.nodes[name].get("tensors") or {} if word.isdecimal()]
    filled = sorted([*(position for edge in uses for _, position in edge), *stored])
    if filled != list(range(len(filled))) or not all(uses):
        raise GraphError(
            f"the edges into '{name}' do not fill its input positions one by one; "
            "add nodes with net.add(name, op, inputs)."
        )


def check_names(net: WiredGraph) -> None:
    """Raise GraphError when an operator's name is also the name of a module."""
    both = {module for name in net for module in modules_around(name) if module in net}
    if both:
        raise GraphError(
            f"'{min(both)}' names both an operator and a module with operators inside."
        )
