"""What a reader minds in a layout: crossings, turns, lines through boxes; and geg-metrics' scores.

geg-metrics has the measures of Mooney et al. (Graph Drawing 2025); it finds the crossings. What it
has no count for is counted here.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import atan2, hypot, pi

import networkx as nx

from bench.reading_svg import Box, Point
from bench.rivals.arrangements import Arrangement, Shown

__all__ = ["GEG", "Scores", "scored"]

GEG = {
    "edge_crossings": "crossings",
    "crossing_angle": "angles of crossings",
    "node_edge_occlusion": "occlusion",
    "edge_orthogonality": "orthogonality",
    "angular_resolution": "angles at boxes",
    "edge_length_deviation": "equal lengths",
    "neighbourhood_preservation": "neighbours near",
    "node_uniformity": "even spread",
    "aspect_ratio": "square",
}
"""The scores that are shown, each from 0, bad, to 1, and what they are about."""

LABEL, LARGEST = 10.0, 1.9
"""Points of a label at scale 1, and how many times as large a picture may become on a slide."""

NEAR = 1.5
"""Crossings nearer to each other are one for a reader: two lines side by side cross a third."""

SHARED = 4.0
"""Points that two lines may have in common before they are taken for one."""


@dataclass(frozen=True, slots=True)
class Scores:
    """How well a layout reads.

    ``turns`` are right angles that all lines turn by together, ``through`` pairs of a line and a
    box that it runs through, ``shared`` pairs of lines of different boxes that lie on each other.
    ``label`` is the size of labels on a slide, ``aspect`` width by height.
    """

    crossings: int
    turns: float
    through: int
    shared: int
    label: float
    aspect: float
    area: float
    geg: dict[str, float]


def scored(view: Shown, found: Arrangement) -> Scores:
    """Return what there is to mind in a layout."""
    import geg
    from geg._paths import flatten_path_adaptive
    from shapely import LineString, box

    graph = _graph(view, found)
    _, hits = geg.edge_crossings(graph, return_crossings=True)
    polylines = {pair: flatten_path_adaptive(path, 0.5) for pair, path in found.lines.items()}
    strings = {pair: LineString(points) for pair, points in polylines.items()}
    areas = {
        key: box(b.x + 1, b.y + 1, b.right - 1, b.bottom - 1) for key, b in found.boxes.items()
    }
    through = sum(
        string.intersects(area)
        for pair, string in strings.items()
        for key, area in areas.items()
        if key not in pair
    )
    shared = sum(
        one.intersection(other).length > SHARED
        for (a, one), (b, other) in itertools.combinations(strings.items(), 2)
        if not {*a} & {*b}
    )
    width, height = _extent(
        [*found.boxes.values()], [p for line in polylines.values() for p in line]
    )
    scale = min(view.space[0] / width, view.space[1] / height, LARGEST)
    return Scores(
        len(_apart([point for point, _ in hits])),
        sum(map(_turns, polylines.values())),
        through,
        shared,
        LABEL * scale,
        width / height,
        width * height,
        {name: float(getattr(geg, name)(graph)) for name in GEG},
    )


def _graph(view: Shown, found: Arrangement) -> nx.Graph[str]:
    """Return a layout as geg-metrics takes it."""
    graph: nx.Graph[str] = nx.Graph()
    for key, each in found.boxes.items():
        shape = "circle" if key in view.round else "rectangle"
        graph.add_node(
            key,
            x=each.x + each.width / 2,
            y=each.y + each.height / 2,
            width=each.width,
            height=each.height,
            shape=shape,
        )
    for (source, target), path in found.lines.items():
        graph.add_edge(source, target, path=path)
    return graph


def _extent(boxes: list[Box], points: list[Point]) -> tuple[float, float]:
    xs = [x for b in boxes for x in (b.x, b.right)] + [x for x, _ in points]
    ys = [y for b in boxes for y in (b.y, b.bottom)] + [y for _, y in points]
    return max(xs) - min(xs), max(ys) - min(ys)


def _apart(points: list[Point]) -> list[Point]:
    found: list[Point] = []
    for x, y in sorted(points):
        if all(hypot(x - a, y - b) > NEAR for a, b in found):
            found.append((x, y))
    return found


def _turns(points: list[Point]) -> float:
    """Return by how many right angles a line turns, left and right added up."""
    ways = [atan2(b[1] - a[1], b[0] - a[0]) for a, b in itertools.pairwise(points) if a != b]
    turned = (abs((two - one + pi) % (2 * pi) - pi) for one, two in itertools.pairwise(ways))
    return sum(turned) / (pi / 2)
