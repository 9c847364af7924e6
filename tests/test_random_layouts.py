"""Layouts of random graphs: each is found, drawn whole and clear, whatever hangs on whatever."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from archgraph.exporters.pictures.layout.several_pages import several_pages
from archgraph.exporters.pictures.layout.steps import BOTH, in_map_rows, in_order, lay_out
from archgraph.exporters.pictures.view import Label, View, ViewEdge, ViewNode

SLIDE = (920.0, 446.0)
FORMS = ("box", "box", "thin", "dot", "bar")
KINDS = ("conv", "module", "norm", "resampling", "merge", "pool")


@st.composite
def views(draw, most=14, more=2.0):
    """Return a view whose edges lead from any node to any later one, with loose ends everywhere."""
    count = draw(st.integers(1, most))
    keys = [f"n{index}" for index in range(count)]
    pairs = list(itertools.combinations(range(count), 2))
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=int(more * count))) if pairs else []
    chain = draw(st.booleans())
    chosen += [(i, i + 1) for i in range(count - 1)] if chain else []
    kinds = ("data", "data", "shortcut", "projection")
    edges = tuple(
        ViewEdge(keys[a], keys[b], draw(st.sampled_from(kinds)), 0, "")
        for a, b in sorted(set(chosen))
    )
    shapes = st.one_of(
        st.just(()),
        st.integers(1, 64).map(lambda n: (n,)),
        st.tuples(st.integers(1, 9), *[st.sampled_from([1, 7, 14, 28, 29, 56, None])] * 2),
    )
    words = st.sampled_from(["a", "encoder.block", "3×3 convolution, 128, /2"])
    groups = st.sampled_from([None, "one", "two"])
    nodes = {
        key: ViewNode(
            key,
            draw(st.sampled_from(KINDS)),
            draw(st.sampled_from(FORMS)),
            Label(name=draw(words), shape="64 × 56 × 56"),
            "",
            (key,),
            draw(shapes),
            stage=draw(groups),
            block=draw(groups),
        )
        for key in keys
    }
    level = draw(st.sampled_from(["stage", "block", "layer"]))
    output = draw(st.sampled_from(keys))
    return View("random", level, nodes, edges, {"one": "one", "two": "two"}, {}, output)


def line_of(line):
    points = [line.start]
    for segment in line.segments:
        if len(segment) == 1:
            points.append(segment[0])
            continue
        corners = (points[-1], *segment)
        for t in (step / 20 for step in range(1, 21)):
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            points.append(
                tuple(sum(w * p[i] for w, p in zip(weights, corners, strict=True)) for i in (0, 1))
            )
    return LineString(points)


def check(view, scene):
    boxes = {k: box(r.x, r.y, r.x + r.width, r.y + r.height) for k, r in scene.nodes.items()}
    assert boxes.keys() == view.nodes.keys()
    page = box(0, 0, scene.width, scene.height).buffer(0.1)
    for one, other in itertools.combinations(boxes.values(), 2):
        assert one.intersection(other).area < 0.1
    assert all(page.contains(each) for each in boxes.values())
    drawn = {}
    for line in scene.lines:
        drawn.setdefault((line.edge.source, line.edge.target), []).append(line)
    assert {(edge.source, edge.target) for edge in view.edges} <= drawn.keys()
    for (source, target), lines in drawn.items():
        for line in lines:
            way = line_of(line)
            assert page.contains(way)
            for key, each in boxes.items():
                if key not in (source, target):
                    assert way.intersection(each.buffer(-1.0)).length < 0.1
        # Behind the end of a column a line goes on from where another of its source ended.
        ends = [p.segments[-1][-1] for p in scene.lines if p.edge.source == source and not p.arrow]
        starts = [boxes[source], *map(Point, ends)]
        assert any(each.distance(Point(line.start)) < 2.1 for line in lines for each in starts)
        assert any(boxes[target].distance(Point(line.segments[-1][-1])) < 2.1 for line in lines)


@settings(max_examples=150, deadline=3000)
@given(views(), st.sampled_from([SLIDE, SLIDE[::-1], None]), st.sampled_from([BOTH, (False,)]))
def test_any_graph_has_a_layout(view, space, directions):
    scenes = lay_out(view, space, directions=directions) or in_order(view, space, directions)
    assert scenes is not None
    check(view, *scenes)
    assert scenes[0].scale >= 0.9


@settings(max_examples=60, deadline=3000)
@given(views(most=32, more=0.3))
def test_a_graph_of_thirty_boxes_fits_on_a_slide(view):
    scenes = lay_out(view, SLIDE) or in_order(view, SLIDE, BOTH)
    assert scenes is not None
    check(view, *scenes)


@settings(max_examples=60, deadline=3000)
@given(views(most=32), st.sampled_from([SLIDE, (430.0, 330.0), (330.0, 430.0)]))
def test_any_graph_stands_on_several_pages(view, space):
    found = several_pages(view, space)
    assert found is not None
    marked, scenes = found
    page_of = {key: n for n, scene in enumerate(scenes) for key in scene.nodes}
    assert set(view.nodes) <= page_of.keys()
    assert len(page_of) == sum(len(scene.nodes) for scene in scenes)
    for scene in scenes:
        assert scene.scale >= 0.899
        assert (
            max(scene.width * scene.scale / space[0], scene.height * scene.scale / space[1]) < 1.01
        )
        edges = tuple(edge for edge in marked.edges if edge.source in scene.nodes)
        nodes = {key: marked.nodes[key] for key in scene.nodes}
        check(replace(marked, nodes=nodes, edges=edges), scene)


@settings(max_examples=150, deadline=3000)
@given(views(), st.sampled_from([SLIDE, None]))
def test_rows_of_maps_are_clear(view, space):
    found = in_map_rows([view], space, BOTH)
    if found is not None:
        check(view, *found[1])


@pytest.mark.parametrize("space", [SLIDE, None])
def test_a_dense_graph_of_many_boxes_is_bounded(space):
    keys = [f"n{index}" for index in range(70)]
    nodes = {
        key: ViewNode(key, "conv", "box", Label(name=key), "", (key,), (4, 8, 8)) for key in keys
    }
    edges = tuple(
        ViewEdge(one, other, "data", 0, "")
        for index, one in enumerate(keys)
        for other in keys[index + 1 : index + 12]
    )
    view = View("dense", "layer", nodes, edges, {}, {}, keys[-1])
    scenes = lay_out(view, space)
    if space is None:
        check(view, *scenes)
