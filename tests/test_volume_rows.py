"""Volumes of an encoder and a decoder: rows by map size, as in the U-Net paper's figure 1."""

from __future__ import annotations

import itertools

import pytest
from measure_canvas import canvas_is_used
from measure_volumes import MAP_ROWS, picture_of
from test_volumes_measured import (
    edges_follow_the_documented_scale,
    everything_is_on_the_canvas,
    lines_pass_foreign_volumes,
    no_line_strikes_a_word_through,
    sizes_are_readable,
    volumes_hide_only_where_they_touch,
    words_do_not_cover_each_other,
    words_stand_off_the_volumes,
)

import archgraph as ag


@pytest.mark.parametrize("level", ["stage", "block", "layer"])
@pytest.mark.parametrize("name", sorted(MAP_ROWS))
def test_rows_of_volumes_can_be_read(name, level):
    picture, found = picture_of(name, level=level)
    assert picture.level == level
    sizes_are_readable(picture)
    words_do_not_cover_each_other(picture)
    words_stand_off_the_volumes(picture, found)
    no_line_strikes_a_word_through(picture)
    everything_is_on_the_canvas(picture, found)
    volumes_hide_only_where_they_touch(found)
    lines_pass_foreign_volumes(picture, found)
    edges_follow_the_documented_scale(found, {key: v.shape for key, v in found.items()})
    if level != "stage":  # a column for each way
        points = [p for volume in found.values() for face in volume.faces for p in face]
        canvas_is_used(picture, points, "volumes", name, level, "16:9")


def test_a_u_net_is_the_papers_u():
    """Figure 1 of Ronneberger, Fischer and Brox (2015): its maps, and where they stand."""
    picture, found = picture_of("unet")
    maps = [volume.shape[1] for volume in found.values()]
    assert maps == [572, 568, 280, 136, 64, 28, 56, 52, 104, 100, 200, 196, 392, 388, 388]
    places = {key: volume.node.box for key, volume in found.items()}
    down = [places[f"down{n}.maxpool_conv.1.block"] for n in (1, 2, 3, 4)]
    up = [places[f"up{n}.conv.block"] for n in (1, 2, 3, 4)]
    for upper, lower in itertools.pairwise(down):
        assert upper.bottom < lower.y
    for lower, upper in itertools.pairwise(up):
        assert upper.bottom < lower.y
        assert upper.x > lower.x
    skips = [("inc.block", 4), *((f"down{n}.maxpool_conv.1.block", 4 - n) for n in (1, 2, 3))]
    lines = {(line.source, line.target): line.points for line in picture.lines}
    for source, number in skips:
        points = lines[source, f"up{number}.up.block"]
        assert len({y for _, y in points}) == 1  # straight across
        assert points[0][0] < points[-1][0]
    words = [word.text for word in picture.words]
    assert words.count("max pooling") == words.count("2×2 up-conv") == 4
    assert words.count("crop and concat") == 4


def test_every_edge_between_volumes_is_drawn():
    picture, found = picture_of("unet_bn", level="layer")
    net = ag.load("unet_bn")
    drawn = {(line.source, line.target) for line in picture.lines}
    for name in found:
        if name.endswith(".concat"):
            assert len([edge for edge in drawn if edge[1] == name]) == len(net.inputs_of(name)) == 2
    assert all({source, target} <= found.keys() for source, target in drawn)


@pytest.mark.parametrize("fit", ["column", "page"])
def test_a_papers_u_net_stands_in_rows(tmp_path, fit):
    """Where the lowest figure of that width is too low, a higher one is tried."""
    path = ag.draw("unet", tmp_path / "u.svg", style="volumes", fit=fit)
    text = path.read_text("utf-8")
    assert text.count(">crop and concat<") == 4


def test_a_canvas_too_small_for_rows_is_what_is_said(tmp_path):
    with pytest.raises(ag.ArchGraphError, match=r"'unet' does not fit .* use fit='page'"):
        ag.draw("unet", tmp_path / "u.svg", style="volumes", fit="200x150")
