"""Networks side by side: one scale, stages aligned, what differs marked."""

from __future__ import annotations

import re
import warnings

import pytest
from measure_canvas import canvas_is_used
from test_pictures import (
    boxes_do_not_overlap,
    everything_is_on_the_canvas,
    lines_avoid_foreign_boxes,
    sizes_are_readable,
    words_do_not_cover_each_other,
    words_stay_in_their_boxes,
)

import archgraph as ag
from archgraph.cli import main
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.drawing import Group
from archgraph.exporters.pictures.writers.svg import svg_text
from bench.reading_svg import read

PAIRS = [
    ("plain34", "resnet34"),
    ("inception_naive", "inception_reduced"),
    ("alexnet", "vgg16"),
    ("resnet18", "resnet34"),
    ("resnet50_v1", "resnet50"),
    ("vgg16", "vgg16_bn"),
    ("googlenet", "resnet50"),
    ("alexnet", "zfnet", "vgg11"),
    ("lenet5", "lenet5"),
]

LARGEST = 15.9
"""Points beyond which text does not grow."""


def drawn(names, level="block", fit="16:9"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some pairs are drawn at a coarser level
        (page,) = drawings([ag.load(n) for n in names], level=level, fit=fit)
    return page, read(svg_text(page))


def marked(page):
    return {group.id.removeprefix("differs ") for group in page.groups("mark")}


@pytest.mark.parametrize("fit", ["16:9", "4:3", "a4", "none"])
@pytest.mark.parametrize("level", ["stage", "block"])
@pytest.mark.parametrize("names", PAIRS, ids="-".join)
def test_networks_side_by_side_can_be_read(names, level, fit):
    _, picture = drawn(names, level, fit)
    sizes_are_readable(picture)
    words_stay_in_their_boxes(picture)
    boxes_do_not_overlap(picture)
    lines_avoid_foreign_boxes(picture)
    words_do_not_cover_each_other(picture)
    everything_is_on_the_canvas(picture)
    largest = max(word.size for node in picture.nodes.values() for word in node.words)
    if fit != "none" and largest < LARGEST:
        boxes = [node.box for node in picture.nodes.values()]
        points = [p for box in boxes for p in ((box.x, box.y), (box.right, box.bottom))]
        canvas_is_used(picture, points, "together", "-".join(names), level, fit)


def test_equal_stages_of_plain_and_residual_network_stand_at_the_same_place():
    _, picture = drawn(("plain34", "resnet34"))
    for block in ("conv1.block", "layer1.0", "layer2.0", "layer3.0", "layer4.0", "fc"):
        one, other = (picture.nodes[f"{net}/{block}"].box for net in ("plain34", "resnet34"))
        assert one.x == pytest.approx(other.x, abs=0.1)
        assert one.width == pytest.approx(other.width, abs=0.1)
        assert one.bottom < other.y


def test_what_differs_is_marked_and_nothing_else():
    page, picture = drawn(("plain34", "resnet34"))
    blocks = {name for name in picture.nodes if "/layer" in name}
    assert marked(page) == blocks
    page, picture = drawn(("inception_naive", "inception_reduced"))
    # The 1×1 convolution and the pool read the same input in both, and what concat gives only
    # follows from what it reads; all else has changed.
    same = {"input", "branch1", "branch4", "branch4.0", "concat"}
    assert marked(page) == {n for n in picture.nodes if n.partition("/")[2] not in same}


def test_a_network_beside_itself_has_no_marks():
    page, picture = drawn(("lenet5", "lenet5"))
    assert marked(page) == set()
    assert len(picture.nodes) % 2 == 0


def test_a_coarser_level_is_announced():
    with pytest.warns(UserWarning, match="drawn at stage level, because block level does not fit"):
        drawings([ag.load(name) for name in ("alexnet", "zfnet", "vgg16")], level="block")


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png", "pptx", "tex"])
def test_the_command_writes_every_format(suffix, tmp_path):
    file = tmp_path / f"compared.{suffix}"
    assert main(["draw", "plain34", "resnet34", "-o", str(file), "--theme", "print"]) == 0
    assert file.stat().st_size > 5000


@pytest.mark.parametrize("names", PAIRS, ids="-".join)
def test_every_network_has_its_name_and_totals(names):
    page, _ = drawn(names)
    headings = list(page.groups("heading"))
    assert len(headings) == len(names)
    bases = {round(words.y, 1) for group in headings for words in group.items}
    for name, group in zip(names, headings, strict=True):
        title, totals = (item.text for item in group.items)
        assert title.startswith(ag.load(name).graph["title"])
        assert re.fullmatch(r"[\d.]+ [kM] parameters · [\d.]+ [kMG] MACs", totals)
    # Beside each other they stand on one line, or all on two; below each other, on one each.
    assert len(bases) in (1, 2, len(names))


def test_vgg_and_alexnet_fit_on_a_slide_layer_by_layer():
    page, picture = drawn(("vgg16", "alexnet"))
    assert {"vgg16/fc7", "alexnet/conv4", "alexnet/fc7"} <= set(picture.nodes)
    assert page.title == "VGG-16 and AlexNet"
    frames = {group.id.partition(" ")[2]: group.title for group in page.groups("cluster")}
    assert list(frames.values()).count("conv3–conv5") == 1
    for group in page.groups("cluster"):
        box = group.items[0]
        first = picture.nodes["alexnet/input"].box
        assert not (box.x < first.x < box.x + box.width and box.y < first.y < box.y + box.height)


def test_marks_lie_below_arrows():
    page, _ = drawn(("plain34", "resnet34"))
    kinds = [group.classes[0] for group in page.items if isinstance(group, Group)]
    last = max(at for at, kind in enumerate(kinds) if kind == "mark")
    assert last < min(at for at, kind in enumerate(kinds) if kind == "edge")


def test_lone_blocks_are_opened(tmp_path):
    nets = [ag.load("resnet50/layer1.0"), ag.load("googlenet/inception3a")]
    text = ag.draw(nets, tmp_path / "x.svg").read_text(encoding="utf-8")
    assert "3×3 conv, 64" in text
    assert "concat" in text
    assert "ResNet-50: conv2_1 and GoogLeNet: Inception 3a" in text


def test_the_flow_runs_one_way_in_all():
    page, _ = drawn(("googlenet", "googlenet_bn"), level="stage")
    boxes = {group.id: group.items[0] for group in page.groups("node")}
    ways = []
    for name in ("googlenet", "googlenet_bn"):
        first, second = boxes[f"{name}/input"], boxes[f"{name}/stem"]
        ways.append(first.y + first.height < second.y)
    assert len(set(ways)) == 1


def test_three_networks_have_commas_in_their_title():
    page, _ = drawn(("alexnet", "zfnet", "vgg11"))
    assert page.title == "AlexNet, ZFNet and VGG-11"


def test_what_cannot_be_drawn_side_by_side_is_refused(tmp_path, capsys):
    for suffix in ("dot", "html"):
        file = tmp_path / f"x.{suffix}"
        assert main(["draw", "lenet5", "alexnet", "-o", str(file)]) == 1
        assert f"a .{suffix} file shows one network" in capsys.readouterr().err
        assert not file.exists()


def test_two_networks_of_one_title_bear_their_names(tmp_path):
    other = ag.load("resnet50_v1")
    assert other.graph["title"] == "ResNet-50 v1"
    other.graph["title"] = "ResNet-50"
    path = ag.draw([ag.load("resnet50"), other], tmp_path / "x.svg")
    text = path.read_text(encoding="utf-8")
    assert "ResNet-50 (resnet50)" in text
    assert "ResNet-50 (resnet50_v1)" in text
