"""Networks side by side: one scale, stages aligned, what differs marked."""

from __future__ import annotations

import warnings

import pytest
from measure_svg import read
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
from archgraph.exporters.pictures.draw import CANVASES
from archgraph.exporters.pictures.svg import write
from archgraph.exporters.pictures.together import drawings

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


def drawn(names, level="block", fit="16:9"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some pairs are drawn at a coarser level
        (page,) = drawings([ag.load(n) for n in names], level=level, size=CANVASES[fit])
    return page, read(write(page))


def marked(page):
    return {group.id.removeprefix("differs ") for group in page.groups("mark")}


@pytest.mark.parametrize("fit", ["16:9", "a4", "none"])
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
    # The 1×1 convolution and the pool read the same input in both; all else has changed.
    same = {"input", "branch1", "branch4"}
    assert marked(page) == {n for n in picture.nodes if n.partition("/")[2] not in same}


def test_a_network_beside_itself_has_no_marks():
    page, picture = drawn(("lenet5", "lenet5"))
    assert marked(page) == set()
    assert len(picture.nodes) % 2 == 0


def test_a_coarser_level_is_announced():
    with pytest.warns(UserWarning, match="drawn at stage level, because block level does not fit"):
        drawings([ag.load("alexnet"), ag.load("vgg16")])


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png", "pptx", "tex"])
def test_the_command_writes_every_format(suffix, tmp_path):
    file = tmp_path / f"compared.{suffix}"
    assert main(["draw", "plain34", "resnet34", "-o", str(file), "--theme", "print"]) == 0
    assert file.stat().st_size > 5000


def test_what_cannot_be_drawn_side_by_side_is_refused(tmp_path, capsys):
    for suffix in ("dot", "html"):
        file = tmp_path / f"x.{suffix}"
        assert main(["draw", "lenet5", "alexnet", "-o", str(file)]) == 1
        assert f"a .{suffix} file shows one network" in capsys.readouterr().err
        assert not file.exists()


def test_two_networks_of_one_title_bear_their_names(tmp_path):
    path = ag.draw([ag.load("resnet50"), ag.load("resnet50_v1")], tmp_path / "x.svg")
    text = path.read_text(encoding="utf-8")
    assert "ResNet-50 (resnet50)" in text
    assert "ResNet-50 (resnet50_v1)" in text
