"""A picture that builds up, a page a step: along the flow, stage by stage, or into a block."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, dist

import networkx as nx

from archgraph.errors import ArchGraphError, DrawError
from archgraph.graph import ArchGraph
from archgraph.limits import SLIDES
from archgraph.options import written
from archgraph.units import count_text

from .captions import subtitle_of, title_of
from .choices import Choices
from .compose import compose
from .drawing import Box, Curve, Drawing, Group, Item, Point, walked
from .dress.spoken import say
from .layout.scene import Scene
from .look.colour import colouring
from .look.paled import paled
from .pages import Page
from .sheet import Sheet
from .single import laid_out, pages_of
from .spoken_notes import notes_of
from .view import View, ViewNode

__all__ = ["stepped_pages"]

MOST, FEW = 12, 4
"""How many steps a page has at most, and how many it should have at least."""


@dataclass(frozen=True, slots=True)
class _Step:
    label: str
    keys: tuple[str, ...]


def stepped_pages(nets: Sequence[ArchGraph], choices: Choices) -> list[Page]:
    """Return the pages of a network step by step, at most ``SLIDES``.

    "flow": boxes come along the flow, a stage at a time, and stay where they are. "stage": the
    whole, then one stage after the other while the rest is pale. "zoom": the whole, a block of it,
    that block from the inside, every operator of it.
    """
    (net,) = nets
    if choices.steps == "zoom":
        return _zoomed(net, choices)
    sheet = _sheet(net, choices)
    view, scenes = laid_out(net, choices, sheet.space, several=True)
    colours = colouring(net, view, choices.color, sheet.theme, scale=choices.scale)
    ranks = _ranks(net, view)
    most = min(MOST, max(SLIDES // len(scenes), 1))
    plans = [
        (
            scene,
            _steps(
                view, {key: rank for key, rank in ranks.items() if key in scene.nodes}, most - 1
            ),
        )
        for scene in scenes
    ]
    shots: list[tuple[Scene, _Step, frozenset[str]]] = []
    for scene, steps in plans:
        if choices.steps == "stage":
            whole = _Step("", tuple(key for step in steps for key in step.keys))
            shots += [(scene, step, frozenset(step.keys)) for step in (whole, *steps)]
            continue
        before: list[str] = []
        for step in steps:
            before += step.keys
            shots.append((scene, step, frozenset(before)))
    pages = []
    for number, (scene, step, shown) in enumerate(shots, 1):
        said = _said(view, step)
        notes = f"{said}\n\n{sheet.notes}".strip() if number == 1 else said
        each = replace(_titled(sheet, step.label), number=number, count=len(shots), notes=notes)
        drawing = compose(view, scene, colours.of(scene.nodes), each)
        pages.append(Page(_with(drawing, shown, each if choices.steps == "stage" else None), view))
    return pages


def _sheet(net: ArchGraph, choices: Choices) -> Sheet:
    return Sheet.of(choices, title_of(net), subtitle_of(net), notes_of(net))


def _titled(sheet: Sheet, label: str) -> Sheet:
    """Return a sheet whose title says which step it shows."""
    if not label:
        return sheet
    words = f"{sheet.words}: {label}" if isinstance(sheet.words, str) and sheet.words else None
    return replace(sheet, title=f"{sheet.title}: {label}", words=words or sheet.words)


def _said(view: View, step: _Step) -> str:
    """Return what a presenter reads of a step: its boxes, and what they cost."""
    if not step.label:
        return ""
    nodes = [view.nodes[key] for key in step.keys]
    nodes = [node for node in nodes if node.kind != "input"] or nodes
    heads = list(dict.fromkeys(node.label.head for node in nodes))
    names = ("; " if any("," in head for head in heads) else ", ").join(heads)
    counts = [dict(node.counts) for node in nodes if node.counts]
    totals = []
    for name, word in (("params", "parameters"), ("macs", "MACs")):
        known = [count.get(name) for count in counts]
        numbers = [count for count in known if count is not None]
        least = "" if len(numbers) == len(known) else "at least "
        said = f"{least}{count_text(sum(numbers))}" if numbers or not known else "unknown"
        totals.append(f"{said} {word}")
    told = "" if names == step.label else f": {names}"
    return f"{step.label}{told}. {'Together ' if told else ''}{' and '.join(totals)}."


def _ranks(net: ArchGraph, view: View) -> dict[str, int]:
    """Return the boxes in the order in which they run, by number; lanes go on side by side."""
    place = {name: number for number, name in enumerate(net.topological())}
    first = {
        key: min((place[name] for name in node.members if name in place), default=len(place))
        for key, node in view.nodes.items()
    }
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(view.nodes)
    graph.add_edges_from((e.source, e.target) for e in view.edges if e.source != e.target)
    devices = {node.device for node in view.nodes.values() if node.device is not None}
    if view.lanes and len(devices) > 1 and nx.is_directed_acyclic_graph(graph):
        steps = enumerate(nx.topological_generations(graph))
        return {
            key: number for number, keys in steps for key in sorted(keys, key=first.__getitem__)
        }
    try:
        order = list(nx.lexicographical_topological_sort(graph, key=lambda key: (first[key], key)))
    except nx.NetworkXUnfeasible:  # what runs step by step goes back to where it began
        order = sorted(view.nodes, key=lambda key: (first[key], key))
    return {key: number for number, key in enumerate(order)}


def _steps(view: View, ranks: Mapping[str, int], most: int) -> list[_Step]:
    """Return a page's boxes as steps: its stages, or blocks or boxes where these are few."""
    kinds: tuple[Callable[[ViewNode], str | None], ...] = (
        lambda node: None if node.role == "auxiliary" else node.stage,
        lambda node: None if node.role == "auxiliary" else node.block or node.stage,
        lambda node: None if node.kind == "input" else node.id,
    )
    found: list[list[str]] = []
    for kind in kinds:
        found = _runs(view, ranks, kind)
        if len(found) >= FEW:
            break
    size = ceil(len(found) / max(most, 1))
    parts = [found[at : at + size] for at in range(0, len(found), size)]
    return [_Step(_label(view, part), tuple(key for run in part for key in run)) for part in parts]


