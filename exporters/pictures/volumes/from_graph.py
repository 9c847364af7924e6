"""From a graph to its volumes: which steps are boxes, what stands between them, in which lane."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from archgraph import ops
from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.ops import Pair
from archgraph.options import written
from archgraph.structure import structure
from archgraph.units import exact_bytes

from ..dress.spoken import say
from ..view import Label, View, ViewEdge, ViewNode, counts_of, inner_shortcut
from ..view.shown import EdgeKind
from ..view.wording import facts
from .columns import Column, Link, Volumes
from .segments import Segment, devices, segments
from .series_names import spanned

__all__ = ["FEWEST", "branching_volumes", "build_volumes"]

FEWEST = 3
"""A chain of fewer volumes shows nothing of a network."""


def build_volumes(net: ArchGraph, level: str = "block", *, fold: bool = False) -> Volumes:
    """Return the volumes of what runs at inference, at "stage", "block" or "layer" level.

    Volumes are the outputs of the level's parts; where a network branches, of what all data
    passes through. Poolings are boxes at "layer" level, and words on the way elsewhere. ``fold``
    draws equal blocks once. Raises DrawError for a network that is no chain.
    """
    net = net.inference()
    net.check()
    shown, links = _steps(net, level, segments(net, level, fold=fold))
    columns = _columns(net, shown, links)
    if len(columns) < min(FEWEST, len(net)):
        raise DrawError(_too_short(net, level))
    view = _view(net, level, shown, links)
    lanes = devices(net) if any(len(column) > 1 for column in columns) else ()
    return Volumes(view, columns, links, lanes)


def branching_volumes(net: ArchGraph, level: str, *, fold: bool = False) -> Volumes:
    """Return the volumes of what runs at inference with all that leads from one to another.

    They are in no columns. Raises DrawError where one is neither maps nor a vector.
    """
    net = net.inference()
    net.check()
    found = segments(net, level, fold=fold, branches=True)
    shown, links = _steps(net, level, found)
    links = tuple(_as_it_is_read(net, shown, link) for link in links)
    return Volumes(_view(net, level, shown, links), (), links, ())


def _as_it_is_read(net: ArchGraph, shown: dict[str, Segment], link: Link) -> Link:
    """Return a link with what reads its source, where a volume is made of several."""
    source, target = shown[link.source], shown[link.target]
    own = set(target.members)
    readers = [t for n in source.members for t in net.succ[n] if t in own]
    if not readers:  # a pooling is between
        return link
    op = net.op(readers[0])
    if op.family == "resampling":
        return replace(link, window=None, words=("upsampling",))
    if op.words.enlarges:
        return replace(link, window=getattr(op, "kernel_size", None), words=("up-conv",))
    if op.layer or op.family == "pool":
        return link
    met = [op.words.what, *(net.op(t).words.what for t in net.succ[readers[0]] if t in own)][:2]
    if met[0] != "crop":
        met = met[:1] if op.family == "merge" or op.sums else []
    return replace(link, window=None, words=(" and ".join(met),) if met else ())


def _steps(
    net: ArchGraph, level: str, found: dict[str, Segment]
) -> tuple[dict[str, Segment], tuple[Link, ...]]:
    """Return the steps that are boxes, and how they are computed from each other."""
    if not len(net):
        raise DrawError(f"'{net.name}' computes nothing at inference, so there are no volumes.")
    shown, passed = _split(net, found, level)
    for part in shown.values():
        sizes = part.shape or ()
        if len(sizes) not in (1, 3) or not all(isinstance(n, int) and n > 0 for n in sizes):
            raise DrawError(
                f"'{net.name}' cannot be drawn as volumes, because the output of '{part.key}' is "
                f"neither maps (C×H×W) nor a vector of known size; "
                f"use {written('style', 'layout')}."
            )
    return shown, _links(net, shown, passed)


def _view(net: ArchGraph, level: str, shown: dict[str, Segment], links: Sequence[Link]) -> View:
    nodes = {key: _node(net, part) for key, part in shown.items()}
    edges = tuple(
        ViewEdge(link.source, link.target, link.kind, link.bytes, link.title) for link in links
    )
    return View(net.name, level, nodes, edges, {}, {}, list(nodes)[-1])


def _too_short(net: ArchGraph, level: str) -> str:
    if len(segments(net, "layer", fold=False)) >= FEWEST:
        return f"'{net.name}' has fewer than {FEWEST} volumes at {level} level; use a finer level."
    branches = any(len(net.succ[name]) > 1 for name in net)
    why = "its branches meet only at its end" if branches else f"it has fewer than {FEWEST}"
    return (
        f"'{net.name}' cannot be drawn as volumes, because {why}; use {written('style', 'layout')}."
    )


def _split(
    net: ArchGraph, found: dict[str, Segment], level: str
) -> tuple[dict[str, Segment], dict[str, Segment]]:
    """Return the steps that are boxes, and the poolings that are words on the way."""
    passed: dict[str, Segment] = {}
    if level != "layer":
        for key, part in found.items():
            inside = set(part.members)
            sources = {s for name in part.own for s in net.inputs_of(name)} - inside
            from_input = any(isinstance(net.op(source), ops.Input) for source in sources)
            last = not any(t not in inside for name in part.members for t in net.succ[name])
            if _pool(net, part) is not None and not from_input and not last:
                passed[key] = part
    return {key: part for key, part in found.items() if key not in passed}, passed


def _pool(net: ArchGraph, part: Segment) -> ops.Op | None:
    """Return a step's pooling, where that is all that it does."""
    told = [op for op in map(net.op, part.own) if not op.quiet]
    return told[0] if len(told) == 1 and told[0].family == "pool" else None


