"""An encoder meets its decoder: in a row for each size of maps, skips straight across."""

from __future__ import annotations

import pytest

import archgraph as ag
from archgraph import ops
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.writers.svg import svg_text
from bench.reading_svg import read


def picture_of(net, **options):
    (page,) = drawings(net, pages=False, **options)
    return read(svg_text(page))


def test_a_u_net_of_all_operators_is_one_slide():
    picture = picture_of(ag.load("unet"), level="layer")
    assert len(picture.nodes) > 40
    crops = [
        line
        for line in picture.lines
        if picture.nodes[line.source].words[0].text == "copy and crop"
    ]
    assert len(crops) == 4
    assert all(map(is_straight_across, crops))


def pyramid(down):
    """Return a network that halves its maps ``down`` times and joins each with what comes up."""
    b = ag.Builder("pyramid", input=(3, 64, 64))
    x = b.input
    found = []
    for index in range(down):
        x = b.conv(f"down{index}", x, 16, 3, stride=2, padding=1)
        found.append((f"side{index}", b.conv(f"side{index}", x, 8, 1)))
    _, up = found.pop()
    for name, side in reversed(found):
        up = b.add(f"resize_{name}", ops.Resize(scale=(2, 2)), up)
        up = b.sum(f"add_{name}", side, up)
    return b.build(b.conv("head", up, 1, 1))


def is_straight_across(line):
    heights = [y for _, y in line.points]
    return max(heights) - min(heights) < 0.1 and line.points[0][0] < line.points[-1][0]


@pytest.mark.parametrize("name", ["unet", "unet_bn"])
def test_a_u_net_looks_like_a_u(name):
    picture = picture_of(ag.load(name), level="block")
    boxes = {key: node.box for key, node in picture.nodes.items()}
    downs = ["inc.block", *(f"down{i}.maxpool_conv.1.block" for i in (1, 2, 3))]
    ups = [f"up{i}.up.block" for i in (4, 3, 2, 1)]
    bottom = boxes["down4.maxpool_conv.1.block"]
    for down, up in zip(downs, ups, strict=True):
        (skip,) = [line for line in picture.lines if (line.source, line.target) == (down, up)]
        assert is_straight_across(skip)
        assert boxes[down].right < boxes[up].x
        assert boxes[down].bottom < bottom.y
    middles = [boxes[key].y for key in downs]
    assert middles == sorted(middles)


@pytest.mark.parametrize("down", [3, 4, 5])
def test_a_pyramid_has_a_row_for_each_size(down):
    net = pyramid(down)
    picture = picture_of(net, level="layer")
    sides = {}
    for key, node in picture.nodes.items():
        if key in net and net.op(key).family != "resampling":
            sides.setdefault(net.nodes[key]["shape"][-1], []).append(node.box)
    tops = [min(box.y for box in sides[side]) for side in sorted(sides, reverse=True)]
    ends = [max(box.bottom for box in sides[side]) for side in sorted(sides, reverse=True)]
    assert all(end < top for end, top in zip(ends, tops[1:], strict=False))
    for line in picture.lines:
        if line.source.startswith("side") and line.target.startswith("add"):
            assert is_straight_across(line)


def test_the_columns_of_an_encoder_stand_left_of_its_decoder():
    picture = picture_of(pyramid(4), level="layer")
    boxes = {key: node.box for key, node in picture.nodes.items()}
    encoder = max(boxes[f"side{index}"].right for index in range(3))
    assert encoder <= min(boxes[f"add_side{index}"].x for index in range(3))
