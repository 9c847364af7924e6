"""From a graph to a view: collapse to a level, fold repeats, label, tell what edges are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.ops import Input
from archgraph.structure import Structure, structure
from archgraph.units import exact_bytes, spaced_shape

from .beside import beside
from .collapse import LEVELS, Plan, planned
from .inside import family_of
from .label_parts import Inside, Label
from .leaving import outputs
from .module_names import folded, frame_name, module_names
from .shown import EdgeKind, Form, View, ViewEdge, ViewNode
from .sublayers import sublayers
from .wording import Facts, arithmetic_label, block_label, operator_label, said
from .wording import facts as facts_text

__all__ = ["LEVELS", "build_view", "counts_of", "inner_shortcut", "usual_level", "view_of"]


MOST_SHORTCUTS = 3
"""Shortcuts in a block that has them all by its name: a decoder layer's."""
NEAR = 64
"""How many tensors are looked at to tell whether what a sum reads is a shortcut."""


def usual_level(net: ArchGraph) -> str:
    """Return the level to show when none is asked for: "block", but the inside of a lone block."""
    shown = build_view(net, "block").nodes.values()
    return (
        "layer"
        if sum(bool(node.members) and node.kind != "input" for node in shown) < 2
        else "block"
    )


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
    _require_operators(net)
    net.check()
    shows = said(net, facts)
    # What counts is the level: a layer that stands alone among blocks says what they say.
    shown_costs = shows.of_operators if level == "layer" else shows.of_blocks
    shows = replace(shows, of_operators=shown_costs, of_blocks=shown_costs)
    return view_of(net, planned(net, level, fold=fold, opened=opened), shows)


def _require_operators(net: ArchGraph) -> None:
    if not len(net):
        raise DrawError(f"'{net.name}' has no operators here, so there is nothing to draw.")


def view_of(net: ArchGraph, plan: Plan, shows: Facts) -> View:
    """Return a plan with its words, edges and frames."""
    _require_operators(net)
    parts = structure(net)
    edges = _edges(net, plan)
    nodes: dict[str, ViewNode] = {}
    called = module_names(net, plan.members, plan.folds.counts)
    for key in plan.members:
        # What counts is the level: a layer that stands alone among blocks says what they say.
        alike = plan.levels[key] == "layer"
        said_here = shows if alike else replace(shows, of_operators=shows.of_blocks)
        node = _node(net, parts, plan, key, said_here, called[key])
        if key in plan.frames:  # so that there is a frame around what is open
            frame = plan.frames[key] or None
            node = (
                replace(node, block=frame) if plan.level == "layer" else replace(node, stage=frame)
            )
        nodes[key] = node
    sources: dict[str, list[ViewEdge]] = {key: [] for key in nodes}
    readers: dict[str, list[ViewEdge]] = {key: [] for key in nodes}
    for edge in edges:
        sources[edge.target].append(edge)
        readers[edge.source].append(edge)
    nodes |= beside(net, [node for key, node in nodes.items() if len(sources[key]) == 1])
    attached = {
        key
        for key, node in nodes.items()
        if len(sources[key]) == 1
        and len(readers[sources[key][0].source]) == 1
        and _attaches(node, nodes[sources[key][0].source], sources[key][0], plan.levels[key])
    }
    nodes = {k: replace(n, attached=k in attached) for k, n in nodes.items()}
    labels = _labels(net, parts, plan.framed) if plan.whole else {}
    output = next((edge.target for edge in reversed(edges)), next(reversed(nodes)))
    if plan.whole:
        boxes, leaving = outputs(net, nodes, plan.shown)
        nodes |= boxes
        edges += leaving
        output = next(iter(boxes), plan.shown(net.outputs[0]))
    hidden = {name: plan.folds.stand_in(name) for name in plan.folds.hidden}
    return View(
        net.name,
        plan.level,
        nodes,
        tuple(edges),
        labels,
        plan.framed,
        output,
        plan.searched,
        hidden=hidden,
    )


