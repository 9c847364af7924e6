"""Lanes: a network on several devices, left to right, one lane a device, device 0 on top.

Nodes stand in ranks (the longest path from the input); what is alone in its rank, such as the
image and the last layer, stands between the lanes and joins them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain, pairwise

from archgraph.units import bytes_text

from ..drawing import Point
from ..dress.spoken import say
from ..text.widths import text_width
from ..view import View, ViewEdge
from .box_sizes import SECONDARY, leaf_size, node_size
from .placed_parts import rounded, s_curve
from .scene import Frame, Line, Note, Rect, Scene

__all__ = ["Ranks", "arrange_lanes", "has_lanes", "rank_nodes"]

GAP = 18.0
LANE_GAP = 36.0
ROW_GAP = 42.0
ROW = 0.3
"""What each further row costs against the size of text: one row is what people know."""
SIDE = 8.0
NAME = 14.0
LANE_PAD = 5.0
"""Room inside a lane's frame: at its sides, above for its name, and below."""
EDGE = 9.0
"""Between the lines that lead from one row of lanes to the next."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """Stacks of touching nodes by rank and lane; a rank with one stack joins the lanes."""

    columns: tuple[dict[int | None, tuple[str, ...]], ...]
    devices: tuple[int, ...]


def has_lanes(view: View) -> bool:
    """Return whether a view shows devices that work side by side, not one after the other."""
    devices = {node.device for node in view.nodes.values() if node.device is not None}
    if not view.lanes or len(devices) < 2:
        return False
    return any(len(column) > 1 for column in rank_nodes(view).columns)


def rank_nodes(view: View) -> Ranks:
    """Return the nodes by rank and lane, those attached to one before in its stack."""
    stacks = view.stacks()
    readers: dict[str, dict[str, None]] = {key: {} for key in view.nodes}
    for edge in view.edges:
        source, target = stacks[edge.source][0], stacks[edge.target][0]
        if source != target and edge.kind != "loop":
            readers[source][target] = None
    waiting = Counter(target for found in readers.values() for target in found)
    heads = [key for key in view.nodes if stacks[key][0] == key]
    rank = dict.fromkeys(heads, 0)
    columns: list[dict[int | None, tuple[str, ...]]] = []
    ready = [key for key in heads if not waiting[key]]
    placed: set[str] = set()
    for key in chain(ready, heads):  # the first grows while it is read; loops are left behind
        if key in placed:
            continue
        placed.add(key)
        lane, place = view.nodes[key].device, rank[key]
        while place < len(columns) and lane in columns[place]:
            place += 1
        columns += [{} for _ in range(place + 1 - len(columns))]
        columns[place][lane] = tuple(stacks[key])
        for target in readers[key]:
            rank[target] = max(rank[target], place + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    columns = [column for column in columns if column]
    devices = sorted({n.device for n in view.nodes.values() if n.device is not None})
    return Ranks(tuple(columns), tuple(devices))


def arrange_lanes(view: View, ranks: Ranks, rows: int) -> Scene | None:
    """Return the lanes in this many rows, or None when they cannot be cut so often."""
    columns = list(enumerate(ranks.columns))
    place = {key: i for i, column in columns for stack in column.values() for key in stack}
    crossing = {place[e.target] for e in view.edges if e.kind == "crossing"}
    traffic = _traffic(view, place)
    said = [traffic[i][0].split("\n") if i in traffic else [] for i, _ in columns]
    gaps = [max((GAP, *(text_width(line, SECONDARY) + 22 for line in each))) for each in said]
    sizes = [
        [leaf_size([view.nodes[key] for key in stack]) for stack in column.values()]
        for column in ranks.columns
    ]
    widths = [max(size.width for size in stacks) for stacks in sizes]
    starts = _cut(ranks, widths, gaps, rows, crossing)
    if starts is None:
        return None
    lane_height = max(size.height for stacks in sizes for size in stacks)
    row_height = len(ranks.devices) * lane_height + (len(ranks.devices) - 1) * LANE_GAP
    lead = EDGE * (len(ranks.devices) + 1) if len(starts) > 1 else 0.0
    height = NAME + LANE_PAD + len(starts) * row_height + (len(starts) - 1) * (ROW_GAP + EDGE)
    scene = Scene(0.0, height)
    row_of: dict[int, int] = {}
    ends: list[float] = []
    spans: list[tuple[float, float]] = []
    notes: list[tuple[str, list[ViewEdge], Point]] = []
    for row, (start, stop) in enumerate(pairwise([*starts, len(columns)])):
        x, top = lead + SIDE, NAME + row * (row_height + ROW_GAP + EDGE)
        inside: list[float] = []
        for index in range(start, stop):
            x += gaps[index] if index > start else 0.0
            row_of[index] = row
            column = ranks.columns[index]
            for lane, stack in column.items():
                middle = top + row_height / 2
                if len(column) > 1 and lane is not None:
                    number = ranks.devices.index(lane)
                    middle = top + number * (lane_height + LANE_GAP) + lane_height / 2
                _stack(scene, view, stack, x, widths[index], middle)
            if index in traffic and index > start:
                notes.append((*traffic[index], (x - gaps[index] / 2, top + row_height / 2)))
            if len(column) > 1:
                inside += [x, x + widths[index]]
            x += widths[index]
        spans.append((min(inside), max(inside)))
        ends.append(x)
    for words, edges, at in notes:
        _note(scene, words, edges, at)
    scene.width = max(ends) + max(lead, SIDE) + SIDE
    scene.penalty = ROW * (len(starts) - 1)
    for row, (begin, end) in enumerate(spans):
        top = NAME + row * (row_height + ROW_GAP + EDGE)
        for number, device in enumerate(ranks.devices):
            y = top + number * (lane_height + LANE_GAP) - NAME
            rect = Rect(begin - SIDE, y, end - begin + 2 * SIDE, lane_height + NAME + LANE_PAD)
            name = say("GPU {names}", names=device)
            scene.frames.append(Frame(f"lane {device} {row}", name, rect, False))
    for edge in view.edges:
        if view.nodes[edge.target].attached:
            continue
        source, target = scene.nodes[edge.source], scene.nodes[edge.target]
        here, there = row_of[place[edge.source]], row_of[place[edge.target]]
        leave = (source.x + source.width, _middle(scene, ranks, edge.source, place))
        arrive = (target.x, _middle(scene, ranks, edge.target, place))
        home, count = view.nodes[edge.source].device, len(ranks.devices)
        lane = 0 if home is None else ranks.devices.index(home)
        right = ends[here] + SIDE + EDGE * (count - lane - 0.3)
        bottom = NAME + here * (row_height + ROW_GAP + EDGE) + row_height
        gutter = bottom + ROW_GAP / 2 + EDGE * (count - 1 - lane)
        left = lead - EDGE * (lane + 0.5)
        around = [(right, leave[1]), (right, gutter), (left, gutter), (left, arrive[1])]
        wire = (
            s_curve(edge, leave, arrive)
            if here == there
            else rounded(edge, [leave, *around, arrive])
        )
        scene.lines.append(Line(edge, wire.start, wire.segments))
    return scene


def _traffic(view: View, place: dict[str, int]) -> dict[int, tuple[str, list[ViewEdge]]]:
    """Return what crosses between devices before each rank, in words, and the edges."""
    found: dict[int, list[ViewEdge]] = {}
    for edge in view.edges:
        if edge.kind == "crossing":
            found.setdefault(place[edge.target], []).append(edge)
    words = {}
    for rank, edges in found.items():
        sizes = sorted({edge.bytes for edge in edges}, key=lambda size: size or 0)
        said = " + ".join(map(bytes_text, sizes))
        words[rank] = (said + (f"\n{say('each way')}" if len(edges) > 1 else ""), edges)
    return words


def _note(scene: Scene, words: str, edges: list[ViewEdge], at: tuple[float, float]) -> None:
    """Put traffic on the middle of its lines; what crosses alone stands on its own line."""
    x, y = at
    if len(edges) == 1:
        ends = [scene.nodes[key] for key in (edges[0].source, edges[0].target)]
        y = sum(end.y + end.height / 2 for end in ends) / 2
    scene.notes.append(Note(x, y, words, "traffic"))


def _cut(
    ranks: Ranks, widths: list[float], gaps: list[float], rows: int, crossing: set[int]
) -> list[int] | None:
    """Return the rank at which each row starts: rows of equal width, cut inside the lanes."""
    total = len(ranks.columns)
    allowed = [
        index
        for index in range(1, total)
        if index not in crossing
        and len(ranks.columns[index]) == len(ranks.devices) == len(ranks.columns[index - 1])
    ]
    if rows == 1:
        return [0]

    def width(start: int, stop: int) -> float:
        return sum(widths[start:stop]) + sum(gaps[start + 1 : stop])

    best: dict[tuple[int, int], tuple[float, list[int]]] = {(0, 1): (0.0, [0])}
    for count in range(2, rows + 1):
        for index in allowed:
            options = [
                (max(cost, width(starts[-1], index)), [*starts, index])
                for (last, used), (cost, starts) in best.items()
                if used == count - 1 and last < index
            ]
            if options:
                best[index, count] = min(options, key=lambda option: option[0])
    done = [
        (max(cost, width(starts[-1], total)), starts)
        for (_, used), (cost, starts) in best.items()
        if used == rows
    ]
    return min(done, key=lambda option: option[0])[1] if done else None


def _stack(
    scene: Scene, view: View, stack: tuple[str, ...], x: float, width: float, middle: float
) -> None:
    nodes = [view.nodes[key] for key in stack]
    size = leaf_size(nodes)
    wide = size.width if nodes[0].form == "dot" else max(size.width, width)
    top = middle - size.height / 2
    for node in nodes:
        height = node_size(node).height
        scene.nodes[node.id] = Rect(x, top, wide, height)
        top += height


def _middle(scene: Scene, ranks: Ranks, key: str, place: dict[str, int]) -> float:
    """Return the height at which lines meet the stack that a node is in."""
    stack = next(stack for stack in ranks.columns[place[key]].values() if key in stack)
    first, last = scene.nodes[stack[0]], scene.nodes[stack[-1]]
    return (first.y + last.y + last.height) / 2
