"""Mermaid and draw.io: whole graphs in their languages, in which no label is more than a label."""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree as ET

import pytest
from sample_drawings import HOSTILE

import archgraph as ag
from archgraph.exporters.pictures.draw import drawings

NETWORKS = ("alexnet_two_gpu", "googlenet", "resnet50", "unet", "vit_b_16")
LABELS = [words for name, words in HOSTILE.items() if name != "control"]
BOX = re.compile(r'^ +(n\d+)(\(\[|\(\(|\[)"(.*)"(\]\)|\)\)|\])$')
LINE = re.compile(r"^ +(n\d+) (-->|-\.->|==>) (n\d+)$")
REST = re.compile(
    r'^(---|title: ".*"|config:| +[a-zA-Z]+:.*|flowchart TB| +subgraph gn\d+\["[^"]*"\]| +end'
    r"| +style gn\d+ [\w:#,]+| +classDef c\d+ [\w:#,]+| +class [\w,]+ c\d+)$"
)


def labelled(words):
    b = ag.Builder("labelled", input=(3, 8, 8))
    net = b.build(b.conv("conv", b.input, 4, 3))
    net.nodes["conv"]["label"] = net.graph["title"] = words
    return net


@pytest.mark.parametrize("name", NETWORKS)
def test_a_flowchart_holds_what_the_first_picture_shows(tmp_path, name):
    net = ag.load(name)
    lines = ag.draw(net, tmp_path / "x.mmd").read_text(encoding="utf-8").splitlines()
    boxes = {found[1]: found[3] for line in lines if (found := BOX.match(line))}
    ends = [(found[1], found[3]) for line in lines if (found := LINE.match(line))]
    (drawing,) = drawings(net, pages=False)
    assert len(boxes) == len([*drawing.groups("node")])
    assert {end for pair in ends for end in pair} == set(boxes)
    assert "MACs" in " ".join(boxes.values())
    assert all(BOX.match(line) or LINE.match(line) or REST.match(line) for line in lines)


def test_a_flowchart_has_no_page_that_a_level_must_fit(tmp_path):
    path = ag.draw("resnet50", tmp_path / "x.mmd", level="layer")
    text = path.read_text(encoding="utf-8")
    lines = [found for line in text.splitlines() if (found := LINE.match(line))]
    assert len(lines) == ag.to_graphviz("resnet50", level="layer").source.count(" -> ")
    assert len(text) < 50_000  # more letters, or 500 lines, Mermaid itself refuses


def test_a_flowchart_of_more_lines_than_mermaid_draws_is_of_the_next_level(tmp_path):
    b = ag.Builder("long", input=(1, 8, 8))
    x = b.input
    for n in range(510):
        x = b.conv(f"s{n % 10}.c{n}", x, 1 + n % 7, 1)
    with pytest.warns(UserWarning, match="drawn at"):
        path = ag.draw(b.build(x), tmp_path / "x.mmd", level="layer")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert 0 < sum(bool(LINE.match(line)) for line in lines) < 500


@pytest.mark.parametrize("words", LABELS)
def test_a_label_of_a_flowchart_is_nothing_but_text(tmp_path, words):
    lines = ag.draw(labelled(words), tmp_path / "x.mmd").read_text(encoding="utf-8").splitlines()
    assert all(BOX.match(line) or LINE.match(line) or REST.match(line) for line in lines)
    said = [found[3] for line in lines if (found := BOX.match(line))]
    for label in said:
        for line in label.split("<br/>"):
            assert not set('"<>&`\\|{}[]()') & set(line)
            plain = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), line)
            assert re.sub(r"#\d+;", "", line).count("#") == 0
            assert plain == plain.strip()
    assert any(words[:3] in re.sub(r"#(\d+);", lambda f: chr(int(f[1])), each) for each in said)


def cells(path):
    root = ET.parse(path).getroot()
    return root, {
        cell.get("id") or holder.get("id"): (holder, cell)
        for holder in root.iter()
        for cell in ([holder] if holder.tag == "mxCell" else holder.findall("mxCell"))
        if cell.get("id") or holder.tag == "UserObject"
    }


@pytest.mark.parametrize(("name", "branches"), [*zip(NETWORKS, (0, 0, 0, 0, 3), strict=True)])
def test_lines_are_glued_to_boxes_at_both_ends(tmp_path, name, branches):
    net = ag.load(name)
    _, found = cells(ag.draw(net, tmp_path / "x.drawio"))
    (drawing,) = drawings(net, pages=False)
    glued = [cell for _, cell in found.values() if cell.get("source") and cell.get("target")]
    assert len(glued) == len([*drawing.groups("edge")]) - branches
    for cell in glued:
        for end in ("source", "target"):
            assert found[cell.get(end)][1].get("vertex") == "1"
        places = re.findall(r"(?:exit|entry)[XY]=([^;]*);", cell.get("style"))
        assert len(places) == 4
        assert all(0 <= float(place) <= 1 for place in places)


@pytest.mark.parametrize("words", LABELS)
def test_a_label_of_a_diagram_is_nothing_but_text(tmp_path, words):
    _, found = cells(ag.draw(labelled(words), tmp_path / "x.drawio"))
    labels = [each.get("label") or each.get("value") or "" for each, _ in found.values()]
    tags = {tag for label in labels for tag in re.findall(r"<(/?\w+)", label)}
    assert tags <= {"font", "/font", "b", "/b", "br"}
    plain = [html.unescape(re.sub(r"<[^>]*>", "", label)) for label in labels]
    assert any(words[:3] in each for each in plain)


def test_a_diagram_has_a_tab_for_each_page(tmp_path):
    root, _ = cells(ag.draw("resnet50", tmp_path / "x.drawio", level="layer"))
    names = [diagram.get("name") for diagram in root.findall("diagram")]
    count = len(names)
    assert names == [f"ResNet-50 ({number} of {count})" for number in range(1, count + 1)]
    assert len(names) > 1


def test_a_flowchart_refuses_what_it_cannot_show(tmp_path):
    for options in ({"style": "volumes"}, {"fit": "none", "style": "volumes"}):
        with pytest.raises(ag.ArchGraphError, match=r"a .mmd file cannot show volumes"):
            ag.draw("vgg16", tmp_path / "x.mmd", **options)
    with pytest.raises(ag.ArchGraphError, match=r"a .mmd file shows one network"):
        ag.draw(["vgg16", "alexnet"], tmp_path / "x.mmd")
    assert not [*tmp_path.iterdir()]
