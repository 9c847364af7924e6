"""Picture formats of other packages, and graphs for those who go on with Graphviz."""

from __future__ import annotations

import sys
from xml.etree import ElementTree

import networkx
import pygraphviz
import pytest

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import DrawError, UnknownNameError
from archgraph.exporters import pictures
from archgraph.plugins import offers

HOSTILE_WORDS = ["a:b", "a:b:n", "<b>bold</b>", 'a "quoted"', "back\\slash", "end\\", "new\\nline"]
HOSTILE_WORDS += ["합성곱", "a -> b; c", "node", "A & B", "&lt;", "{a|<f0> b}", "-4.2"]

PACKAGE = """
from archgraph.exporters.pictures import Group, Page, Writer, label_lines, tone_of

def mermaid(pages):
    (page,) = pages
    index = {key: f"n{number}" for number, key in enumerate(page.view.nodes)}
    rows = [f'{index[key]}["{label_lines(node)[0]}"]' for key, node in page.view.nodes.items()]
    rows += [f"style {index[k]} fill:{tone_of(n).fill}" for k, n in page.view.nodes.items()]
    rows += [f"{index[edge.source]} --> {index[edge.target]}" for edge in page.view.edges]
    return "\\n".join([f"flowchart TB %% {page.drawing.title}", *rows]).encode()

def boxes(pages):
    rows = []
    for page in pages:
        kind = "bars" if page.series else page.view.level
        rows.append(f"page {kind}: " + ",".join(node.id for node in page.drawing.groups("node")))
    return "\\n".join(rows).encode()

MERMAID = Writer(mermaid, takes="view")
BOXES = Writer(boxes)
BOOK = Writer(boxes, takes="pages")
TOUR = Writer(boxes, takes="levels")
"""

POINTS = """
[archgraph.writers]
flow = someones_formats:MERMAID
boxes = someones_formats:BOXES
book = someones_formats:BOOK
tour = someones_formats:TOUR
"""


