"""What people set of boxes: other words, other colours, some left out, in every format."""

from __future__ import annotations

import re
import zipfile

import networkx as nx
import pytest

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import DrawError
from archgraph.exporters.pictures.choices import Choices
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.view import build_view, read_setting, with_settings
from archgraph.exporters.pictures.writers.svg import svg_text
from bench.reading_svg import read

RED = "#c0392b"


@pytest.fixture(scope="module")
def resnet():
    return ag.load("resnet18")


def picture(net, **options):
    (page,) = drawings(net, **options)
    return read(svg_text(page))


def words(picture, name):
    return [word.text for word in picture.nodes[name].words]


def ends(picture):
    return {(line.source, line.target) for line in picture.lines}


def luminance(color):
    """Return what WCAG 2.2 calls relative luminance."""
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


class TestText:
    @pytest.mark.parametrize(
        ("text", "pattern", "label"),
        [
            ("layer1.*:label=Stem", "layer1.*", "Stem"),
            ('layer1.*:label="Stem, 7×7",hide', "layer1.*", "Stem, 7×7"),
            (r"layer1.*:label=Stem\, 7×7,hide", "layer1.*", "Stem, 7×7"),
            ("fc: label = a: b = c", "fc", "a: b = c"),
            ("output:1:label=class's name", "output:1", "class's name"),
            (r'x:label="say \"hi\", \\ and go"', "x", r'say "hi", \ and go'),
        ],
    )
    def test_values_hold_colons_and_quoted_commas(self, text, pattern, label):
        found = read_setting(text)
        assert (found.pattern, found.label) == (pattern, label)
        assert found.hide is (True if text.endswith("hide") else None)

    def test_a_mapping_and_texts_are_the_same(self):
        hard = r'a "b", \c'
        given = {"layer1.*": {"label": hard, "hide": False}, "fc": "color=red"}
        one, two = map(read_setting, Choices(set=given).set)
        assert (one.pattern, one.label, one.hide) == ("layer1.*", hard, False)
        assert (two.pattern, two.color) == ("fc", "red")

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("fc", "takes a pattern and settings"),
            (":hide", "takes a pattern and settings"),
            ("fc:lable=Head", "'lable' of a box .did you mean 'label'"),
            ("fc:label=a, b", "a comma in a label is quoted"),
            ('fc:label="a', "not closed"),
            ("fc:hide=1", "written hide alone"),
            ("fc:label,hide", "written label=…"),
            ("fc:label=,hide", "is empty"),
            ("fc:color=stelblue", "no colour 'stelblue' .did you mean 'steelblue'"),
            ("fc:color=#12345", "no colour '#12345'"),
        ],
    )
    def test_mistakes_are_told_in_a_sentence(self, resnet, tmp_path, text, told):
        with pytest.raises(DrawError, match=told) as error:
            ag.draw(resnet, tmp_path / "x.svg", set=text)
        assert "\n" not in str(error.value)
        assert not list(tmp_path.iterdir())