def _runs(
    view: View, ranks: Mapping[str, int], kind: Callable[[ViewNode], str | None]
) -> list[list[str]]:
    """Return boxes one behind the other of one kind; kinds that run side by side are one."""
    groups = {key: kind(view.nodes[key]) for key in ranks}
    last = {group: ranks[key] for key, group in groups.items() if group is not None}
    runs: list[list[str]] = []
    until, begun = -1, False
    for key, group in groups.items():
        # What belongs to nothing goes with what is before it; an input, with what is behind it.
        if not runs or (ranks[key] > until and group is not None and begun):
            runs.append([])
        if group is not None:
            begun, until = True, max(until, last[group])
        runs[-1].append(key)
    return runs


def _label(view: View, runs: Sequence[Sequence[str]]) -> str:
    names: dict[str, None] = {}
    telling = [told for run in runs if (told := _telling(view, run))]
    for run in telling or runs:
        nodes = [view.nodes[key] for key in run]
        stages = {
            node.stage for node in nodes if node.stage is not None and node.role != "auxiliary"
        }
        blocks = {node.block for node in nodes if node.block is not None}
        if len(nodes) == 1:
            names[nodes[0].label.head] = None
        elif len(blocks) == 1 and (block := next(iter(blocks))) in view.groups:
            names[view.groups[block]] = None
        elif stages:
            for stage in sorted(stages, key=[n.stage for n in nodes].index):
                names[view.groups.get(stage, stage)] = None
        else:
            names[nodes[0].label.head] = None
            names[nodes[-1].label.head] = None
    words = list(names)
    return words[0] if len(words) == 1 else f"{words[0]} – {words[-1]}"


def _telling(view: View, run: Sequence[str]) -> list[str]:
    """Return the boxes of a run that a step may be called after: no input, sum or reshape alone."""
    boxes = [key for key in run if view.nodes[key].kind != "input"]
    counts = {key: dict(view.nodes[key].counts) for key in boxes}
    costly = [
        key
        for key in boxes
        if counts[key] and any(counts[key].get(name) != 0 for name in ("params", "macs"))
    ]
    within = any(view.nodes[key].stage or view.nodes[key].block for key in boxes)
    return boxes if costly and within else costly


