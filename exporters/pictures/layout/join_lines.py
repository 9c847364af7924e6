"""Puts lines beside each other on a page: columns when the flow runs down, else rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial

from ..drawing import Point
from ..view import View, ViewEdge
from .place_chain import Placer
from .placed_parts import Part, Wire, rounded, shifted
from .plane_index import bounds_of, box_index
from .scene import Frame, Line, Rect, Scene

__all__ = ["GUTTER", "arrange"]

GUTTER = 24.0
"""Between columns, or rows: room for the line that leads from one to the next."""
SIDE = 17.0
"""Room for a frame and the words along it."""
PAD = 5.0
"""Between a frame and what it holds."""
LEAD = 12.0
"""How far before its first node a line of nodes begins."""


def arrange(parts: list[Part], placer: Placer) -> Scene:
    """Return one page of lines, each led into the next."""
    framed = placer.framed is not None
    lead = LEAD if len(parts) > 1 else 0.0
    margin = (SIDE if framed else 0.0, PAD if framed else 0.0)
    axes, at = [], 0.0
    placed: list[Part] = []
    for part in parts:
        axis = at + margin[0] + part.left
        axes.append(axis)
        placed.append(shifted(part, lead, axis))
        at = axis + part.right + margin[1] + GUTTER
    across = at - GUTTER
    tail = LEAD if len(parts) > 1 else 0.0
    length = lead + max(part.length for part in parts) + tail + (PAD if framed else 0.0)
    wires = [wire for part in placed for wire in part.wires]
    wires += _links(placer, parts, placed, axes, lead)
    sides = (across, length) if placer.down else (length, across)
    scene = Scene(*sides, down=placer.down)
    for part in placed:
        for node in part.nodes:
            size = (node.breadth, node.length) if placer.down else (node.length, node.breadth)
            x, y = _xy((node.m, node.c), placer.down)
            scene.nodes[node.id] = Rect(x, y, *size)
    for wire in wires:
        scene.lines.append(_line(wire, placer.down))
    if framed:
        scene.frames = _frames(scene, placer.view, placer.framed or "", placer.down, placed)
    return scene


def _xy(point: tuple[float, float], down: bool) -> Point:
    return (point[1], point[0]) if down else point


def _line(wire: Wire, down: bool) -> Line:
    return Line(
        wire.edge,
        _xy(wire.start, down),
        tuple(tuple(_xy(p, down) for p in segment) for segment in wire.segments),
        wire.arrow,
    )


def _links(
    placer: Placer, parts: list[Part], placed: list[Part], axes: list[float], lead: float
) -> list[Wire]:
    """Return the lines from each column's end to the next column's start."""
    wires = []
    for index in range(len(parts) - 1):
        left, right = placed[index], placed[index + 1]
        edge = _crossing_edge(placer.view, left, right)
        if edge is None:
            continue
        end = left.end
        gutter = axes[index] + parts[index].right + GUTTER / 2
        gutter += PAD if placer.framed else 0.0
        low = lead + parts[index].length + LEAD * 0.8
        # The line is one with the fork behind it, unless it ends at a node.
        direct = any(n.id == edge.target and n.m <= lead + 0.01 for n in right.nodes)
        here, there, start = axes[index], axes[index + 1], LEAD * 0.2
        points = [(end, here), (low, here), (low, gutter), (start, gutter), (start, there)]
        points.append((lead, there))
        wires.append(rounded(edge, points, 6.0, arrow=direct))
    return wires


def _crossing_edge(view: View, left: Part, right: Part) -> ViewEdge | None:
    here, there = {n.id for n in left.nodes}, {n.id for n in right.nodes}
    found = [e for e in view.edges if e.source in here and e.target in there]
    return next((e for e in found if e.kind == "data"), found[0] if found else None)


def _frames(scene: Scene, view: View, group: str, down: bool, placed: list[Part]) -> list[Frame]:
    """Return the frames of groups; none where a box of others would cut it."""
    frames = []
    boxes = box_index(scene.nodes)
    stacked = Counter(getattr(node, group) for node in view.nodes.values() if not node.attached)
    several = {key for key in stacked if stacked[key] > 1 or key in view.repeats}
    # One box that stands for several blocks is a stage as good as others.
    several |= {getattr(n, group) for n in view.nodes.values() if group == "stage" and n.repeat > 1}
    for part in placed:
        inner = _inner_lines(part, view, group, down)
        members: dict[str, list[Rect]] = {}
        for node in part.nodes:
            key = getattr(view.nodes[node.id], group)
            if key is not None:
                members.setdefault(key, []).append(scene.nodes[node.id])
        here = {node.id for node in part.nodes}

        def foreign(key: str, region: Rect, here: Collection[str] = here) -> Iterator[Rect]:
            for name in boxes.near(bounds_of(region)):
                if name in here and getattr(view.nodes[name], group) not in (None, key):
                    yield scene.nodes[name]

        for key, rects in members.items():
            if key not in several:
                continue
            for run in _uncut(rects, partial(foreign, key)):
                # On the side of its name a frame also holds the lines between its nodes.
                lefts, tops = ([p[axis] for p in inner.get(key, ())] for axis in (0, 1))
                if len(run) < len(rects):
                    lefts, tops = [], []
                left = min([*(r.x for r in run), *(lefts if down else ())]) - PAD
                top = min([*(r.y for r in run), *(() if down else tops)]) - PAD
                right = max(r.x + r.width for r in run) + PAD
                bottom = max(r.y + r.height for r in run) + PAD
                held = Rect(left, top, right - left, bottom - top)
                if down:
                    left -= SIDE - PAD - 2
                else:
                    top -= SIDE - PAD - 2
                rect = Rect(left, top, right - left, bottom - top)
                beside = (scene.nodes[name] for name in boxes.near(bounds_of(rect)))
                if not any(rect.meets(box) and not held.holds(box) for box in beside):
                    frames.append(Frame(key, view.frame_label(key), rect, down))
    return frames


def _uncut(rects: list[Rect], foreign: Callable[[Rect], Iterable[Rect]]) -> list[list[Rect]]:
    """Return the boxes of a group in runs, each in a rectangle that holds none of another group.

    ``foreign`` gives the boxes of others in a region. Only where a run's rectangle grows, it can
    come to hold one.
    """
    runs = [[rects[0]]]
    whole = rects[0]
    for rect in rects[1:]:
        left, top = min(whole.x, rect.x), min(whole.y, rect.y)
        right = max(whole.x + whole.width, rect.x + rect.width)
        low = max(whole.y + whole.height, rect.y + rect.height)
        wider = Rect(left, top, right - left, low - top)
        grown = (
            Rect(left, top, whole.x - left, low - top),
            Rect(left, top, right - left, whole.y - top),
            Rect(whole.x + whole.width, top, right - whole.x - whole.width, low - top),
            Rect(left, whole.y + whole.height, right - left, low - whole.y - whole.height),
        )
        if any(wider.holds(box) for region in grown for box in foreign(region)):
            runs.append([rect])
            whole = rect
        else:
            runs[-1].append(rect)
            whole = wider
    return runs


def _inner_lines(part: Part, view: View, group: str, down: bool) -> dict[str, list[Point]]:
    """Return the points of lines between two nodes of a group, by the group."""
    found: dict[str, list[Point]] = {}
    for wire in part.wires:
        key, other = (getattr(view.nodes[n], group) for n in (wire.edge.source, wire.edge.target))
        if key is not None and key == other:
            found.setdefault(key, []).extend(_xy(p, down) for piece in wire.segments for p in piece)
    return found
