"""Volumes in perspective: what they show of single networks, and what they refuse."""

from __future__ import annotations

import re
import warnings

import pytest
from measure_canvas import canvas_is_used
from measure_volumes import BRANCHING, NO_ROW, picture_of
from test_volumes_measured import (
    edges_follow_the_documented_scale,
    everything_is_on_the_canvas,
    sizes_are_readable,
    words_do_not_cover_each_other,
)

import archgraph as ag
from archgraph.errors import DrawError
from archgraph.exporters.pictures.draw import draw, drawings
from archgraph.exporters.pictures.volumes.from_graph import build_volumes
from archgraph.exporters.pictures.writers.svg import svg_text


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        # Figure 2 of the 2012 paper for one GPU; table 1 of the 2014 paper, configuration D.
        (
            "alexnet_grouped",
            "3×227×227 96×55×55 256×27×27 384×13×13 384×13×13 256×13×13 4096 4096 1000",
        ),
        (
            "vgg16",
            "3×224×224 64×224×224 64×224×224 128×112×112 128×112×112 256×56×56 256×56×56 "
            "256×56×56 512×28×28 512×28×28 512×28×28 512×14×14 512×14×14 512×14×14 4096 4096 1000",
        ),
        ("lenet5", "1×32×32 6×28×28 16×10×10 120 84 10"),
    ],
)
def test_the_volumes_are_the_papers(name, wanted):
    _, found = picture_of(name)
    assert ["×".join(map(str, volume.shape)) for volume in found.values()] == wanted.split()


def test_what_happens_between_volumes_is_written_there():
    picture, _ = picture_of("alexnet")
    words = [word.text for word in picture.words]
    # conv1 to conv5 have kernels of 11, 5, 3, 3, 3; three pools; three dense layers.
    assert sorted(w for w in words if re.fullmatch(r"\d+×\d+", w)) == [
        "11×11", "3×3", "3×3", "3×3", "5×5",
    ]  # fmt: skip
    assert words.count("max pooling") == 3
    assert words.count("dense") == 3
    assert words.count("stride of 4") == 1


def test_a_kernel_behind_a_pooling_is_not_taken_for_the_poolings():
    # Simonyan and Zisserman (2015), 2.1: poolings are 2×2, convolutions 3×3.
    links = {(link.source, link.target): link for link in build_volumes(ag.load("vgg16")).links}
    told = [
        link.kernel for link in links.values() if "max pooling" in link.words and not link.dense
    ]
    assert told == ["3×3 conv"] * 4
    assert {link.kernel for link in links.values() if not link.words} == {"3×3"}


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("resnet18", "square roots of sizes"),
        ("googlenet", "without auxiliary heads"),
        ("vgg11", "square roots of sizes"),
    ],
)
def test_what_volumes_leave_out_is_said(name, missing):
    picture, _ = picture_of(name)
    assert any(word.text.endswith(missing) for word in picture.words)


def test_shortcuts_are_arcs_over_the_blocks():
    """Table 1 of He and others (2016): two blocks a stage, three of which halve the maps."""
    picture, found = picture_of("resnet18")
    arcs = [line for line in picture.lines if line.kind in ("shortcut", "projection")]
    halved = [line.target for line in arcs if line.kind == "projection"]
    assert len(arcs) == 8
    assert [found[name].shape[0] for name in halved] == [128, 256, 512]
    for arc in arcs:
        ends = [found[name] for name in (arc.source, arc.target)]
        assert min(y for _, y in arc.points) < min(end.top[1][1] for end in ends)
        for (x, y), end in zip((arc.points[0], arc.points[-1]), ends, strict=True):
            assert end.top[1][0] < x < end.top[2][0]
            assert end.top[1][1] - 8 < y < end.top[1][1] + 0.1  # but for the head
    picture, _ = picture_of("resnet18", level="stage")
    assert any(word.text.endswith("without shortcuts") for word in picture.words)
    picture, _ = picture_of("plain18")
    assert not any("shortcuts" in word.text for word in picture.words)


def test_poolings_are_volumes_at_layer_level():
    _, found = picture_of("alexnet", level="layer")
    pools = [volume.shape for volume in found.values() if volume.node.classes[1] == "pool"]
    assert pools == [(64, 27, 27), (192, 13, 13), (256, 6, 6)]


def test_the_two_lanes_show_each_half_and_where_they_cross():
    picture, found = picture_of("alexnet_two_gpu")
    lanes = [[v for v in found.values() if f".lane{lane}." in v.id] for lane in (0, 1)]
    for lane in lanes:
        assert [v.shape[0] for v in lane] == [48, 128, 192, 192, 128, 2048, 2048]
    for upper, lower in zip(*lanes, strict=True):
        assert upper.node.box.bottom < lower.side[1][1]
        assert upper.node.box.x == pytest.approx(lower.node.box.x)
    crossing = {line.target.split(".")[0] for line in picture.lines if line.kind == "crossing"}
    assert crossing == {"conv3", "fc6", "fc7", "fc8"}
    both = [line.target for line in picture.lines if line.source == "input"]
    assert {target.split(".")[1] for target in both} == {"lane0", "lane1"}
    # The pooled maps of one GPU: 128 · 13 · 13 · 4 bytes.
    assert any(word.text == "84.5 KiB" for word in picture.words)
    input_, last = found["input"].node.box, found["fc8"].node.box
    assert lanes[0][0].node.box.y < input_.y + input_.height / 2 < lanes[1][0].node.box.bottom
    assert lanes[0][-1].node.box.right < last.x


