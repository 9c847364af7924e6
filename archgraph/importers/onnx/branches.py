"""An If whose condition is known, as the nodes of the branch that it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archgraph.importers.onnx.nodes import Node, branch_of, nodes_of, renamed
from archgraph.importers.onnx.values import Values

if TYPE_CHECKING:
    from onnx import TensorProto

__all__ = ["Branch", "taken"]


@dataclass(frozen=True, slots=True)
class Branch:
    """The nodes of a branch, and the tensors that it stores, by the names that they have now."""

    nodes: list[Node]
    tensors: list[tuple[str, TensorProto]]


def taken(node: Node, values: Values) -> Branch | None:
    """Return the branch that an If takes whatever the data, its results named as those of the If.

    None where its condition is not known, or not the same for all sizes.
    """
    from onnx import helper

    found = values.static.get(node.read(0))
    condition = None if found is None else found.single
    if condition is None:
        return None
    graph = branch_of(node, bool(condition))
    if graph is None or len(graph.output) != len(node.output):
        return None
    inner = [t.name for t in graph.initializer] + [o for n in graph.node for o in n.output if o]
    # Branches of two Ifs may use the same names.
    names = {name: _free(name, values) for name in inner if name in values.tensors}
    made = {o for n in graph.node for o in n.output if o}
    protos, results = list(graph.node), set[str]()
    for info, own in zip(graph.output, node.output, strict=True):
        if not own:
            continue
        if info.name in made and info.name not in results:
            names[info.name] = own
            results.add(info.name)
        else:
            source = names.get(info.name, info.name)
            protos.append(helper.make_node("Identity", [source], [own], f"{node.name}.{own}"))
    copies = [renamed(proto, names) if names else proto for proto in protos]
    stored = [(names.get(each.name, each.name), each) for each in graph.initializer]
    return Branch(nodes_of(copies), stored)


def _free(name: str, values: Values) -> str:
    number = values.branches.get(name, 1) + 1
    while f"{name}@{number}" in values.tensors:
        number += 1
    values.branches[name] = number
    return f"{name}@{number}"