def _with(drawing: Drawing, shown: Collection[str], pale: Sheet | None) -> Drawing:
    """Return a drawing with some of its boxes, the others pale or not there."""
    boxes = {g.id: box for g in drawing.groups("node") if (box := _box(g)) is not None}
    lines = {g.id: g for g in drawing.groups("edge")}

    def stays(item: Item) -> bool:
        if not isinstance(item, Group) or not item.classes:
            return True
        match item.classes[0]:
            case "node":
                return item.id in shown
            case "edge":
                # Of what stands out, what it reads is seen, too.
                ends = (item.ends or ())[1:] if pale else item.ends or ()
                return all(end in shown for end in ends)
            case "cluster":
                frame = _box(item)
                return frame is None or any(_in(frame, boxes[k]) for k in shown if k in boxes)
            case "note":
                near = _nearest(item, lines)
                return near is None or all(end in shown for end in near.ends or ())
        return True

    def put(item: Item) -> Item | None:
        return item if stays(item) else None if pale is None else paled(item, pale.theme)

    items = [found for item in drawing.items if (found := put(item)) is not None]
    return replace(drawing, items=tuple(items))


def _box(group: Group) -> Box | None:
    return next((item for item in group.items if isinstance(item, Box)), None)


def _in(frame: Box, box: Box) -> bool:
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return frame.x <= x <= frame.x + frame.width and frame.y <= y <= frame.y + frame.height


def _nearest(note: Group, lines: Mapping[str, Group]) -> Group | None:
    """Return the line that a note stands at."""
    box = _box(note)
    if box is None or not lines:
        return None
    middle = (box.x + box.width / 2, box.y + box.height / 2)
    return min(lines.values(), key=lambda line: _away(middle, line.items))


def _away(point: Point, items: Iterable[Item]) -> float:
    found = [p for each in walked(items) if isinstance(each, Curve) for p in _along(each.points)]
    return min((dist(point, p) for p in found), default=1e9)


def _along(points: Sequence[Point]) -> list[Point]:
    halves = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise(points)]
    return [*points, *halves]


def _zoomed(net: ArchGraph, choices: Choices) -> list[Page]:
    """Return the whole, where a block is in it, what is in the block, and its operators."""
    sheet, plain = _sheet(net, choices), replace(choices, open=(), steps=None)
    whole = plain.settled([net], named=False)
    view, scenes = laid_out(net, whole, sheet.space, several=False)
    keys = choices.open[:1] or _largest(net, view)
    if not keys:
        raise DrawError(f"'{net.name}' has no block to zoom into; use {written('steps', 'flow')}.")
    key = keys[0]
    part = net.module(key)
    # What the box in the picture is called, and not its class.
    name = view.nodes[key].label.head if key in view.nodes else view.groups.get(key, key)
    colours = colouring(net, view, choices.color, sheet.theme, scale=choices.scale)
    drawn = compose(view, scenes[0], colours.of(scenes[0].nodes), sheet)
    shown = [each for each, node in view.nodes.items() if key in (each, node.block, node.stage)]
    pages = [Page(drawn, view)]
    if shown:
        here = compose(
            view,
            scenes[0],
            colours.of(scenes[0].nodes),
            replace(_titled(sheet, name), notes=_said(view, _Step(name, tuple(shown)))),
        )
        pages.append(Page(_with(here, shown, sheet), view))
    if key in view.nodes:
        opened = replace(plain, open=(key,)).settled([net], named=False)
        with suppress(DrawError):  # without room in its place it is shown alone
            pages += pages_of(
                net, opened, _titled(sheet, say("inside {name}", name=name)), several=False
            )
    alone = replace(plain, level="layer").settled([part], named=True)
    inner = replace(sheet, subtitle=subtitle_of(part), notes=notes_of(part))
    pages += pages_of(
        part, alone, _titled(inner, say("every operator of {name}", name=name)), several=True
    )
    return pages[:SLIDES]


def _largest(net: ArchGraph, view: View) -> tuple[str, ...]:
    """Return the group with most of the arithmetic, of those that are shown as one thing."""
    costs: dict[str, int] = {}
    closed = any(node.kind == "module" for node in view.nodes.values())
    for node in view.nodes.values():
        key = node.id if node.kind == "module" else None if closed else node.block
        if key is None:
            continue
        try:
            if len(net.module(key)) < 2:
                continue
        except ArchGraphError:  # several in turn, which is no module
            continue
        counts = dict(node.counts)
        costs[key] = costs.get(key, 0) + (counts.get("macs") or counts.get("params") or 0)
    return (max(costs, key=lambda key: costs[key]),) if costs else ()