def _links(
    net: ArchGraph, shown: dict[str, Segment], passed: dict[str, Segment]
) -> tuple[Link, ...]:
    owner = {n: key for key, part in (shown | passed).items() for n in part.members}
    links: list[Link] = []
    for key, part in shown.items():
        sources: dict[str, tuple[int | None, tuple[str, ...]]] = {}
        for a, b in net.in_edges(part.members):
            size: int | None = net.edges[a, b]["bytes"]
            pools, source = [], owner[a]
            if source == key:
                continue
            while source in passed:
                pools.append(source)
                inside = set(passed[source].members)
                before = {s for n in inside for s in net.inputs_of(n)} - inside
                source = owner[min(before)]
            known = sources.get(source, (0, ()))
            whole = None if known[0] is None or size is None else known[0] + size
            sources[source] = (whole, tuple(reversed(pools)) or known[1])
        for source, (size, between) in sources.items():
            links.append(_link(net, shown[source], part, size, [passed[p] for p in between]))
    return tuple(links)


def _link(
    net: ArchGraph, source: Segment, target: Segment, size: int | None, pools: list[Segment]
) -> Link:
    here, there = net.nodes[source.own[0]]["device"], net.nodes[target.own[0]]["device"]
    found = [_pool(net, part) for part in [*pools, target]]
    words = [line for op in found if op is not None for line in _pool_words(op)]
    layers = [op.words for op in map(net.op, target.own) if op.layer]
    if len(layers) == 1 and layers[0].pace and not layers[0].enlarges:
        words.append(f"stride of {layers[0].pace}")
    dense = bool(layers) and layers[0].reads is not None
    if dense:
        words.append("dense")
    between = "".join(f"{', '.join(part.own)}, " for part in pools)
    return Link(
        source.key,
        target.key,
        "crossing" if None not in (here, there) and here != there else "data",
        _window(net, target),
        tuple(words),
        dense,
        size,
        f"{source.own[-1]} → {between}{target.own[-1]}, {exact_bytes(size)}",
        layers[0].what if pools and len(layers) == 1 else "",
    )


def _window(net: ArchGraph, part: Segment) -> Pair | None:
    """Return the kernel of a step that slides one window over its input."""
    layers = [op for op in map(net.op, part.own) if op.layer]
    op = layers[0] if len(layers) == 1 else None if layers else _pool(net, part)
    kernel: Pair | None = getattr(op, "kernel_size", None)
    return kernel


