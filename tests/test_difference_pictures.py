"""The difference of two networks as one picture, and rings where networks side by side differ."""

from __future__ import annotations

import re
import warnings

import networkx as nx
import pytest
from test_pictures import (
    boxes_do_not_overlap,
    everything_is_on_the_canvas,
    lines_avoid_foreign_boxes,
    sizes_are_readable,
    words_do_not_cover_each_other,
    words_stay_in_their_boxes,
)

import archgraph as ag
from archgraph import ops
from archgraph.cli import main
from archgraph.errors import DrawError
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.together.matching import twins
from archgraph.exporters.pictures.together.merged import merged
from archgraph.exporters.pictures.writers.svg import svg_text
from bench.reading_svg import read

STATES = {"added", "removed", "changed"}


def drawn(one, other, **options):
    nets = [each if isinstance(each, ag.ArchGraph) else ag.load(each) for each in (one, other)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (page,) = drawings(nets, pages=False, **options)
    return page, read(svg_text(page))


def states(picture):
    return {
        name: state
        for name, node in picture.nodes.items()
        for state in STATES.intersection(node.classes)
    }


def words(picture, name):
    return [word.text for word in picture.nodes[name].words]


def marked(page):
    return {group.id.removeprefix("differs ") for group in page.groups("mark")}


def subtitle(page):
    (title,) = page.groups("title")
    return title.items[1].text


def encoder(layers=6, wide=None, prefix=""):
    """Return layers of an encoder, alike but for the one with another width."""
    b = ag.Builder("encoder", input=(8, 16, 16))
    x = b.conv("stem", b.input, 16, 3, padding=1)
    for n in range(layers):
        with b.scope(f"{prefix}layers.{n}"):
            width = 64 if n == wide else 32
            y = b.relu("act", b.conv("up", x, width, 3, padding=1))
            y = b.conv("down", y, 16, 3, padding=1)
            x = b.sum("add", x, y)
    return b.build(b.linear("head", b.flatten("flatten", x), 10))


class TestOnePicture:
    def test_whole_blocks_more_are_added(self):
        page, picture = drawn("resnet18", "resnet34", difference=True)
        found = states(picture)
        assert set(found.values()) == {"added"}
        # Table 1 of the ResNet paper: 2, 2, 2, 2 blocks against 3, 4, 6, 3.
        assert {name: picture.nodes[name].data["repeat"] for name in found} == {
            "layer1.2": "1",
            "layer2.2": "2",
            "layer3.2": "4",
            "layer4.2": "1",
        }
        assert page.title == "ResNet-18 → ResNet-34"
        assert "11.7 M → 21.8 M parameters" in subtitle(page)

    def test_the_other_way_round_they_are_removed_and_dashed(self):
        page, picture = drawn("resnet34", "resnet18", difference=True)
        assert states(picture) == dict.fromkeys(
            ("layer1.2", "layer2.2", "layer3.2", "layer4.2"), "removed"
        )
        dashed = {g.id for g in page.groups("node") if g.items[0].paint.dash}
        assert dashed == set(states(picture))
        # They stand in the line of the flow, and nothing runs past them.
        lines = {(line.source, line.target) for line in picture.lines}
        assert ("layer3.1", "layer3.2") in lines
        assert ("layer3.2", "layer4.0") in lines
        assert ("layer3.1", "layer4.0") not in lines

    def test_what_was_put_into_a_block_is_said_on_it(self):
        _, picture = drawn("plain34", "resnet34", difference=True)
        assert set(states(picture).values()) == {"changed"}
        assert words(picture, "layer2.1")[-1] == "+ shortcut"
        assert words(picture, "layer2.0")[-1] == "+ 1×1 conv, 128, /2; + shortcut"

    def test_settings_are_said_from_old_to_new(self):
        _, picture = drawn("resnet50", "resnet50_v1", difference=True)
        # The v1 network halves in the first convolution of a stage, today's in the second.
        assert states(picture) == dict.fromkeys(("layer2.0", "layer3.0", "layer4.0"), "changed")
        assert words(picture, "layer3.0")[-1] == "stride 1 → 2; stride 2 → 1"

    def test_one_layer_that_is_wider_is_not_folded_with_the_others(self):
        _, picture = drawn(encoder(), encoder(wide=3), difference=True, level="block")
        assert states(picture) == {"layers.3": "changed"}
        assert words(picture, "layers.3")[-1] == "width 32 → 64"
        assert picture.nodes["layers.0"].data["repeat"] == "3"
        _, picture = drawn(encoder(), encoder(wide=3), difference=True)
        assert words(picture, "layers.3.up")[-1] == "out 32 → 64"
        assert words(picture, "layers.3.down")[-1] == "in 32 → 64"
        assert set(states(picture)) == {"layers.3.up", "layers.3.down"}

    def test_networks_under_other_names_are_equal(self):
        page, picture = drawn(encoder(), encoder(prefix="model.body."), difference=True)
        assert not states(picture)
        assert "equal" in subtitle(page)
        assert "under other names" in subtitle(page)

    def test_networks_with_little_in_common_stand_side_by_side(self):
        nets = [ag.load("lenet5"), ag.load("resnet18")]
        with pytest.warns(UserWarning, match="only .* in common; drawn side by side"):
            (page,) = drawings(nets, pages=False, difference=True)
        assert {group.id.partition("/")[0] for group in page.groups("node")} == {
            "lenet5",
            "resnet18",
        }
        with pytest.raises(DrawError, match=r"use \.svg"):
            ag.draw(nets, "x.dot", difference=True)

    @pytest.mark.parametrize("theme", ["light", "dark", "print"])
    def test_colours_mean_what_differs(self, theme):
        page, _ = drawn("resnet18", "resnet34", difference=True, theme=theme)
        (legend,) = page.groups("legend")
        said = {item.text for item in legend.items if hasattr(item, "text")}
        assert {"added", "the same in both"} <= said
        assert "convolution" not in said
        fills = {
            state: {g.items[0].paint.fill for g in page.groups("node") if (state in g.classes)}
            for state in ("added", "conv")
        }
        assert len(fills["added"]) == 1
        assert fills["added"].isdisjoint(fills["conv"])

    def test_another_colour_leaves_words_and_dashes(self):
        page, picture = drawn("resnet34", "resnet18", difference=True, color="macs")
        assert set(states(picture).values()) == {"removed"}
        (legend,) = page.groups("legend")
        assert "removed" not in {getattr(item, "text", "") for item in legend.items}

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_takes_two_networks(self, tmp_path, count, capsys):
        nets = ["lenet5", "alexnet", "vgg11"][:count]
        assert main(["draw", *nets, "--difference", "-o", str(tmp_path / "x.svg")]) == 1
        assert f"--difference takes two networks, not {count}." in capsys.readouterr().err

    @pytest.mark.parametrize("suffix", ["svg", "pdf", "png", "pptx", "tex", "dot"])
    def test_every_format_holds_it(self, suffix, tmp_path):
        path = tmp_path / f"x.{suffix}"
        assert main(["draw", "resnet18", "resnet34", "--difference", "-o", str(path)]) == 0
        if suffix in ("svg", "tex", "dot"):
            assert "added" in path.read_text(encoding="utf-8")

    def test_the_notes_tell_all_of_it(self):
        page, _ = drawn("resnet18", "resnet34", difference=True)
        assert page.notes.endswith(ag.diff("resnet18", "resnet34").render())

    def test_what_is_set_of_boxes_is_set_here_too(self):
        _, picture = drawn("resnet18", "resnet34", difference=True, set="layer3.2:label=New")
        assert words(picture, "layer3.2")[0] == "New × 4"


PAIRS = [
    ("unet", "unet_bn"),
    ("vgg16", "vgg19"),
    ("inception_naive", "inception_reduced"),
    ("googlenet", "googlenet_bn"),
    ("alexnet", "vgg11"),
    ("vgg16_bn", "vgg16"),
]


@pytest.mark.parametrize("names", PAIRS, ids="-".join)
def test_a_difference_can_be_read(names):
    _, picture = drawn(*names, difference=True)
    sizes_are_readable(picture)
    words_stay_in_their_boxes(picture)
    boxes_do_not_overlap(picture)
    lines_avoid_foreign_boxes(picture)
    words_do_not_cover_each_other(picture)
    everything_is_on_the_canvas(picture)
    assert states(picture)


@pytest.mark.parametrize("names", [*PAIRS, ("resnet50", "googlenet")], ids="-".join)
def test_both_networks_are_in_the_one_graph(names):
    found = twins(*map(ag.load, names))
    whole, gone = merged(found)
    first, second = found.difference.first, found.difference.second
    assert nx.is_directed_acyclic_graph(whole)
    assert set(whole) == set(second) | set(gone.values())
    # What only moves data is left out.
    assert {n for n in found.difference.removed if not first.op(n).moves} >= set(gone)
    assert set(gone) >= {n for n in found.difference.removed if first.op(n).layer}
    # Every path of the second network is still one, maybe through what was removed.
    closure = nx.transitive_closure_dag(nx.DiGraph(whole.edges))
    assert all(closure.has_edge(*edge) for edge in second.edges)
    removed = [(gone[a], gone[b]) for a, b in first.edges if a in gone and b in gone]
    assert all(whole.has_edge(*edge) for edge in removed)


def test_what_is_gone_may_read_what_is_stored():
    def net(scaled):
        b = ag.Builder("scaled" if scaled else "plain", input=(8, 16, 16))
        x = b.conv("stem", b.input, 16, 3, padding=1)
        if scaled:
            x = b.net.add("scale", ops.Mul(), (x, b.net.store("gamma", (16, 1, 1))))
        return b.build(b.conv("last", x, 16, 3, padding=1))

    _, picture = drawn(net(scaled=True), net(scaled=False), difference=True)
    assert states(picture) == {"scale": "removed"}


class TestSideBySide:
    def test_both_are_cut_alike_without_a_level(self):
        _, picture = drawn(encoder(), encoder(wide=2, prefix="model."))
        boxes = [name.partition("/")[2].removeprefix("model.") for name in picture.nodes]
        assert len(boxes) > 10
        assert all(boxes.count(name) == 2 for name in boxes)

    def test_one_layer_that_changed_is_ringed_in_both(self):
        page, picture = drawn(encoder(), encoder(wide=3))
        assert marked(page) == {
            f"{net}/layers.3.{name}" for net in ("encoder", "encoder~2") for name in ("up", "down")
        }
        (legend,) = page.groups("legend")
        assert "not so in the other" in {getattr(item, "text", "") for item in legend.items}
        assert picture.nodes["encoder/layers.0"].data["repeat"] == "3"

    def test_nothing_is_ringed_where_everything_would_be(self):
        page, _ = drawn("lenet5", "resnet18")
        assert not marked(page)
        assert re.search(r"only \d+ % of the operators are the same", subtitle(page))

    def test_networks_under_other_names_have_no_rings(self):
        page, _ = drawn(encoder(), encoder(prefix="model.body."))
        assert not marked(page)
        assert "both are equal" in subtitle(page)

    def test_a_module_and_its_onnx_export_are_equal(self, tmp_path):
        pytest.importorskip("onnx")
        pytest.importorskip("torch")
        net = encoder(layers=2)
        file = ag.export_onnx(net, tmp_path / "net.onnx")
        page, _ = drawn(net, ag.load(file))
        assert not marked(page)
        assert "equal" in subtitle(page)

    def test_encoder_and_decoder_stand_in_rows_in_both(self):
        _, picture = drawn("unet", "unet_bn")
        for net in ("unet", "unet_bn"):
            down, up = (
                next(n for n in picture.nodes if n.startswith(f"{net}/{stage}"))
                for stage in ("down1.maxpool_conv.1", "up3.conv")
            )
            one, other = picture.nodes[down].box, picture.nodes[up].box
            assert one.y == pytest.approx(other.y, abs=one.height)
            assert one.x < other.x

    def test_the_same_bytes_every_time(self, tmp_path):
        for options in ({}, {"difference": True}):
            paths = [
                ag.draw(["plain34", "resnet34"], tmp_path / f"{n}.svg", **options) for n in "ab"
            ]
            assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("order", [1, -1])
def test_an_operator_may_bear_the_name_of_a_group_of_the_other_network(tmp_path, order):
    """One AlexNet has a block norm1 of several operators, ZFNet an operator norm1."""
    nets = [ag.load("alexnet_grouped"), ag.load("zfnet")][::order]
    text = ag.draw(nets, tmp_path / "x.svg", difference=True).read_text("utf-8")
    assert "norm1" in text
