"""Decks that build a picture up: which steps, in which order, and that nothing moves."""

import itertools
import re
import shutil
import subprocess

import networkx as nx
import pytest
from made_template import template
from pptx import Presentation
from pypdf import PdfReader

import archgraph as ag
from archgraph.errors import DrawError
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.drawing import Box
from archgraph.exporters.pictures.look.theme import THEMES
from archgraph.limits import SLIDES

NETWORKS = ["lenet5", "alexnet_two_gpu", "googlenet", "resnet50", "unet", "vit_b_16"]


def places(drawing):
    """Return where each box and each line is."""
    found = {}
    for kind in ("node", "edge"):
        for group in drawing.groups(kind):
            shape = group.items[0]
            place = (shape.x, shape.y, shape.width, shape.height) if kind == "node" else shape
            found.setdefault(group.id, []).append(place)
    return found


def boxes_of(drawing):
    return {group.id: places(drawing)[group.id] for group in drawing.groups("node")}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_flow_adds_boxes_and_moves_none(name):
    net = ag.load(name)
    steps, (whole,) = drawings(net, steps="flow"), drawings(net)
    shown = [places(step) for step in steps]
    assert 4 <= len(steps) <= 12
    assert shown[-1] == places(whole)
    for before, after in itertools.pairwise(shown):
        assert before.items() <= after.items()
        assert len(before) < len(after)


@pytest.mark.parametrize("name", NETWORKS)
def test_no_box_comes_before_what_it_reads(name):
    (whole,) = drawings(ag.load(name))
    graph = nx.DiGraph(group.ends for group in whole.groups("edge"))
    come = {}
    for number, step in enumerate(drawings(ag.load(name), steps="flow")):
        for group in step.groups("node"):
            come.setdefault(group.id, number)
    for source, target in graph.edges:
        assert come[source] <= come[target]


def test_stages_are_told_in_the_titles_in_their_order():
    found = [step.title for step in drawings(ag.load("resnet50"), steps="flow")]
    stages = ["conv1", "conv2_x", "conv3_x", "conv4_x", "conv5_x", "classifier"]
    assert found == [f"ResNet-50: {s} ({n} of 6)" for n, s in enumerate(stages, 1)]


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_each_stage_stands_out_while_the_rest_is_pale(theme):
    whole, *steps = drawings(ag.load("googlenet"), steps="stage", theme=theme)
    assert whole.title == "GoogLeNet (1 of 6)"
    ground = THEMES[theme].background
    lit = []
    for step in steps:
        assert boxes_of(step) == boxes_of(whole)
        boxes = {g.id: g.items[0].paint for g in step.groups("node")}
        usual = {g.id: g.items[0].paint for g in whole.groups("node")}
        bright = {key for key in boxes if boxes[key] == usual[key]}
        assert all(paint.fill == ground for key, paint in boxes.items() if key not in bright)
        lit.append(bright)
    assert set().union(*lit) == {group.id for group in whole.groups("node")}
    assert sum(map(len, lit)) == len(set().union(*lit))  # each in one step


def test_zooming_goes_from_the_whole_into_its_largest_block_and_its_operators():
    net = ag.load("googlenet")
    whole, here, inside, alone = drawings(net, steps="zoom")
    assert places(here).keys() == places(whole).keys()
    # 3b has most of the arithmetic of the nine modules.
    assert "Inception 3b" in here.title
    assert len(list(inside.groups("node"))) > len(list(whole.groups("node")))
    names = {group.id for group in alone.groups("node")}
    assert names >= {name for name in net if name.startswith("inception3b.") and "conv" in name}


def test_zooming_takes_the_block_that_is_opened():
    found = drawings(ag.load("resnet50"), steps="zoom", open="layer2.0")
    assert "conv3_1" in found[1].title
    b = ag.Builder("bare", input=(4,))
    bare = b.build(b.linear("fc", b.input, 2))
    with pytest.raises(DrawError, match="no block to zoom into; use steps='flow'"):
        drawings(bare, steps="zoom")


def test_slides_say_their_step_and_what_it_costs(tmp_path):
    file = ag.draw("resnet18", tmp_path / "talk.pptx", steps="flow",
                   template=template(tmp_path / "uni.potx"))  # fmt: skip
    slides = list(Presentation(str(file)).slides)
    assert (
        slides[1].shapes.title.text_frame.text == f"ResNet-18: conv2_1–2 × 2 (2 of {len(slides)})"
    )
    # 4 convolutions of 64 × 64 × 3 × 3 and 4 batch norms of 2 × 64; on 56 × 56.
    params, macs = 4 * (64 * 64 * 9 + 128), 4 * 64 * 64 * 9 * 56 * 56
    said = slides[1].notes_slide.notes_text_frame.text
    assert f"{params / 1000:.0f} k parameters and {macs / 1e6:.0f} M MACs" in said


def test_the_pages_of_a_pdf_come_in_the_same_order(tmp_path):
    file = ag.draw("lenet5", tmp_path / "talk.pdf", steps="flow")
    texts = [page.extract_text() for page in PdfReader(str(file)).pages]
    assert [re.search(r"LeNet-5: (\w+)", text)[1] for text in texts][:2] == ["C1", "C3"]
    assert len(texts[0]) < len(texts[1])


def test_an_office_program_shows_the_steps_in_their_order(tmp_path):
    if shutil.which("soffice") is None:
        pytest.skip("soffice is not installed")
    file = ag.draw("lenet5", tmp_path / "talk.pptx", steps="flow")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", str(file)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=240)
    texts = [page.extract_text() for page in PdfReader(str(tmp_path / "talk.pdf")).pages]
    wanted = ["C1", "C3", "C5", "F6", "OUTPUT"]
    assert len(texts) == len(wanted)
    for text, name in zip(texts, wanted, strict=True):
        assert f"LeNet-5: {name}" in text


def test_many_pages_of_a_large_network_are_bounded():
    found = drawings(ag.load("resnet152"), level="layer", steps="flow")
    assert len(found) <= SLIDES


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"path": "x.svg"}, r"a \.svg file is one picture, not one a step; use \.pptx or \.pdf"),
        ({"path": "x.html"}, r"a \.html file is one picture"),
        ({"style": "volumes"}, "a picture of volumes cannot be built up"),
        ({"net": ["resnet18", "resnet34"]}, "several networks cannot be built up"),
        ({"steps": "stages"}, "steps is .stages., but it is .flow., .stage. or .zoom."),
    ],
)
def test_what_cannot_be_built_up_is_told(given, says, tmp_path):
    net, path = given.pop("net", "lenet5"), tmp_path / given.pop("path", "x.pptx")
    with pytest.raises(DrawError, match=says):
        ag.draw(net, path, **{"steps": "flow", **given})


def test_a_notebook_shows_the_whole():
    assert "OUTPUT" in ag.draw("lenet5", steps="flow")._repr_mimebundle_()["image/svg+xml"]


def test_every_box_is_drawn_by_its_first_shape():
    for step in drawings(ag.load("unet"), steps="stage"):
        assert all(isinstance(group.items[0], Box) for group in step.groups("node"))
