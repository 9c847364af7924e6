"""Several networks as one graph, and their views as one view, whose parts do not touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archgraph.graph import ArchGraph

from ..view import LEVELS, View

__all__ = ["joined", "keys", "union"]


def keys(nets: Sequence[ArchGraph]) -> list[str]:
    """Return a name for each network: its own, with a number where two share it."""
    found: list[str] = []
    for net in nets:
        name = net.name.replace(".", "_")
        taken = sum(key == name or key.startswith(f"{name}~") for key in found)
        found.append(f"{name}~{taken + 1}" if taken else name)
    return found


def union(nets: Sequence[ArchGraph]) -> ArchGraph:
    """Return one graph of all networks; a node's name starts with its network's: ``net/node``.

    Groups, outputs and attached metrics come along; a metric that one network lacks is unknown
    there.
    """
    whole = ArchGraph(name=" | ".join(net.name for net in nets))
    groups: dict[str, dict[str, str]] = {}
    metrics: dict[str, dict[str, object]] = {}
    outputs: list[str] = []
    for key, net in zip(keys(nets), nets, strict=True):
        for name, data in net.nodes(data=True):
            moved = dict(data)
            for kind in ("stage", "block"):
                if moved.get(kind):
                    moved[kind] = f"{key}/{moved[kind]}"
            whole.add_node(f"{key}/{name}", **moved)
        for source, target, edge in net.edges(data=True):
            whole.add_edge(f"{key}/{source}", f"{key}/{target}", **edge)
        groups |= {f"{key}/{name}": group for name, group in net.groups.items()}
        metrics |= net.graph.get("metrics", {})
        outputs += [f"{key}/{name}" for name in net.outputs]
    whole.graph["groups"] = groups
    if metrics:
        whole.graph["metrics"] = metrics
    whole.set_outputs(*outputs)
    return whole


def joined(names: Sequence[str], views: Sequence[View]) -> View:
    """Return one view of all, its nodes, members, stages and groups named as in the union."""
    level = max((view.level for view in views), key=LEVELS.index)
    moved = [_moved(name, _framed_at(level, view)) for name, view in zip(names, views, strict=True)]
    return View(
        name=" | ".join(view.name for view in views),
        level=level,
        nodes={key: node for view in moved for key, node in view.nodes.items()},
        edges=tuple(edge for view in moved for edge in view.edges),
        groups={key: label for view in moved for key, label in view.groups.items()},
        repeats={key: count for view in moved for key, count in view.repeats.items()},
        output=moved[0].output,
        searched=any(view.searched for view in views),
        frame_colors={key: color for view in moved for key, color in view.frame_colors.items()},
        found=frozenset().union(*(view.found for view in moved)),
        notes={key: note for view in moved for key, note in view.notes.items()},
    )


def _framed_at(level: str, view: View) -> View:
    """Return a view whose frames are those of its own level, among views of a finer one."""
    if view.level == level:
        return view
    kind = view.framed
    nodes = {
        key: replace(node, block=getattr(node, kind) if kind else None)
        for key, node in view.nodes.items()
    }
    return replace(view, nodes=nodes, level=level)


def _moved(name: str, view: View) -> View:
    nodes = {
        f"{name}/{key}": replace(
            node,
            id=f"{name}/{key}",
            members=tuple(f"{name}/{member}" for member in node.members),
            stage=node.stage and f"{name}/{node.stage}",
            block=node.block and f"{name}/{node.block}",
        )
        for key, node in view.nodes.items()
    }
    edges = tuple(
        replace(edge, source=f"{name}/{edge.source}", target=f"{name}/{edge.target}")
        for edge in view.edges
    )
    return replace(
        view,
        nodes=nodes,
        edges=edges,
        groups={f"{name}/{key}": label for key, label in view.groups.items()},
        repeats={f"{name}/{key}": count for key, count in view.repeats.items()},
        output=f"{name}/{view.output}",
        frame_colors={f"{name}/{key}": color for key, color in view.frame_colors.items()},
        notes={f"{name}/{key}": note for key, note in view.notes.items()},
    )
