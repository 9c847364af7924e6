"""What labels say, which colours a metric gives, and which level is shown by itself."""

from __future__ import annotations

import re

import pytest

import archgraph as ag
from archgraph.errors import DrawError
from archgraph.exporters.pictures.choices import Choices
from archgraph.exporters.pictures.compose import _Placed
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.drawing import Box, Curve, Group, Paint, Text
from archgraph.exporters.pictures.layout.box_text import label_lines as lines_of
from archgraph.exporters.pictures.layout.scene import Frame, Rect, Scene
from archgraph.exporters.pictures.look.colour import colouring
from archgraph.exporters.pictures.look.contrast import contrast
from archgraph.exporters.pictures.look.theme import THEMES
from archgraph.exporters.pictures.view import build_view, usual_level
from archgraph.units import figure


def lines(name: str, node: str, level: str, facts: tuple[str, ...] | None) -> tuple[str, ...]:
    return lines_of(build_view(ag.load(name), level, facts=facts).nodes[node])[1:]


@pytest.mark.parametrize(
    ("level", "facts", "said"),
    [
        ("layer", None, ("11×11 conv, 64, /4", "64 × 55 × 55")),
        ("layer", ("op",), ("11×11 conv, 64, /4",)),
        ("layer", ("shape", "params", "macs"), ("64 × 55 × 55 · 23.3 k params", "70.3 M MACs")),
        ("layer", (), ()),
    ],
)
def test_an_operator_says_what_was_asked_for(level, facts, said):
    assert lines("alexnet", "features.0", level, facts) == said


def test_a_folded_block_says_what_each_of_its_repeats_costs():
    view = build_view(ag.load("resnet152"), "block", facts=("shape", "params"))
    folded = [node for node in view.nodes.values() if node.repeat == 35]
    net = ag.load("resnet152")
    each = sum(net.nodes[n]["params"] for n in folded[0].members) // 35
    assert each == 1_117_184
    (said,) = [lines_of(node)[1:] for node in folded]
    assert said == ("1024 × 14 × 14 · 1.12 M params each", "39.1 M params in all")
    plain = lines_of(build_view(net, "block").nodes[folded[0].id])
    assert plain[-1] == "1024 × 14 × 14 · 218 M MACs each"


def test_the_end_of_the_colour_bar_stands_on_a_box():
    """The colour of a folded box is that of all its blocks; so its label says what they are."""
    for name, level in (("resnet152", "block"), ("resnet50", "layer"), ("vgg19", "block")):
        for metric in ("macs", "params"):
            facts = ("shape", metric)
            pages = drawings(ag.load(name), level=level, color=metric, facts=facts)
            view = build_view(ag.load(name), level, facts=facts)
            high = colouring(ag.load(name), view, metric, THEMES["light"]).scale.high
            end = figure(high, ag.load(name).metric(metric))
            legends = [list(texts(page.groups("legend"))) for page in pages]
            assert all(end in [text.text for text in words] for words in legends)
            nodes = [text.text for page in pages for text in texts(page.groups("node"))]
            assert any(end in text for text in nodes), (name, metric, end)


def texts(items):
    for item in items:
        if isinstance(item, Group):
            yield from texts(item.items)
        elif isinstance(item, Text):
            yield item


def test_a_metric_of_ones_own_can_stand_on_the_boxes():
    net = ag.load("lenet5")
    net.attach("latency", dict.fromkeys(net, 0.25), title="Latency", unit="ms")
    view = build_view(net, "layer", facts=("latency",))
    assert all(
        lines_of(node)[1:] == ("0.25 ms",) for node in view.nodes.values() if node.kind == "conv"
    )


def test_measured_numbers_keep_their_digits_and_say_what_is_unknown(tmp_path):
    net = ag.load("alexnet")
    net.attach("latency", {"features.0": 1.9, "features.3": 3.1}, unit="ms")
    path = ag.draw(net, tmp_path / "x.svg", level="layer", color="latency")
    text = path.read_text(encoding="utf-8")
    assert ">3.10 ms<" in text  # the end of the colour bar
    assert "64 × 55 × 55 · 1.90 ms" in text
    assert "384 × 13 × 13 · latency unknown" in text


def test_the_metric_that_colour_means_stands_on_the_boxes(tmp_path):
    path = ag.draw(ag.load("resnet50"), tmp_path / "x.svg", color="params")
    text = path.read_text(encoding="utf-8")
    assert "params each" in text
    assert "MACs each" not in text