class TestWhatIsMeant:
    @pytest.mark.parametrize(
        ("pattern", "changed"),
        [
            ("layer2.*", {"layer2.0", "layer2.1"}),
            ("layer2.0", {"layer2.0"}),
            ("conv3_1", {"layer2.0"}),
            ("fc", {"fc"}),
            ("*max pool*", {"maxpool"}),
            ("layer?.1*", {"layer1.0", "layer2.1", "layer3.1", "layer4.1"} - {"layer1.0"}),
        ],
    )
    def test_boxes_are_named_by_modules_and_by_words(self, resnet, pattern, changed):
        view = build_view(resnet, "block")
        found = with_settings(view, [f"{pattern}:color={RED}"]).nodes
        assert {key for key, node in found.items() if node.color} == changed

    def test_a_frame_takes_label_and_colour(self, resnet):
        view = build_view(resnet, "block")
        found = with_settings(view, [f"layer2:label=Second,color={RED}"])
        assert found.frame_label("layer2") == "Second"
        assert found.frame_colors == {"layer2": RED}
        assert found.nodes == view.nodes

    def test_the_name_of_a_box_means_that_alone(self):
        net = ag.load("zfnet")
        view = build_view(net, "block")
        assert [key for key, node in view.nodes.items() if node.stage == "conv1"] != ["conv1"]
        found = with_settings(view, ["conv1:hide"]).nodes
        assert set(view.nodes) - set(found) == {"conv1"}

    def test_the_last_setting_counts(self, resnet):
        texts = ["layer*:hide", "layer2.*:show", "layer2.*:label=a", "layer2.0:label=b"]
        found = with_settings(build_view(resnet, "block"), texts).nodes
        assert {key for key in found if key.startswith("layer")} == {"layer2.0", "layer2.1"}
        assert [found[key].label.name for key in ("layer2.0", "layer2.1")] == ["b", "a"]

    @pytest.mark.parametrize(
        ("pattern", "told"),
        [
            ("layr2.0", "did you mean 'layer2.0'"),
            ("layer2.0.conv1", "inside of the box 'layer2.0'"),
            ("zzz", "; there are input, "),
        ],
    )
    def test_what_finds_nothing_is_refused(self, resnet, tmp_path, pattern, told):
        with pytest.raises(DrawError, match=told):
            ag.draw(resnet, tmp_path / "x.svg", set=[f"{pattern}:hide", "fc:label=Head"])
        assert not list(tmp_path.iterdir())

    def test_not_all_can_be_hidden(self, resnet, tmp_path):
        with pytest.raises(DrawError, match="hides all"):
            ag.draw(resnet, tmp_path / "x.svg", set="*:hide")

    def test_networks_side_by_side_are_named_before_their_boxes(self):
        nets = [ag.load("plain18"), ag.load("resnet18")]
        found = picture(nets, level="block", set=["resnet18/fc:label=Head", "conv1:label=Stem"])
        assert words(found, "resnet18/fc")[0] == "Head"
        assert words(found, "plain18/fc")[0] != "Head"


class TestPictures:
    def test_words_of_a_box_are_replaced(self, resnet):
        found = picture(resnet, set=["layer1.*:label=Stem", "fc:label=Head,sublabel=1000 classes"])
        assert words(found, "layer1.0")[0] == "Stem × 2"
        assert words(found, "layer1.0")[1:] == words(picture(resnet), "layer1.0")[1:]
        assert words(found, "fc") == ["Head", "1000 classes"]
        assert words(picture(resnet, set="fc:sublabel="), "fc") == ["fc"]

    def test_an_operator_goes_on_saying_what_it_is(self):
        net = ag.load("lenet5")
        before = words(picture(net, level="layer"), "c1")
        after = words(picture(net, level="layer", set="c1:label=First"), "c1")
        assert after[0] == "First"
        assert set(" ".join(before).split()) - {"C1"} <= set(" ".join(after).split())

    @pytest.mark.parametrize("theme", ["light", "dark", "print"])
    @pytest.mark.parametrize("color", ["#c0392b", "#ffee00", "navy", "#777", "convolution"])
    def test_words_on_any_colour_can_be_read(self, resnet, theme, color):
        (page,) = drawings(resnet, set=f"fc:color={color}", theme=theme)
        (group,) = (each for each in page.groups("node") if each.id == "fc")
        box, *texts = group.items
        assert all(contrast(box.paint.fill, text.color) >= 4.4 for text in texts)
        if theme == "print" and color.startswith("#"):
            assert len({box.paint.fill[at : at + 2] for at in (1, 3, 5)}) == 1

    def test_a_legend_says_what_a_colour_means(self, resnet):
        (page,) = drawings(resnet, set=[f"layer*:color={RED},legend=not trained"])
        (legend,) = page.groups("legend")
        said = [item.text for item in legend.items if hasattr(item, "text")]
        assert "not trained" in said
        assert "block" not in said  # no box has that colour now

    def test_a_box_that_hides_leaves_a_line(self, resnet):
        usual = picture(resnet)
        found = picture(resnet, set=["maxpool:hide", "*global avg pool*:hide"])
        gone = set(usual.nodes) - set(found.nodes)
        assert len(gone) == 2
        graph = nx.DiGraph(ends(usual))
        for name in gone:
            graph.add_edges_from((a, b) for a in graph.pred[name] for b in graph.succ[name])
            graph.remove_node(name)
        assert ends(found) == set(graph.edges)

    def test_the_cut_stays_where_nothing_is_hidden(self):
        net = ag.load("vit_b_16")
        usual, found = picture(net), picture(net, set="*:color=gold")
        assert list(found.nodes) == list(usual.nodes)

    @pytest.mark.parametrize("name", ["inception_naive", "resnet18/layer2.0"])
    def test_joins_with_a_label_hold_it(self, name):
        net = ag.load(name)
        joins = [n for n in net if net.op(n).family == "merge"]
        found = picture(net, level="layer", set=[f"{n}:label=all that was found" for n in joins])
        assert joins
        assert all(words(found, n)[0] == "all that was found" for n in joins)

    def test_a_label_of_any_length_is_drawn(self, resnet, tmp_path):
        long = "so many words that no box of this picture could hold them all in one line, " * 2
        settings = {f"layer{n}.*": {"label": long} for n in range(1, 5)}
        path = ag.draw(resnet, tmp_path / "x.svg", set=settings)
        assert "so many words" in path.read_text(encoding="utf-8")

    def test_a_shortcut_stays_where_its_boxes_hide(self):
        net = ag.load("resnet18/layer2.0")
        found = with_settings(build_view(net, "layer"), ["*downsample*:hide", "*bn1:hide"])
        graph = nx.DiGraph((edge.source, edge.target) for edge in found.edges)
        assert set(graph) == set(found.nodes)
        assert not [name for name in graph if "downsample" in name or "bn1" in name]
        assert nx.is_weakly_connected(graph)
        assert found.nodes["layer2.0.relu1"].attached  # to the convolution, as bn1 was
        assert picture(net, set="*downsample*:hide").lines


