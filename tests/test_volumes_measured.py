"""Volumes of the whole gallery: measured from the written SVG, as a reader sees them."""

from __future__ import annotations

import itertools
import re
from math import sqrt

import networkx as nx
import pytest
from measure_canvas import canvas_is_used
from measure_volumes import NETWORKS, picture_of, touching, within
from shapely.geometry import LineString, Polygon
from shapely.ops import unary_union

import archgraph as ag
from archgraph import ops
from archgraph.structure import cut

LABEL, NUMBER = 9.0, 7.0
AWAY, UP = 0.40, 0.28
"""The documented shortening of depth, to the right and upwards."""
ROUNDED = 0.06
"""How far rounded coordinates of one place may lie apart, in points."""
PASSING = (
    *(ops.Flatten, ops.Reshape, ops.Dropout, ops.Identity),
    *(ops.ReLU, ops.BatchNorm2d, ops.LocalResponseNorm, ops.Softmax),
)
"""What stands behind the operator before it, and is not drawn for itself."""


@pytest.mark.parametrize("fit", ["16:9", "a4"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_picture_of_volumes_can_be_read(name, fit):
    picture, found = picture_of(name, fit)
    sizes_are_readable(picture)
    words_do_not_cover_each_other(picture)
    words_stand_off_the_volumes(picture, found)
    no_line_strikes_a_word_through(picture)
    everything_is_on_the_canvas(picture, found)
    points = [p for volume in found.values() for face in volume.faces for p in face]
    canvas_is_used(picture, points, "volumes", name, picture.level, fit)
    it_shows_the_network(name, picture, found)


@pytest.mark.parametrize("level", ["stage", "block", "layer"])
@pytest.mark.parametrize("name", NETWORKS)
def test_volumes_of_every_level_are_the_network(name, level):
    picture, found = picture_of(name, "none", level=level)
    assert picture.level == level
    it_shows_the_network(name, picture, found)


def it_shows_the_network(name, picture, found):
    volumes_hide_only_where_they_touch(found)
    lines_pass_foreign_volumes(picture, found)
    volumes_follow_each_other(found)
    net = ag.load(name).inference()
    made = makers(net, picture.level, found)
    shapes = {key: net.nodes[maker]["shape"] for key, maker in made.items()}
    assert {key: volume.shape for key, volume in found.items()} == shapes
    volumes_stand_in_the_networks_order(net, found, made)
    edges_follow_the_documented_scale(found, shapes)
    numbers_are_the_shapes(net, picture.level, found, shapes)


def makers(net, level, found):
    """Return the operator whose output each volume is, by the names of stages, blocks, layers."""
    groups = cut(net, level)
    place = {name: index for index, name in enumerate(net.topological())}
    made = {}
    for key in found:
        told = [name for name in groups[key] if not isinstance(net.op(name), PASSING)]
        made[key] = max(told, key=place.__getitem__)
    return made


def sizes_are_readable(picture):
    assert min(word.size for word in picture.words) >= NUMBER
    names = [word.size for node in picture.nodes.values() for word in node.words[-1:]]
    assert max(names) >= LABEL


def words_do_not_cover_each_other(picture):
    for one, other in itertools.combinations(picture.words, 2):
        assert not one.box.overlaps(other.box, slack=0.3), (one.text, other.text)


def words_stand_off_the_volumes(picture, found):
    """Only a name on its volume's front and a kernel's size on a right face cover a volume."""
    for word in picture.words:
        box = word.box
        points = [
            (box.x + 0.6 + (box.width - 1.2) * a / 8, box.y + 0.6 + (box.height - 1.2) * b / 3)
            for a in range(9)
            for b in range(4)
        ]
        on = set()
        for volume in found.values():
            for number, face in enumerate(volume.faces):
                inside = [within(point, face) for point in points]
                if any(inside):
                    assert all(inside), (word.text, volume.id)
                    on.add(number)
        assert len(on) < 2, word.text
        assert 1 not in on, word.text
        assert 2 not in on or re.fullmatch(r"\d+×\d+", word.text), word.text


def no_line_strikes_a_word_through(picture):
    """Only the traffic between devices stands on its lines, on a ground of its own."""
    for line in picture.lines:
        for start, end in itertools.pairwise(line.points):
            for step in range(101):
                x = start[0] + (end[0] - start[0]) * step / 100
                y = start[1] + (end[1] - start[1]) * step / 100
                for word in picture.words:
                    box = word.box
                    inside = box.x + 0.8 < x < box.right - 0.8 and box.y + 2 < y < box.bottom - 2
                    assert not inside or re.search("iB$|each way", word.text), word.text


def everything_is_on_the_canvas(picture, found):
    points = [p for volume in found.values() for face in volume.faces for p in face]
    points += [p for line in picture.lines for p in line.points]
    for word in picture.words:
        points += [(word.box.x, word.box.y), (word.box.right, word.box.bottom)]
    assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in points)


def volumes_hide_only_where_they_touch(found):
    """Of what is painted earlier only a right face is hidden, by the volume that stands at it."""
    painted = list(found.values())
    for number, volume in enumerate(painted[:-1], 1):
        hidden = volume.outline.intersection(unary_union([v.outline for v in painted[number:]]))
        if not touching(volume, painted[number]):
            assert hidden.area == 0, volume.id
            continue
        side, nearer = Polygon(volume.side), painted[number].outline
        assert side.difference(nearer.buffer(ROUNDED)).area == 0, volume.id
        assert hidden.difference(side.buffer(ROUNDED)).area == 0, volume.id


def lines_pass_foreign_volumes(picture, found):
    """No line between two volumes runs over what is seen of a third."""
    painted = list(found.values())
    for number, volume in enumerate(painted, 1):
        nearer = unary_union([v.outline for v in painted[number:]]).buffer(ROUNDED)
        seen = volume.outline.difference(nearer)
        for line in picture.lines:
            if volume.id not in (line.source, line.target):
                across = LineString(line.points).intersection(seen).length
                assert across == 0, (line.source, line.target, volume.id)


def volumes_follow_each_other(found):
    """Left to right, row by row; the lanes of several devices share their places."""
    devices = {volume.device for volume in found.values()}
    for device in devices:
        lane = [v for v in found.values() if v.device in (device, None)]
        for before, after in itertools.pairwise(lane):
            right = after.node.box.x >= before.node.box.right - 0.05
            assert right or after.node.box.y > before.node.box.bottom, (before.id, after.id)
            assert right or devices == {None}, (before.id, after.id)


def volumes_stand_in_the_networks_order(net, found, made):
    """Data flows from each volume's operator to the next one's; each device is a chain."""
    for device in {volume.device for volume in found.values()}:
        lane = [key for key, v in found.items() if v.device in (device, None)]
        for before, after in itertools.pairwise(lane):
            assert nx.has_path(net, made[before], made[after]), (before, after)


def edges_follow_the_documented_scale(found, shapes):
    """Every edge is as long as the square root of its extent, times one unit for its kind."""
    units = {"channels": [], "heights": [], "widths": [], "features": []}
    for key, volume in found.items():
        box, shape = volume.node.box, shapes[key]
        assert volume.rise / volume.depth == pytest.approx(UP / AWAY, rel=0.02)
        if len(shape) == 1:
            units["features"].append((box.height, sqrt(shape[0])))
            continue
        channels, height, width = shape
        units["channels"].append((box.width, sqrt(channels)))
        units["heights"].append((box.height, sqrt(height)))
        units["widths"].append((volume.depth / AWAY, sqrt(width)))
    unit = {kind: max(pairs)[0] / max(pairs)[1] for kind, pairs in units.items() if pairs}
    for kind, pairs in units.items():
        for drawn, wanted in pairs:
            assert drawn == pytest.approx(unit[kind] * wanted, rel=0.02, abs=0.06)
    # Maps may be drawn higher to fill the canvas, but their form stays.
    assert 0.98 <= unit["heights"] / unit["widths"] <= 1.38


def numbers_are_the_shapes(net, level, found, shapes):
    """The numbers at the edges are the operators' shapes, each at its edge."""
    for volumes in at_each_other(found):
        first, shape = volumes[0], shapes[volumes[0].id]
        words = [w for v in volumes for w in v.node.words if re.fullmatch(r"[\d ×]+", w.text)]
        box = first.node.box
        if len(shape) == 3:
            (height, width), words = words[:2], words[2:]
            assert (height.text, width.text) == (str(shape[1]), str(shape[2])), first.id
            assert height.box.right <= box.x
            assert box.y <= height.box.bottom <= box.bottom + height.size
            assert width.box.right <= box.x + first.depth
            assert box.y - first.rise - width.size <= width.box.y < box.y
        below = []
        for word in words:
            times, _, channels = word.text.rpartition(" × ")
            below += [int(channels)] * int(times or 1)
            middle = word.box.x + word.box.width / 2
            assert box.x <= middle <= volumes[-1].node.box.right
            assert word.box.y >= box.bottom
        wanted = [shapes[v.id][0] for v in volumes for _ in stands_for(net, level, v, found)]
        assert below == wanted, first.id


def at_each_other(found):
    """Return the volumes that touch each other together, and those that stand alone."""
    groups = []
    for volume in found.values():
        if groups and touching(groups[-1][-1], volume):
            groups[-1].append(volume)
        else:
            groups.append([volume])
    return groups


def stands_for(net, level, volume, found):
    """Return the groups that a volume stands for, which its title says: "conv3_2–8 × 7"."""
    times = re.search(r" × (\d+)$", volume.node.title.split("\n")[0])
    keys = list(cut(net, level))
    start = keys.index(volume.id)
    behind = keys[start : start + (int(times[1]) if times else 1)]
    shapes = {net.nodes[cut(net, level)[key][-1]]["shape"] for key in behind}
    assert len(shapes) == 1, (volume.id, behind)
    assert not set(behind[1:]) & set(found), behind
    return behind


LAYERS = (ops.Input, ops.Conv2d, ops.MaxPool2d, ops.AvgPool2d, ops.AdaptiveAvgPool2d, ops.Linear)


@pytest.mark.parametrize(
    "name", ["alexnet_two_gpu", "alexnet", "zfnet", "vgg16", "vgg19_bn", "lenet5", "plain34"]
)
def test_every_layer_of_a_chain_is_a_volume(name):
    """Also where layers run on two devices; a pool that leaves its maps as they are is none."""
    net = ag.load(name)
    _, found = picture_of(name, "none", level="layer")
    layers = [node for node in net.topological() if isinstance(net.op(node), LAYERS)]
    wanted = [net.nodes[node]["shape"] for node in layers if not leaves_maps(net, node)]
    assert sorted(volume.shape for volume in found.values()) == sorted(wanted)


def leaves_maps(net, node):
    """Return whether an adaptive pool gives what it is given."""
    if not isinstance(net.op(node), ops.AdaptiveAvgPool2d):
        return False
    (before,) = net.reads(node)
    return net.nodes[node]["shape"] == net.nodes[before]["shape"]
