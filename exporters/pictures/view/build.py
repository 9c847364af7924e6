"""From a graph to a view: collapse to a level, fold repeats, label, tell what edges are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.ops import Input
from archgraph.structure import Structure, structure
from archgraph.units import exact_bytes

from .collapse import LEVELS, planned
from .shown import EdgeKind, Form, View, ViewEdge, ViewNode
from .wording import Facts, block_label, operator_label, said
from .wording import facts as facts_text

__all__ = ["LEVELS", "build_view", "counts_of", "usual_level"]


def usual_level(net: ArchGraph) -> str:
    """Return the level to show when none is asked for: "block", but the inside of a lone block."""
    shown = build_view(net, "block").nodes.values()
    return "layer" if sum(node.kind != "input" for node in shown) < 2 else "block"


def build_view(
    net: ArchGraph,
    level: str = "block",
    *,
    fold: bool = True,
    facts: Sequence[str] | None = None,
    opened: Sequence[str] = (),
) -> View:
    """Return what a picture of ``net`` shows at a level; ``fold`` shows equal blocks once.

    ``facts`` are what labels say: "op", "shape" and metrics' names. ``opened`` are nodes of the
    level, or stages, that are shown from the inside, in their places; the view's level is then the
    finer one. Raises DrawError for an unknown level, fact or node.
    """
    if level not in LEVELS:
        raise DrawError(f"there is no level '{level}'; the levels are {', '.join(LEVELS)}.")
    net.check()
    shows = said(net, facts)
    # What counts is the level: a layer that stands alone among blocks says what they say.
    shown_costs = shows.of_operators if level == "layer" else shows.of_blocks
    shows = replace(shows, of_operators=shown_costs, of_blocks=shown_costs)
    plan = planned(net, level, fold=fold, opened=opened)
    parts = structure(net)
    edges = _edges(net, plan.shown, set(plan.folds.hidden))
    nodes: dict[str, ViewNode] = {}
    for key, names in plan.members.items():
        repeat = plan.folds.counts.get(key, 1)
        node = _node(net, parts, plan.levels[key], key, names, plan.behind(key), repeat, shows)
        if key in plan.frames:  # so that there is a frame around what is open
            frame = plan.frames[key]
            node = (
                replace(node, block=frame) if plan.level == "layer" else replace(node, stage=frame)
            )
        nodes[key] = node
    attached = {k for k, n in nodes.items() if _attaches(n, nodes, edges, plan.levels[k])}
    nodes = {k: replace(n, attached=k in attached) for k, n in nodes.items()}
    labels = {
        key: _folded_label(label, plan.framed.get(key, 1))
        for key, label in _labels(net, parts).items()
    }
    output = plan.shown(net.outputs[0])
    return View(net.name, plan.level, nodes, tuple(edges), labels, plan.framed, output)


def _labels(net: ArchGraph, parts: Structure) -> dict[str, str]:
    """Return the labels of all groups that a picture may frame."""
    told = {key: group["label"] for key, group in net.groups.items()}
    framed = {key for level in ("stage", "block") for key in parts.cuts[level].group.values()}
    return told | {key: group.label for key, group in parts.groups.items() if key in framed}


def _node(
    net: ArchGraph,
    parts: Structure,
    level: str,
    key: str,
    names: Sequence[str],
    inside: Sequence[str],
    repeat: int,
    shows: Facts,
) -> ViewNode:
    data, last = net.nodes[names[0]], net.nodes[names[-1]]
    group = parts.groups.get(key)
    first = names[0]
    shortcut: EdgeKind | None = None
    if group is None and (len(names) == 1 or key == first):
        label = operator_label(net, first, shows, len(inside) // len(names))
        kind, form = net.op(first).family, _form(net, first, repeat)
    else:
        layers = [n for n in names if net.op(n).layer]
        named = net.nodes[layers[0]].get("label") if len(layers) == 1 else None
        called = group.label if group and group.kind != "module" else str(named or key)
        shortcut = _inner_shortcut(net, names) if level == "block" else None
        label = block_label(net, names, _folded_label(called, repeat), shows, repeat)
        families = {net.op(n).family for n in layers}
        kind, form = "module", "box"
        straight = all(len(net.inputs_of(n)) < 2 for n in names)
        if len(families) == 1 and (len(layers) == 1 or (families == {"linear"} and straight)):
            kind = families.pop()
    label = replace(label, repeat=repeat)
    return ViewNode(
        id=key,
        kind=kind,
        form=form,
        label=label,
        title=facts_text(net, inside, label.head),
        members=tuple(inside),
        shape=last["shape"],
        device=data["device"],
        role=data.get("role", ""),
        stage=parts.cuts["stage"].group.get(first),
        block=parts.cuts["block"].group.get(first),
        repeat=repeat,
        shortcut=shortcut if form == "box" else None,
        counts=counts_of(net, inside),
    )


def counts_of(net: ArchGraph, members: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return how many operators there are, and their MACs and parameters where all are known."""
    found = [("operators", len(members))]
    for metric in ("macs", "params"):
        costs = [net.nodes[name][metric] for name in members]
        if None not in costs:
            found.append((metric, sum(costs)))
    return tuple(found)


