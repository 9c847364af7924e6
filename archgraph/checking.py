"""Whether a graph holds together, whoever changed it and how."""

from __future__ import annotations

from archgraph.errors import GraphError, ShapeError
from archgraph.evaluation import evaluate
from archgraph.ops.base import Op
from archgraph.stored_tensors import weight_type
from archgraph.tensors import node_of
from archgraph.wiring import WiredGraph

__all__ = ["check", "check_names"]


def check(net: WiredGraph) -> None:
    """Raise GraphError unless every node, every edge and the outputs are as they must be."""
    for name in net.topological():
        data = net.nodes[name]
        if not isinstance(data.get("op"), Op):
            raise GraphError(
                f"node '{name}' has no operator; add nodes with net.add(name, op, inputs)."
            )
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
    for result in net.graph.get("outputs") or ():
        net.op(node_of(result))
        net.tensor(result)


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
    modules = {name.rpartition(".")[0] for name in net}
    for module in sorted(modules):
        while module:
            if module in net:
                raise GraphError(
                    f"'{module}' names both an operator and a module with operators inside."
                )
            module = module.rpartition(".")[0]
