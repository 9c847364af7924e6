"""Lines of a layout cross little: crossings are found, ways avoid them, boxes change places."""

from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given, settings
from shapely.geometry import LineString, Point

import archgraph as ag
from archgraph import ops
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.layout.crossings import crossings
from archgraph.exporters.pictures.layout.grid_routes import find_ways
from archgraph.exporters.pictures.layout.polish import polished
from archgraph.exporters.pictures.layout.steps import BOTH, in_layers
from archgraph.exporters.pictures.layout.uncrossed_rows import uncrossed
from archgraph.exporters.pictures.writers.svg import svg_text
from bench.reading_svg import read
from tests.test_random_layouts import SLIDE, views


def crossed(lines):
    """Return how many pairs of lines that join four boxes cross, where neither ends."""
    found = 0
    for one, other in itertools.combinations(lines, 2):
        if {one[0], one[1]} & {other[0], other[1]}:
            continue
        ends = [Point(line[2].coords[end]) for line in (one, other) for end in (0, -1)]
        met = one[2].intersection(other[2])
        found += met.geom_type == "Point" and all(met.distance(end) > 1 for end in ends)
    return found


def drawn(net, **options):
    (page,) = drawings(net, pages=False, **options)
    return [
        (line.source, line.target, LineString(line.points))
        for line in read(svg_text(page)).lines
        if len(line.points) > 1
    ]


def pieces(line):
    """Yield the straight pieces of a line, curves without those that only round a corner."""
    at = line.start
    for *bends, end in line.segments:
        if not bends or abs(at[0] - end[0]) + abs(at[1] - end[1]) > 12:
            yield LineString([at, end])
        at = end


@settings(max_examples=40, deadline=None)
@given(views(most=12))
def test_crossings_are_those_that_geometry_finds(view):
    for scene in in_layers(view, None, (True,)) or []:
        found = [
            (one.edge.source, one.edge.target, other.edge.source, other.edge.target)
            for one, other in itertools.combinations(scene.lines, 2)
            if one.edge.source != other.edge.source and one.edge.target != other.edge.target
            for a, b in itertools.product(pieces(one), pieces(other))
            if a.crosses(b)
        ]
        told = [frozenset([each[:2], each[2:]]) for each in crossings(scene)]
        assert Counter(told) == Counter(frozenset([each[:2], each[2:]]) for each in found)


@settings(max_examples=25, deadline=None)
@given(views(most=12))
def test_a_polished_scene_crosses_no_more_and_shows_the_same(view):
    scenes = in_layers(view, SLIDE, BOTH)
    if scenes is None:
        return
    (scene,) = scenes
    better = polished(view, scene, SLIDE)
    assert len(crossings(better)) <= len(crossings(scene))
    assert better.nodes.keys() == scene.nodes.keys()
    joined = [{(x.edge.source, x.edge.target) for x in each.lines} for each in (better, scene)]
    assert joined[0] == joined[1]


def test_a_line_that_is_crossed_looks_for_its_way_again():
    """From a to d past b: on the side on which b has no line, which is the last to find its way."""
    boxes = {"a": (1, 2), "b": (2, 2), "c": (3, 1), "d": (3, 2)}
    ways = find_ways((4, 3), boxes, [("a", "d"), ("b", "c"), ("b", "d")])
    assert not LineString(ways["a", "d"]).crosses(LineString(ways["b", "c"]))


def test_rows_follow_what_reads_them():
    """Three boxes beside the main path are read one after the other: the first stands nearest."""
    keys = ["in", "main1", "main2", "main3", "main4"]
    layer = {key: index for index, key in enumerate(keys)} | dict.fromkeys(("x", "y", "z"), 1)
    row = dict.fromkeys(keys, 0) | {"x": 1, "y": 2, "z": 3}
    edges = [*itertools.pairwise(keys), ("in", "x"), ("in", "y"), ("in", "z")]
    edges += [("x", "main4"), ("y", "main3"), ("z", "main2")]
    found = uncrossed(row, layer, edges)
    assert all(found[key] == 0 for key in keys)
    lines = {pair: LineString([(layer[key], found[key]) for key in pair]) for pair in edges}
    assert not any(
        lines[a].crosses(lines[b])
        for a, b in itertools.combinations(edges, 2)
        if a[0] != b[0] and a[1] != b[1]
    )


def test_a_pyramid_with_a_branch_from_each_level_crosses_hardly():
    b = ag.Builder("pyramid", input=(3, 64, 64))
    x = b.conv("stem", b.input, 16, 3, padding=1)
    sides = [b.conv(f"side{n}", x, 8, 1) for n in range(4)]
    up, found = sides.pop(), []
    for n, side in enumerate(reversed(sides)):
        up = b.sum(f"add{n}", side, b.conv(f"up{n}", up, 8, 3, padding=1))
        found.append(b.conv(f"branch{n}", up, 8, 3, padding=1))
    net = b.build(b.conv("head", b.add("join", ops.Concat(), *found), 4, 1))
    assert crossed(drawn(net)) <= 1


def test_results_of_one_box_stand_around_it():
    """Few boxes are not put into two columns, with a line all round, only to fill a slide."""
    b = ag.Builder("states", input=(5, 8))
    b.add("lstm", ops.LSTM(8, 16, num_layers=2, bidirectional=True, batch_first=True), b.input)
    lines = drawn(b.build("lstm", "lstm:1", "lstm:2"))
    assert len(lines) == 4
    assert all(line.length < 960 / 5 for _, _, line in lines)