def test_a_branching_network_shows_what_all_its_data_passes_through():
    _, found = picture_of("googlenet")
    modules = [v.shape for v in found.values() if v.id.startswith("inception")]
    # facts of the 2014 paper, table 1
    assert [shape[0] for shape in modules] == [256, 480, 512, 512, 512, 528, 832, 832, 1024]
    _, found = picture_of("resnet18", level="layer")
    assert [v.shape[0] for v in found.values()] == [
        3, 64, 64, 64, 64, 128, 128, 256, 256, 512, 512, 512, 1000,
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(NO_ROW))
def test_a_network_without_a_row_of_volumes_is_refused_in_one_sentence(name):
    with pytest.raises(DrawError, match=f"'{name}' .*use style='layout'"):
        drawings(ag.load(name), style="volumes")


@pytest.mark.parametrize("name", sorted(BRANCHING))
def test_a_network_without_a_chain_is_refused_in_one_sentence(name):
    with pytest.raises(DrawError, match="its branches meet only at its end; use style='layout'"):
        drawings(ag.load(name), style="volumes")


def test_equal_blocks_are_drawn_once_where_there_are_too_many():
    picture, found = picture_of("resnet152")
    assert len(found) < 20
    assert any(word.text.endswith("× 1024") for word in picture.words)


def test_a_level_that_does_not_fit_is_drawn_coarser_and_says_so():
    b = ag.Builder("long", input=(3, 300, 300))
    x = b.input
    for number in range(240):
        with b.stage(f"part{number // 80}", f"part{number // 80}"):
            x = b.conv(f"conv{number}", x, 8 + number % 3, 3, padding=number % 2)
    net = b.build(x)
    with pytest.warns(UserWarning, match="'long' at layer level does not fit.*stage level"):
        _, found = picture_of(net, level="layer")
    assert len(found) == 4


def test_own_networks_of_any_form_are_drawn():
    b = ag.Builder("mlp", input=(64,))
    net = b.build(b.linear("out", b.relu("relu", b.linear("hidden", b.input, 128)), 10))
    picture, found = picture_of(net)
    assert [v.shape for v in found.values()] == [(64,), (128,), (10,)]
    everything_is_on_the_canvas(picture, found)

    b = ag.Builder("wide", input=(3, 40, 120))
    x = b.conv("first", b.input, 16, (3, 5), (1, 2), label='</g><b>"&한국어' + "x" * 300)
    net = b.build(b.conv("second", x, 32, 3))
    picture, found = picture_of(net)
    edges_follow_the_documented_scale(found, {key: net.nodes[key]["shape"] for key in found})
    everything_is_on_the_canvas(picture, found)
    words_do_not_cover_each_other(picture)
    words = [word.text for word in picture.words]
    assert any("stride of 1×2" in word for word in words)
    assert any("3×5" in word for word in words)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("color", ["op", "macs", "device"])
def test_names_on_volumes_stand_out(theme, color):
    from test_pictures import contrast

    name = "alexnet_two_gpu" if color == "device" else "vgg11"
    (page,) = drawings(ag.load(name), style="volumes", theme=theme, color=color)
    for group in page.groups("node"):
        fill = group.items[0].paint.fill
        for item in group.items[3:]:
            ground = fill if item.rotate else page.background
            assert contrast(ground, item.color) >= 4.5, (group.id, item.text)
    sides = {group.id: group.items[2].paint.fill for group in page.groups("node")}
    for group in page.groups("edge"):
        for item in group.items:
            if re.fullmatch(r"\d+×\d+", getattr(item, "text", "")) and item.color != soft(theme):
                assert contrast(sides[group.ends[0]], item.color) >= 4.5, group.id


def soft(theme):
    from archgraph.exporters.pictures.look.theme import THEMES

    return THEMES[theme].soft


def test_the_same_network_gives_the_same_bytes():
    one, two = (
        svg_text(drawings(ag.load("alexnet_two_gpu"), style="volumes")[0]) for _ in range(2)
    )
    assert one == two


@pytest.mark.parametrize("fit", ["4:3", "none"])
def test_every_canvas_holds_the_volumes(fit):
    for name in ("alexnet", "vgg16", "alexnet_two_gpu"):
        picture, found = picture_of(name, fit)
        everything_is_on_the_canvas(picture, found)
        words_do_not_cover_each_other(picture)
        sizes_are_readable(picture)
        if fit != "none":
            points = [p for volume in found.values() for face in volume.faces for p in face]
            canvas_is_used(picture, points, "volumes", name, picture.level, fit)


def test_the_text_of_a_pdf_can_be_read(tmp_path):
    from pypdf import PdfReader

    path = draw(ag.load("alexnet"), tmp_path / "alexnet.pdf", style="volumes")
    text = PdfReader(path).pages[0].extract_text()
    assert "max pooling" in text
    assert "conv5" in text


@pytest.mark.parametrize(
    ("suffix", "nets", "words"),
    [
        ("dot", ["alexnet"], "a .dot file cannot show volumes"),
        ("html", ["alexnet"], "a .html file cannot show volumes"),
        ("svg", ["alexnet", "vgg16"], "several networks cannot show volumes"),
    ],
)
def test_what_cannot_show_volumes_says_so(tmp_path, suffix, nets, words):
    path = tmp_path / f"x.{suffix}"
    with warnings.catch_warnings(), pytest.raises(DrawError, match=words):
        draw([ag.load(name) for name in nets], path, style="volumes")
    assert not path.exists()


def test_a_network_that_goes_down_and_up_again_stands_in_rows():
    from test_runtimes import unet

    picture, found = picture_of(unet())
    everything_is_on_the_canvas(picture, found)
    words_do_not_cover_each_other(picture)
    rows = {name: volume.node.box.y for name, volume in found.items()}
    assert rows["down1"] == rows["up"] < rows["down2"] == rows["scale"] < rows["gate"]
    assert {("down1", "joined"), ("up", "joined")} <= {(e.source, e.target) for e in picture.lines}