@pytest.mark.parametrize(("facts", "hint"), [(("parms",), "did you mean 'params'"), (("",), "use")])
def test_a_fact_that_there_is_not_is_refused(facts, hint, tmp_path):
    with pytest.raises(DrawError, match=f"labels cannot say '{facts[0]}'.*{hint}"):
        ag.draw(ag.load("lenet5"), tmp_path / "x.svg", facts=facts)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("resnet50", "block"),
        ("resnet50/layer1", "block"),
        ("resnet50/layer1.0", "layer"),
        ("googlenet/inception3a", "layer"),
        ("inception_naive", "block"),
        ("lenet5", "block"),
    ],
)
def test_a_lone_block_shows_its_inside(name, level):
    assert usual_level(ag.load(name)) == level


@pytest.mark.parametrize("name", ["resnet50", "vgg16", "googlenet"])
def test_no_figure_is_ever_cut(name):
    facts = ("op", "shape", "params", "macs", "activation_bytes")
    blocks = drawings(ag.load(name), facts=facts, pages=False)
    layers = drawings(ag.load(name), level="layer", facts=facts, fit="none")
    for group in (group for page in (*blocks, *layers) for group in page.groups("node")):
        assert all("…" not in item.text for item in group.items if isinstance(item, Text))


def test_strides_are_said_inside_blocks():
    assert "3×3, 128, /2" in lines("resnet50", "layer2.0", "block", None)[0]
    assert "1×1, 128, /2" in lines("resnet50_v1", "layer2.0", "block", None)[0]


def test_an_addition_of_its_own_has_no_shortcut_inside():
    b = ag.Builder("tiny", input=(4, 8, 8))
    net = b.build(b.relu("relu", b.sum("sum", b.conv("conv", b.input, 4, 1), b.input)))
    nodes = build_view(net, "block").nodes.values()
    assert [node.shortcut for node in nodes if node.form == "dot"] == [None]


def test_a_scale_is_linear_or_logarithmic():
    net = ag.load("vgg16")
    view = build_view(net, "block")
    light = THEMES["light"]
    found = {
        scale: colouring(net, view, "macs", light, scale=scale)
        for scale in ("auto", "linear", "log")
    }
    assert found["auto"] == found["log"] != found["linear"]
    assert found["linear"].scale.low == 0
    assert found["log"].scale.low == min(net.nodes[n]["macs"] for n in net if net.nodes[n]["macs"])
    with pytest.raises(DrawError, match="there is no scale 'lin' .*; the scales are auto"):
        Choices(scale="lin")


@pytest.mark.parametrize("color", ["op", "macs"])
@pytest.mark.parametrize("name", ["light", "dark", "print"])
def test_the_shortcut_in_a_block_stands_out_from_it(name, color):
    (page,) = drawings(ag.load("resnet50"), color=color, theme=name)
    seen = 0
    for group in page.groups("node"):
        assert isinstance(group, Group)
        ground = None
        for item in group.items:
            if isinstance(item, Box) and item.radius != item.height / 2:
                ground = item.paint.fill  # the box itself, or what lies on it below the arc
            elif isinstance(item, Curve):
                assert contrast(item.paint.stroke, ground) >= 3
                assert item.paint.stroke == THEMES[name].shortcut  # as the legend has it
                seen += 1
    assert seen >= 8


def test_the_command_line_takes_facts_and_a_scale(tmp_path, capsys):
    from archgraph.cli import main

    target = tmp_path / "x.svg"
    words = ["draw", "vgg11", "-o", str(target), "--color", "macs", "--scale", "linear"]
    assert main([*words, "--facts", "shape,params"]) == 0
    text = target.read_text(encoding="utf-8")
    assert re.search(r"512 × 7 × 7|512 × 14 × 14 · [\d.]+ M params", text)
    assert "MACs (log)" not in text
    assert main([*words, "--facts", "shape,size"]) == 1
    assert "labels cannot say 'size'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("high", "wanted"),
    [
        (160.0, "block.1–11 · T5Block × 11"),
        (90.0, "block.1–11 × 11"),
        (40.0, "× 11"),
    ],
)
def test_a_low_frame_still_says_how_often_it_stands_there(high, wanted):
    frame = Frame("encoder.block.1", "block.1–11 · T5Block × 11", Rect(0, 0, 100, high), True)
    scene = Scene(100.0, high, frames=[frame])
    drawn = _Placed(scene, THEMES["light"], ()).frame(frame, Paint("#ffffff"))
    assert [item.text for item in drawn.items if isinstance(item, Text)] == [wanted]