@pytest.fixture
def package(tmp_path_factory, monkeypatch):
    """Install a package that brings four formats."""
    folder = tmp_path_factory.mktemp("site")
    info = folder / "someones_formats-1.0.dist-info"
    info.mkdir()
    (folder / "someones_formats.py").write_text(PACKAGE, encoding="utf-8")
    (info / "METADATA").write_text("Name: someones-formats\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    offers.cache_clear()
    yield
    offers.cache_clear()
    sys.modules.pop("someones_formats", None)


@pytest.mark.usefixtures("package")
class TestAFormatOfAnotherPackage:
    """It is drawn, charted and refused as ours are."""

    def text(self, tmp_path, name, suffix, **options):
        nets = [ag.load(each) for each in name.split("+")]
        return ag.draw(nets, tmp_path / f"x.{suffix}", **options).read_text(encoding="utf-8")

    def test_a_view_has_words_colours_and_edges(self, tmp_path):
        text = self.text(tmp_path, "lenet5", "flow", level="layer")
        net = ag.load("lenet5")
        assert text.startswith("flowchart TB %% LeNet-5")
        assert text.count("style ") == len(net)
        assert text.count(" --> ") == net.number_of_edges()
        assert '["S2: 2×2 avg pool, /2"]' in text

    def test_the_command_line_draws_it(self, tmp_path, capsys):
        assert main(["draw", "lenet5", "-o", str(tmp_path / "x.flow")]) == 0
        assert "x.flow" in capsys.readouterr().err
        assert ag.export(ag.load("lenet5"), tmp_path / "y.flow").exists()

    def test_one_page_has_a_level_that_fits_and_pages_the_one_asked_for(self, tmp_path):
        with pytest.warns(UserWarning, match="drawn at block level"):
            one = self.text(tmp_path, "resnet18", "boxes", level="layer", fit="4:3")
        assert one.startswith("page block: ")
        several = self.text(tmp_path, "resnet152", "book", level="layer").splitlines()
        assert len(several) > 1
        assert all(line.startswith("page layer: ") for line in several)

    def test_levels_hold_every_level_and_what_opens(self, tmp_path):
        lines = self.text(tmp_path, "lenet5", "tour").splitlines()
        assert {line.split(":")[0] for line in lines} == {"page stage", "page block", "page layer"}

    @pytest.mark.parametrize(
        ("names", "style"), [("alexnet+vgg16", "layout"), ("vgg16", "volumes")]
    )
    def test_networks_together_and_volumes_are_drawn_too(self, tmp_path, names, style):
        assert "page block: " in self.text(tmp_path, names, "boxes", style=style)

    def test_a_chart_is_written_where_the_format_holds_pages(self, tmp_path):
        nets = [ag.load("alexnet"), ag.load("vgg16")]
        for suffix in ("boxes", "book"):
            path = ag.chart(nets, tmp_path / f"x.{suffix}")
            assert path.read_text(encoding="utf-8").startswith("page bars")
        with pytest.raises(DrawError, match=r"a .flow file holds no chart"):
            ag.chart(nets, tmp_path / "x.flow")

    def test_what_cannot_go_together_is_refused_as_for_ours(self, tmp_path):
        for suffix in ("flow", "tour"):
            with pytest.raises(DrawError, match=f"a .{suffix} file cannot show volumes"):
                self.text(tmp_path, "alexnet", suffix, style="volumes")
            with pytest.raises(DrawError, match=f"a .{suffix} file shows one network"):
                self.text(tmp_path, "alexnet+vgg16", suffix)
        with pytest.raises(UnknownNameError, match="has no option levle"):
            self.text(tmp_path, "alexnet", "flow", levle="block")
        assert not list(tmp_path.iterdir())


def test_everything_public_can_be_imported():
    for name in pictures.__all__:
        assert getattr(pictures, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Drawings'"):
        _ = pictures.Drawings


class TestAGraphForGraphviz:
    """``to_graphviz`` gives what a .dot file holds."""

    def test_it_is_a_digraph_to_go_on_with(self, tmp_path):
        net = ag.load("googlenet")
        graph = ag.to_graphviz(net, level="block", open="inception3a")
        file = ag.draw(net, tmp_path / "x.dot", level="block", open="inception3a")
        assert graph.source == file.read_text(encoding="utf-8")
        graph.attr(rankdir="LR")
        graph.node("mine")
        read = pygraphviz.AGraph(graph.source)
        assert read.graph_attr["rankdir"] == "LR"
        assert {"mine", "inception3b"} <= set(read.nodes())

    def test_a_name_is_enough(self):
        assert ag.to_graphviz("lenet5").source == ag.to_graphviz(ag.load("lenet5")).source

    def test_what_enters_a_frame_in_the_middle_runs_beside_its_label(self):
        graph = pygraphviz.AGraph(ag.to_graphviz("resnet18").source)
        graph.layout("dot")
        frames = [each.graph_attr for each in graph.subgraphs()]
        labels = [
            (*map(float, each["lp"].split(",")), float(each["lwidth"]) * 36) for each in frames
        ]
        assert len(labels) == 6  # conv1 to conv5_x, and the classifier
        for edge in graph.edges():
            points = edge.attr["pos"].removeprefix("e,").split()
            ends = [tuple(map(float, each.split(","))) for each in points]
            (low, high), (left, right) = (
                (min(axis), max(axis)) for axis in ([y for _, y in ends], [x for x, _ in ends])
            )
            for x, y, half in labels:
                assert not (low < y < high and left < x + half and x - half < right)

    def test_a_wrong_option_gets_the_nearest(self):
        with pytest.raises(UnknownNameError, match="did you mean 'level'"):
            ag.to_graphviz(ag.load("lenet5"), levle="block")

    @pytest.mark.parametrize("word", HOSTILE_WORDS)
    def test_no_word_means_anything_but_itself(self, word):
        b = ag.Builder("x", input=(3, 8, 8))
        net = b.build(b.relu("end", b.conv("start", b.input, 4, 3, label=word)))
        net = networkx.relabel_nodes(net, {"start": word})
        graph = pygraphviz.AGraph(ag.to_graphviz(net, level="layer").source)
        # Graphviz takes names as they are written and reads & and \\ in labels only.
        name = word.replace("\\", "\\\\").replace("&", "&amp;")
        assert set(graph.nodes()) == {"input", name, "end", "output:1"}
        assert set(graph.edges()) == {("input", name), (name, "end"), ("end", "output:1")}
        graph.layout("dot")
        painted = ElementTree.fromstring(graph.draw(format="svg").decode("utf-8"))
        words = [text.text for text in painted.iterfind(".//{*}g[@id='node2']//{*}text")]
        assert words[0] == word