@pytest.mark.parametrize("suffix", ["svg", "html", "dot", "tex", "pptx", "pdf", "png"])
def test_every_format_shows_what_is_set(suffix, tmp_path):
    path, usual = tmp_path / f"x.{suffix}", tmp_path / f"usual.{suffix}"
    words = [f"layer1.*:label=Zebra,color={RED}", "maxpool:hide"]
    options = [word for text in words for word in ("--set", text)]
    assert main(["draw", "resnet18", "-o", str(path), *options]) == 0
    assert main(["draw", "resnet18", "-o", str(usual)]) == 0
    assert path.read_bytes() != usual.read_bytes()
    if suffix == "pptx":
        with zipfile.ZipFile(path) as parts:
            text = parts.read("ppt/slides/slide1.xml").decode()
    elif suffix in ("pdf", "png"):
        return
    else:
        text = path.read_text(encoding="utf-8")
    assert "Zebra" in text
    assert re.search("c0392b", text, re.IGNORECASE)


def test_the_command_and_python_set_the_same(tmp_path):
    typed = ["--set", "fc:label=Head, ok".replace(", ", r"\, "), "--set", "maxpool:hide"]
    assert main(["draw", "resnet18", "-o", str(tmp_path / "a.svg"), *typed]) == 0
    given = {"fc": {"label": "Head, ok"}, "maxpool": {"hide": True}}
    ag.draw("resnet18", tmp_path / "b.svg", set=given)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_volumes_have_labels_and_colours(tmp_path):
    path = ag.draw("vgg16", tmp_path / "x.svg", style="volumes", set=f"conv1*:color={RED}")
    assert RED in path.read_text(encoding="utf-8")
    with pytest.raises(DrawError, match="cannot be hidden"):
        ag.draw("vgg16", tmp_path / "y.svg", style="volumes", set="fc6:hide")


def test_graphviz_has_them_too():
    source = ag.to_graphviz(ag.load("resnet18"), set="fc:label=Head").source
    assert "Head" in source
