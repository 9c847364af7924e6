"""Arrowheads: the line goes into the middle of its head, however it bends or how short it is."""

from __future__ import annotations

from math import dist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point
from svg.path import parse_path

from archgraph.exporters.pictures.drawing import Curve, Paint
from archgraph.exporters.pictures.layout.placed_parts import rounded, s_curve
from archgraph.exporters.pictures.view import ViewEdge
from archgraph.exporters.pictures.writers.arrows import arrowhead

EDGE = ViewEdge("a", "b", "data", 0, "")
PAINT = Paint(None, "#000000", 1.3)

spans = st.floats(5, 200)
sides = st.floats(-300, 300)


def line_of(curve):
    """Return the curve as shapely has it, by svg.path's reading of its path."""
    path = f"M{curve.start[0]},{curve.start[1]}"
    for segment in curve.segments:
        path += ("L" if len(segment) == 1 else "C") + " ".join(f"{x},{y}" for x, y in segment)
    parts = list(parse_path(path))[1:]
    points = [part.point(step / 60) for part in parts for step in range(61)]
    return LineString([(point.real, point.imag) for point in points])


def checked(wire):
    curve = Curve(wire.start, wire.segments, PAINT, True)
    shaft, head = arrowhead(curve)
    tip, one, other = head.points
    foot = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
    assert tip == curve.points[-1]
    assert 0.7 * 4.0 < dist(tip, foot) <= 4.0 + 2.0 * PAINT.width + 1e-6
    assert line_of(shaft).distance(Point(foot)) < 0.6
    # The line's blunt end is under the head.
    assert 0.1 < dist(shaft.points[-1], tip) <= dist(tip, foot) + 1e-6


@settings(max_examples=200, deadline=None)
@given(spans, sides)
def test_a_curve_goes_into_its_head(long, aside):
    checked(s_curve(EDGE, (0.0, 0.0), (long, aside)))


@settings(max_examples=200, deadline=None)
@given(st.floats(6, 40), sides.filter(lambda x: abs(x) > 6), st.floats(5, 30))
def test_a_line_round_a_corner_goes_into_its_head(out, aside, last):
    checked(rounded(EDGE, [(0.0, 0.0), (out, 0.0), (out, aside), (out + last, aside)]))


@pytest.mark.parametrize("long", [4.5, 5.0, 6.0, 8.0])
def test_a_head_is_shorter_than_its_line(long):
    _, head = arrowhead(Curve((0.0, 0.0), (((long, 0.0),),), PAINT, True))
    assert dist(head.points[0], head.points[1]) < long


def test_a_head_has_its_usual_size_where_there_is_room():
    shaft, head = arrowhead(Curve((0.0, 0.0), (((0.0, 50.0),),), PAINT, True))
    assert [point[1] for point in head.points] == pytest.approx([50.0, 43.4, 43.4])
    assert shaft.points[-1] == pytest.approx((0.0, 50 - 0.8 * 6.6))