def _pool_words(op: ops.Op) -> tuple[str, ...]:
    words = op.words
    kind = {"avg": "average"}.get(words.how, words.how or words.what)
    if words.to and words.goal == "global":
        return (f"global {kind}", "pooling")
    return (f"{kind} pooling",)


def _columns(
    net: ArchGraph, shown: dict[str, Segment], links: tuple[Link, ...]
) -> tuple[Column, ...]:
    """Return the steps by their distance from the input and their device."""
    rank: dict[str, int] = {}
    sources: dict[str, list[str]] = {}
    for link in links:
        sources.setdefault(link.target, []).append(link.source)
    for key in shown:
        rank[key] = max((rank[source] + 1 for source in sources.get(key, ())), default=0)
    count = Counter(rank.values())
    columns: list[Column] = [{} for _ in range(max(rank.values()) + 1)]
    for key, part in shown.items():
        device = net.nodes[part.own[0]]["device"] if count[rank[key]] > 1 else None
        if device in columns[rank[key]]:
            raise DrawError(
                f"'{net.name}' cannot be drawn as volumes, because '{key}' and "
                f"'{columns[rank[key]][device]}' run side by side; "
                f"use {written('style', 'layout')}."
            )
        columns[rank[key]][device] = key
    return tuple(columns)


def _node(net: ArchGraph, part: Segment) -> ViewNode:
    """Return a volume's facts; its name is that of all that it stands for."""
    told = [op.family for op in map(net.op, part.own) if not op.quiet]
    layers = [op.family for op in map(net.op, part.own) if op.layer]
    kind = layers[0] if len(layers) == 1 else told[0] if len(told) == 1 else "module"
    first, last = _label(net, part), _label(net, (part.folded or [part])[-1])
    label = f"{spanned(first, last)} × {1 + len(part.folded)}" if part.folded else first
    data = net.nodes[part.own[0]]
    assert part.shape is not None
    return ViewNode(
        id=part.key,
        kind=kind,
        form="box",
        label=Label(label, span=(first, last)),
        title=facts(net, _making(net, part), label),
        members=tuple(part.members),
        shape=part.shape,
        device=data["device"],
        role=data.get("role", "") if kind == "conv" else "",
        stage=structure(net).cuts["stage"].group.get(part.own[0]),
        block=structure(net).cuts["block"].group.get(part.own[0]),
        repeat=1 + len(part.folded),
        shortcut=_shortcut(net, part),
        counts=counts_of(net, [name for each in (part, *part.folded) for name in each.members]),
    )


def _shortcut(net: ArchGraph, part: Segment) -> EdgeKind | None:
    """Return the kind of a step's shortcut, where it adds one sum to all that it reads."""
    if sum(net.op(name).sums for name in part.own) != 1:
        return None
    read = {source for name in part.own for source in net.inputs_of(name)}.difference(part.own)
    return inner_shortcut(net, part.own) if len(read) == 1 else None


def _making(net: ArchGraph, part: Segment) -> list[str]:
    """Return the operators of all that is drawn, up to the last that gives the volume's shape."""
    names = [name for step in (part, *part.folded) for name in step.own]
    last = max(i for i, name in enumerate(names) if net.nodes[name]["shape"] == part.shape)
    return names[: last + 1]


def _label(net: ArchGraph, part: Segment) -> str:
    """Return what people call a step: its block or layer, or the module that holds all of it."""
    found = structure(net)
    if part.key in found.groups and found.groups[part.key].kind != "module":
        return found.groups[part.key].label
    layers = [n for n in part.own if net.op(n).layer or net.op(n).family in ("pool", "input")]
    if len(layers) == 1:
        named = str(net.nodes[layers[0]].get("label") or "")
        if isinstance(net.op(layers[0]), ops.Input):
            return named or say("input")
        if not named[:1].isdigit():  # "3×3" names no layer
            return named or layers[0]
    for kind in ("block", "stage"):
        held = {found.cuts[kind].group.get(n, "") for n in part.own}
        if len(held) == 1 and (group := held.pop()):
            return found.groups[group].label
    return part.key