def _folded_label(label: str, repeat: int) -> str:
    """Return ``conv2_2–4`` for ``conv2_2`` that stands for three, ``block 1.1–3`` likewise."""
    numbered = re.fullmatch(r"(.+[._])(\d+)", label)
    if repeat < 2 or not numbered:
        return label
    return f"{label}–{int(numbered[2]) + repeat - 1}"


def _form(net: ArchGraph, name: str, repeat: int) -> Form:
    form = net.op(name).form
    if form == "dot" and repeat > 1:
        return "box"  # a dot has no room for how often
    return "thin" if form == "bar" and len(net.pred[name]) < 2 else form


def _inner_shortcut(net: ArchGraph, names: Sequence[str]) -> EdgeKind | None:
    if not any(net.op(name).sums for name in names):
        return None
    changed = [name for name in names if net.nodes[name].get("role") == "projection"]
    return _changed(net, changed[0]) if changed else "shortcut"


def _changed(net: ArchGraph, name: str) -> EdgeKind:
    """Return the kind of a shortcut that changes the shape: option A or B of the ResNet paper."""
    return "padding" if net.op(name).family == "reshape" else "projection"


def _edges(net: ArchGraph, shown: Callable[[str], str], hidden: set[str]) -> list[ViewEdge]:
    merged: dict[tuple[str, str], ViewEdge] = {}
    for target in net.topological():
        if target in hidden:
            continue
        for source in net.inputs_of(target):
            pair = (shown(source), shown(target))
            if pair[0] == pair[1] or pair in merged:
                continue
            data = net.edges[source, target]
            kind = _edge_kind(net, source, target)
            title = f"{source} → {target}, {exact_bytes(data['bytes'])}"
            merged[pair] = ViewEdge(*pair, kind, data["bytes"], title)
    return list(merged.values())


def _edge_kind(net: ArchGraph, source: str, target: str) -> EdgeKind:
    here, there = net.nodes[source], net.nodes[target]
    devices = (here["device"], there["device"])
    if None not in devices and devices[0] != devices[1]:
        return "crossing"
    if there.get("training_only") and not here.get("training_only"):
        return "auxiliary"
    if there["op"].sums and not isinstance(here["op"], Input):
        others = [name for name in net.inputs_of(target) if name != source]
        if others and here.get("role") != "projection" and _skips(net, source, others):
            return "shortcut"
        if here.get("role") == "projection":
            return _changed(net, source)
    if there["op"].sums and _skips(net, source, list(net.inputs_of(target))):
        return "shortcut"
    if there.get("role") == "projection":
        return _changed(net, target)
    return "data"


def _skips(net: ArchGraph, source: str, others: list[str]) -> bool:
    """Return whether another input of the same sum is computed from this one."""
    queue = [name for name in others if name != source]
    seen: set[str] = set()
    while queue:
        name = queue.pop()
        if name == source:
            return True
        # A residual branch is short: look as far as the tensors keep being read inside.
        for before in net.pred[name]:
            if before not in seen and len(seen) < 64:
                seen.add(before)
                queue.append(before)
    return False


def _attaches(
    node: ViewNode, nodes: dict[str, ViewNode], edges: list[ViewEdge], level: str
) -> bool:
    """Return whether a thin node is drawn touching its only source, which has no other reader."""
    if level != "layer" or node.kind not in ("norm", "activation") or len(node.members) == 0:
        return False
    sources = [edge.source for edge in edges if edge.target == node.id]
    if len(sources) != 1:
        return False
    readers = [edge for edge in edges if edge.source == sources[0]]
    before = nodes[sources[0]]
    return (
        len(readers) == 1
        and before.kind in ("conv", "linear", "norm", "pool")
        and before.form in ("box", "thin")
        and before.device == node.device
        and readers[0].kind in ("data", "projection", "padding")
    )
