"""Places nodes that form no simple pattern, by Graphviz inside this process."""

from __future__ import annotations

from ..view import View
from .box_sizes import node_size
from .placed_parts import Part, PlacedNode, Segment, Wire

__all__ = ["place_tangle"]


def place_tangle(view: View, ids: tuple[str, ...], down: bool) -> Part:
    """Return the nodes and the edges between them as ``dot`` lays them out."""
    import pygraphviz

    graph = pygraphviz.AGraph(directed=True, strict=False)
    graph.graph_attr.update(rankdir="TB" if down else "LR", nodesep="0.15", ranksep="0.25")
    graph.node_attr.update(shape="box", fixedsize="true", label="")
    names = {key: f"n{index}" for index, key in enumerate(ids)}
    for key in ids:
        size = node_size(view.nodes[key])
        graph.add_node(names[key], width=size.width / 72, height=size.height / 72)
    inner = [edge for edge in view.edges if edge.source in names and edge.target in names]
    for index, edge in enumerate(inner):
        graph.add_edge(names[edge.source], names[edge.target], key=str(index))
    graph.layout(prog="dot")
    keys = {name: key for key, name in names.items()}
    boxes: dict[str, tuple[float, float, float, float]] = {}
    for node in graph.nodes():
        x, y = map(float, node.attr["pos"].split(","))
        width, height = float(node.attr["width"]) * 72, float(node.attr["height"]) * 72
        boxes[keys[str(node)]] = (x, -y, width, height)
    lines = []
    for index, edge in enumerate(inner):
        found = graph.get_edge(names[edge.source], names[edge.target], key=str(index))
        lines.append((edge, *_spline(found.attr["pos"])))
    xs = [edge for x, _, w, _ in boxes.values() for edge in (x - w / 2, x + w / 2)]
    ys = [edge for _, y, _, h in boxes.values() for edge in (y - h / 2, y + h / 2)]
    for _, start, segments in lines:
        xs += [start[0], *(x for segment in segments for x, _ in segment)]
        ys += [start[1], *(y for segment in segments for _, y in segment)]
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    # The first node stands on the axis, where the line from before arrives.
    middle = boxes[ids[0]][:2]

    def point(x: float, y: float) -> tuple[float, float]:
        return (y - top, x - middle[0]) if down else (x - left, y - middle[1])

    length = bottom - top if down else right - left
    low, high = point(left, top)[1], point(right, bottom)[1]
    part = Part(length, -low, high)
    for key, (x, y, width, height) in boxes.items():
        m, c = point(x - width / 2, y - height / 2)
        sides = (height, width) if down else (width, height)
        part.nodes.append(PlacedNode(key, m, c, *sides))
    for edge, start, segments in lines:
        turned = tuple(tuple(point(x, y) for x, y in segment) for segment in segments)
        part.wires.append(Wire(edge, point(*start), turned))
    return part


def _spline(text: str) -> tuple[tuple[float, float], list[Segment]]:
    """Return the start and the Béziers of a Graphviz position, ``e,x,y x,y x,y …``; y down."""
    tip = None
    points = []
    for word in text.replace("\\\n", "").split():
        if word.startswith("e,"):
            x, y = word[2:].split(",")
            tip = (float(x), -float(y))
        elif not word.startswith("s,"):
            x, y = word.split(",")
            points.append((float(x), -float(y)))
    segments: list[Segment] = [
        (points[i], points[i + 1], points[i + 2]) for i in range(1, len(points) - 2, 3)
    ]
    if tip is not None:
        segments.append((tip,))
    return points[0], segments
