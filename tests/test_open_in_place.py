"""Boxes opened in their places: the whole network with the inside of some of its parts."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_graphs import graphs
from test_pictures import can_be_read

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import DrawError
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.view import build_view
from archgraph.exporters.pictures.writers.svg import svg_text
from bench.reading_svg import read

CASES = [
    ("googlenet", "block", ("inception3a",)),
    ("googlenet", "block", ("inception3b", "inception5b")),
    ("googlenet_bn", "block", ("aux2",)),
    ("resnet50", "block", ("layer1.0",)),
    ("resnet50", "block", ("layer3.1",)),
    ("resnet50", "stage", ("layer2",)),
    ("resnet34", "block", ("layer2",)),
    ("vgg16", "stage", ("conv3", "conv4")),
]


@pytest.mark.parametrize("fit", ["16:9", "a4", "none"])
@pytest.mark.parametrize(("name", "level", "opened"), CASES)
def test_an_opened_picture_can_be_read(name, level, opened, fit):
    for page in drawings(ag.load(name), level=level, open=opened, fit=fit):
        can_be_read(read(svg_text(page)))


@pytest.mark.parametrize(("name", "level", "opened"), CASES)
def test_every_operator_stays_behind_one_box(name, level, opened):
    net = ag.load(name)
    view = build_view(net, level, opened=opened)
    behind = [member for node in view.nodes.values() for member in node.members]
    assert sorted(behind) == sorted(net)
    closed = build_view(net, level)
    assert len(view.nodes) > len(closed.nodes)
    kept = {key for key, node in closed.nodes.items() if view.nodes.get(key)}
    assert {key: view.nodes[key].members for key in kept} == {
        key: closed.nodes[key].members for key in kept
    }
    flow = nx.DiGraph([(edge.source, edge.target) for edge in view.edges])
    assert set(flow) == set(view.nodes)
    assert nx.is_directed_acyclic_graph(flow)


def test_the_inside_is_what_the_module_alone_shows():
    net = ag.load("googlenet")
    view = build_view(net, "block", opened=("inception4c",))
    alone = build_view(net.module("inception4c"), "layer")
    inside = [key for key in view.nodes if key.startswith("inception4c.")]
    assert set(inside) == set(alone.nodes) - {"input", "output:1"}
    assert {view.nodes[key].block for key in inside} == {"inception4c"}


def test_of_folded_blocks_the_inside_is_shown_once():
    net = ag.load("resnet152")
    (page,) = drawings(net, level="block", open=("layer3.17",), fit="none")
    frames = [group.title for group in page.groups("cluster")]
    assert frames == ["conv4_2–36 × 35"]
    view = build_view(net, "block", opened=("layer3.17",))
    assert len(view.nodes["layer3.1.conv1"].members) == 35


def test_a_stage_opens_into_its_blocks_with_equal_ones_folded():
    view = build_view(ag.load("resnet50"), "stage", opened=("layer2",))
    labels = [node.label.head for node in view.nodes.values()]
    assert labels == [
        "input", "conv1", "conv2_x", "conv3_1", "conv3_2–4 × 3", "conv4_x", "conv5_x", "classifier"
    ]  # fmt: skip
    assert view.level == "block"


@settings(max_examples=30, deadline=None)
@given(net=graphs(), level=st.sampled_from(["stage", "block"]), data=st.data())
def test_any_box_of_any_network_can_be_opened(net, level, data):
    closed = build_view(net, level)
    boxes = [key for key, node in closed.nodes.items() if len(node.members) > 1 and key not in net]
    if not boxes:
        return
    view = build_view(net, level, opened=(data.draw(st.sampled_from(boxes)),))
    behind = [member for node in view.nodes.values() for member in node.members]
    assert sorted(behind) == sorted(net)


@pytest.mark.parametrize(
    ("opened", "level", "words"),
    [
        (("inception3x",), "block", "'googlenet' has no 'inception3x' to open (did you mean"),
        (("maxpool1",), "block", "'maxpool1' cannot be opened: at block level it holds nothing"),
        (("inception3a",), "layer", "'inception3a' cannot be opened: at layer level"),
    ],
)
def test_what_cannot_be_opened_is_said_in_one_sentence(opened, level, words, tmp_path):
    with pytest.raises(DrawError) as error:
        ag.draw(ag.load("googlenet"), tmp_path / "x.svg", level=level, open=opened)
    assert words in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["googlenet", "vgg16"], "cannot be opened in a picture of several networks"),
        (["googlenet", "--style", "volumes"], "cannot be opened in a picture of volumes"),
        (["alexnet_two_gpu"], "has no 'inception3a' to open"),
    ],
)
def test_a_picture_without_boxes_to_open_is_refused(arguments, words, tmp_path, capsys):
    file = tmp_path / "x.svg"
    assert main(["draw", *arguments, "--open", "inception3a", "-o", str(file)]) == 1
    assert words in capsys.readouterr().err
    assert not file.exists()


def test_lanes_stay_closed(tmp_path):
    with pytest.raises(DrawError, match="in a picture with a lane for each device; draw it alone"):
        ag.draw(ag.load("alexnet_two_gpu"), tmp_path / "x.svg", open=("conv1.lane0",))


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png", "pptx", "tex", "dot", "html"])
def test_the_command_opens_in_every_format(suffix, tmp_path):
    file = tmp_path / f"x.{suffix}"
    command = ["draw", "googlenet", "--open", "inception3a,inception5b", "-o", str(file)]
    assert main([*command, "--fit", "none"]) == 0
    assert file.stat().st_size > 2000
    if suffix in ("svg", "dot", "html", "tex"):
        assert "5b" in file.read_text(encoding="utf-8")


def test_an_open_module_looks_as_in_its_paper(tmp_path):
    text = ag.draw(ag.load("googlenet"), tmp_path / "x.svg", open="inception3a").read_text()
    assert ">Inception 3a</text>" in text  # the name of its frame
    picture = read(text)
    found = [name for name in picture.nodes if name.startswith("inception3a.branch")]
    first = {name.split(".")[1]: picture.nodes[name].box for name in reversed(found)}
    tops = {box.y for box in first.values()}
    assert len(first) == 4
    assert len(tops) == 1
    assert sorted(first, key=lambda name: first[name].x) == sorted(first)
