"""What those hear who do not see a slide: titles, alternative texts, the order of reading."""

from io import BytesIO

import networkx as nx
import pytest
from pptx import Presentation

import archgraph as ag
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.pages import Page
from archgraph.exporters.pictures.writers import pptx

ADEC = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"
NETWORKS = ["lenet5", "alexnet_two_gpu", "googlenet", "resnet50", "unet", "vit_b_16"]


def tree_of(drawing):
    (slide,) = Presentation(BytesIO(pptx.write([Page(drawing)]))).slides
    return slide.shapes._spTree


def tagged(tree, name):
    return [each for each in tree.iter() if each.tag.rpartition("}")[2] == name]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_title_comes_first_and_boxes_along_the_flow(name):
    (page,) = drawings(ag.load(name))
    tree = tree_of(page)
    names = [each.get("name") for each in tagged(tree, "cNvPr")]
    assert names[1] == "Title"  # behind the slide's own root
    graph = nx.DiGraph(group.ends for group in page.groups("edge"))
    boxes = {group.id for group in page.groups("node")}
    first = {}
    for place, each in enumerate(names):
        if each in boxes:
            first.setdefault(each, place)
    frames = {group.id for group in page.groups("cluster")}
    wrong = [(a, b) for a, b in graph.edges if first[a] > first[b]]
    # Frames of lanes hold one lane as a whole: only there may a box come before what it reads.
    assert not wrong or (name == "alexnet_two_gpu" and len(frames) == 4)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_line_comes_behind_the_boxes_that_it_joins(name):
    (page,) = drawings(ag.load(name))
    names = [each.get("name") for each in tagged(tree_of(page), "cNvPr")]
    for group in page.groups("edge"):
        assert names.index(group.id) > max(map(names.index, group.ends))


@pytest.mark.parametrize("name", NETWORKS)
def test_all_that_is_seen_has_words_or_is_decoration(name):
    (page,) = drawings(ag.load(name))
    for shape in tagged(tree_of(page), "cNvPr")[1:]:
        holder = shape.getparent().getparent()
        words = "".join(each.text or "" for each in tagged(holder, "t"))
        decorative = any(each.tag == ADEC for each in shape.iter())
        assert shape.get("descr") or words or decorative, shape.get("name")
        assert not (decorative and (shape.get("descr") or words))


def test_the_legend_is_told_last_and_what_the_picture_is_at_first():
    (page,) = drawings(ag.load("resnet18"))
    tree = tree_of(page)
    words = [each.text for each in tagged(tree, "t")]
    assert words[0] == "ResNet-18"
    assert "11.7 M parameters" in words[1]
    assert tree[-1].find(".//{*}cNvPr").get("name") == "legend"
    legend = [e.get("descr") for e in tagged(tree, "cNvPr") if e.get("name") == "legend"]
    assert legend[0].startswith("Legend: input, convolution")


def test_charts_tell_their_largest_figure(tmp_path):
    file = ag.chart(["alexnet", "vgg16"], tmp_path / "x.pptx")
    (slide,) = Presentation(str(file)).slides
    told = [s._element.find(".//{*}cNvPr").get("descr") for s in slide.shapes if s.has_chart]
    assert any("103 at fc6" in each for each in told)