def _labels(net: ArchGraph, parts: Structure, repeats: Mapping[str, int]) -> dict[str, str]:
    """Return the labels of all groups that a picture may frame."""
    found = {key: folded(group["label"], repeats.get(key, 1)) for key, group in net.groups.items()}
    framed = {key for level in ("stage", "block") for key in parts.cuts[level].group.values()}
    for key, group in parts.groups.items():
        if key in framed or key in repeats:
            count = repeats.get(key, 1)
            module = group.kind == "module"
            found[key] = frame_name(net, key, count) if module else folded(group.label, count)
    return found


def _node(
    net: ArchGraph, parts: Structure, plan: Plan, key: str, shows: Facts, short: str
) -> ViewNode:
    names, inside, level = plan.members[key], plan.behind(key), plan.levels[key]
    repeat = plan.folds.counts.get(key, 1)
    flow = [name for name in names if name not in plan.aside] or names
    # What only moves data stands with the operator that a box is called after.
    first = key if key in names else flow[0]
    data, last = net.nodes[first], net.nodes[flow[-1]]
    group = parts.groups.get(key)
    shortcut: EdgeKind | None = None
    form: Form = "thin"
    if key in plan.joined:
        label, kind = arithmetic_label(net, names, shows), "elementwise"
    elif group is None and (len(names) == 1 or key == first):
        label = operator_label(net, first, shows, len(inside) // len(names), inside)
        kind, form = net.op(first).family, _form(net, first, repeat)
    else:
        layers = [n for n in names if net.op(n).layer]
        named = net.nodes[layers[0]].get("label") if len(layers) == 1 else None
        given = group.label if group and group.kind != "module" else named
        called = short if given is None else folded(str(given), repeat)
        shortcut = inner_shortcut(net, names) if level == "block" else None
        label = block_label(net, names, called, shows, repeat, inside)
        if label.pieces() == [called]:
            label = replace(label, does=None)  # a group of one layer is called after it
        kind, form = family_of(net, names) or "module", "box"
        # A gate of channels is a merge that learns: it says so, and what it costs.
        if given is None and kind in _SMALL and not layers:
            label, form = _small_label(net, names, kind, called, shows), "thin"
    if kind == "recurrent" and any(_goes_on(net, name) for name in names):
        shortcut = "loop"
    label = replace(label, repeat=repeat)
    return ViewNode(
        id=key,
        kind=kind,
        form=form,
        label=label,
        title=facts_text(net, inside, label.head if short not in label.head else key),
        members=tuple(inside),
        shape=last["shape"],
        device=_device(net, first, inside),
        role=data.get("role", ""),
        stage=parts.cuts["stage"].group.get(first),
        block=parts.cuts["block"].group.get(first),
        repeat=repeat,
        times=plan.times(key) * (label.does.dense if isinstance(label.does, Inside) else 1),
        shortcut=shortcut if form == "box" else None,
        counts=counts_of(net, inside),
    )


def _device(net: ArchGraph, first: str, names: Sequence[str]) -> int | None:
    """Return the device that a box is on; None for one whose operators are on several."""
    device: int | None = net.nodes[first]["device"]
    others = {net.nodes[name]["device"] for name in names} - {None, device}
    return None if others else device


_SMALL = ("pool", "norm", "activation", "reshape", "elementwise", "reduce", "merge")
"""Kinds of modules that need no box of their own size."""


def _small_label(
    net: ArchGraph, names: Sequence[str], kind: str, called: str, shows: Facts
) -> Label:
    """Return the label of a module without layers: what its one operator of a kind is called."""
    works = [name for name in names if net.op(name).family == kind and not net.op(name).silent]
    if len(works) != 1:
        return Label(called)
    label = operator_label(net, works[0], shows)
    shape = spaced_shape(net.nodes[names[-1]]["shape"])
    return replace(label, shape=shape if label.shape else "")


def _goes_on(net: ArchGraph, name: str) -> bool:
    """Return whether an operator reads a sequence step by step, of more steps than one."""
    if net.op(name).family != "recurrent":
        return False
    shapes = [net.nodes[source]["shape"] for source in net.inputs_of(name)[:1]]
    return all(shape is None or set(shape[:-1]) != {1} for shape in shapes)


def counts_of(net: ArchGraph, members: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return how many operators there are, and their MACs and parameters where all are known."""
    found = [("operators", len(members))]
    for metric in ("macs", "params"):
        costs = [net.nodes[name][metric] for name in members]
        if None not in costs:
            found.append((metric, sum(costs)))
    return tuple(found)


def _form(net: ArchGraph, name: str, repeat: int) -> Form:
    form = net.op(name).form
    if form == "dot" and repeat > 1:
        return "box"  # a dot has no room for how often
    return "thin" if form == "bar" and len(net.pred[name]) < 2 else form


def inner_shortcut(net: ArchGraph, names: Sequence[str]) -> EdgeKind | None:
    """Return the kind of the shortcut of a block that has one, or a few one after the other."""
    known = sublayers(net).projections
    sums = [name for name in names if net.op(name).sums and _is_residual(net, known, name)]
    if not 1 <= len(sums) <= MOST_SHORTCUTS:
        return None
    changed = [name for name in names if name in known]
    return _changed(net, changed[0]) if changed else "shortcut"


def _is_residual(net: ArchGraph, known: Set[str], name: str) -> bool:
    """Return whether a sum adds to a tensor what is made of it."""
    ends = list(dict.fromkeys(net.inputs_of(name)))
    return any(end in known or _skips(net, end, ends) for end in ends)


def _changed(net: ArchGraph, name: str) -> EdgeKind:
    """Return the kind of a shortcut that changes the shape: option A or B of the ResNet paper."""
    return "padding" if net.op(name).family == "reshape" else "projection"


def _edges(net: ArchGraph, plan: Plan) -> list[ViewEdge]:
    merged: dict[tuple[str, str], ViewEdge] = {}
    owner = plan.owner
    known = sublayers(net).projections
    for target in filter(owner.__contains__, net.topological() if plan.whole else owner):
        inputs = net.inputs_of(target)
        for source in inputs:
            before = owner.get(plan.folds.stand_in(source))
            if source in plan.aside or before is None:
                continue
            pair = (before, owner[target])
            # What a block reads on its main path counts, not that its shortcut reads it, too.
            if pair[0] == pair[1] or (pair in merged and merged[pair].kind == "data"):
                continue
            data = net.edges[source, target]
            kind = _edge_kind(net, known, source, target, inputs)
            if pair in merged and kind != "data":
                continue
            title = f"{source} → {target}, {exact_bytes(data['bytes'])}"
            merged[pair] = ViewEdge(*pair, kind, data["bytes"], title)
    return list(merged.values())


def _edge_kind(
    net: ArchGraph, known: Set[str], source: str, target: str, inputs: Sequence[str]
) -> EdgeKind:
    """Return the kind of the edge to one of the ``inputs`` of an operator."""
    here, there = net.nodes[source], net.nodes[target]
    devices = (here["device"], there["device"])
    if None not in devices and devices[0] != devices[1]:
        return "crossing"
    if there.get("training_only") and not here.get("training_only"):
        return "auxiliary"
    if there["op"].sums and not isinstance(here["op"], Input):
        if source not in known and _skips(net, source, inputs):
            return "shortcut"
        if source in known:
            return _changed(net, source)
    if there["op"].sums and _skips(net, source, inputs):
        return "shortcut"
    if target in known:
        return _changed(net, target)
    return "data"


def _skips(net: ArchGraph, source: str, inputs: Sequence[str]) -> bool:
    """Return whether another input of the same sum is computed from this one.

    A residual branch is short: what is far back, or one of very many inputs, is not looked at.
    """
    queue = [name for name in inputs[: NEAR + 1] if name != source]
    seen: set[str] = set()
    while queue:
        name = queue.pop()
        if name == source:
            return True
        for before in net.pred[name]:
            if len(seen) == NEAR:
                break
            if before not in seen:
                seen.add(before)
                queue.append(before)
    return False


def _attaches(node: ViewNode, before: ViewNode, edge: ViewEdge, level: str) -> bool:
    """Return whether a thin node is drawn touching its only source, which has no other reader."""
    if level != "layer" or node.kind not in ("norm", "activation") or len(node.members) == 0:
        return False
    return (
        before.kind in ("conv", "linear", "norm", "pool")
        and before.form in ("box", "thin")
        and before.device == node.device
        and edge.kind in ("data", "projection", "padding")
    )
