"""What `make rivals` measures of the pictures and layouts of other tools is what is in them."""

from __future__ import annotations

import pytest

import archgraph as ag
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.writers.svg import svg_text

slide_labels = pytest.importorskip("bench.rivals.slide_labels", reason="not in a checkout")

from bench.first_pictures.network import Network  # noqa: E402
from bench.reading_svg import Box, flattened  # noqa: E402
from bench.rivals import trials  # noqa: E402
from bench.rivals.arrangements import Arrangement, Shown, by_graphviz, shown  # noqa: E402
from bench.rivals.drawing_tools import TOOLS, Tool  # noqa: E402
from bench.rivals.drawn_tables import line, pictures, tools  # noqa: E402


def laid_out(**settings):
    pygraphviz = pytest.importorskip("pygraphviz")
    graph = pygraphviz.AGraph(directed=True)
    graph.graph_attr.update(settings)
    graph.node_attr.update(fontsize=10)
    graph.add_edges_from([(f"n{i}", f"n{i + 1}") for i in range(30)])
    return graph.draw(format="svg", prog="dot").decode()


def test_a_label_is_as_large_on_a_slide_however_small_graphviz_made_the_picture():
    plain = slide_labels.smallest_label(laid_out())
    assert 0.5 < plain < 5
    assert slide_labels.smallest_label(laid_out(size="2,2")) == pytest.approx(plain, rel=0.05)


def test_a_label_is_the_largest_text_of_its_box():
    text = '<text font-size="{}">word</text>'
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1920 540">{}{}{}</svg>'.format(
        f'<g class="tg-node tg-conv">{text.format(30)}{text.format(20)}</g>',
        f'<g class="tg-node tg-norm">{text.format(40)}</g>',
        f'<g class="tg-labels">{text.format(5)}</g>',
    )
    assert slide_labels.smallest_label(svg) == 15


def test_our_own_picture_is_measured_as_it_is():
    (page,) = drawings(ag.load("resnet50"), pages=False)
    sizes = [
        max(item.size for item in group.items if hasattr(item, "size"))
        for group in page.groups("node")
        if any(hasattr(item, "size") for item in group.items)
    ]
    assert slide_labels.smallest_label(svg_text(page)) == pytest.approx(min(sizes), abs=0.01)


def fails(_):
    raise ValueError("it cannot")


def hangs(_):
    def draw(_):
        while True:
            pass

    return draw


def test_a_tool_that_hangs_or_fails_is_counted(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(trials, "LIMIT", 1)
    ours = TOOLS["archgraph"]
    monkeypatch.setitem(TOOLS, "hangs", Tool((hangs,), False, "archgraph"))
    monkeypatch.setitem(TOOLS, "fails", Tool((fails, fails), False, "archgraph"))
    monkeypatch.setitem(TOOLS, "tries", Tool((fails, *ours.ways), False, "archgraph"))
    network = Network("lenet5", "gallery", lambda: ag.load("lenet5"))
    found = trials.tried(network, ["archgraph", "hangs", "fails", "tries", "tensorgami"])
    assert list(found.drawn) == ["archgraph", "hangs", "fails", "tries"]
    assert found.drawn["archgraph"].fits
    assert found.drawn["tries"].label == found.drawn["archgraph"].label
    assert found.drawn["hangs"].error == trials.SLOW
    assert found.drawn["fails"].error == "ValueError: it cannot"
    assert "archgraph | 1 | 1 |" in tools([found])
    assert "| hangs | 0 | 0 | – | – |" in tools([found])
    assert "[1] fails: ValueError: it cannot" in pictures([found])
    assert line(found).startswith("gallery: lenet5: archgraph ")


@pytest.mark.parametrize("name", ["resnet18", "alexnet_two_gpu", "unet", "inception_naive"])
def test_all_that_a_picture_shows_is_laid_out_by_others_too(name):
    pytest.importorskip("pygraphviz")
    view = shown(name, ag.load(name))
    assert set(view.ours.lines) == set(view.edges)
    for found in (view.ours, by_graphviz(view, True)):
        assert list(found.boxes) == list(view.sizes)
        for (source, target), path in found.lines.items():
            begin, *_, end = flattened(path)
            assert near(found.boxes[source], begin)
            assert near(found.boxes[target], end)


def near(box, point):
    return Box(box.x - 3, box.y - 3, box.width + 6, box.height + 6).contains(*point, slack=0.0)


def test_what_readers_mind_is_counted():
    pytest.importorskip("geg")
    from bench.rivals.layout_scores import scored

    boxes = {
        key: Box(x, y, 10, 10)
        for key, x, y in zip("abcde", (0, 50, 0, 50, 30), (0, 0, 60, 60, 80), strict=True)
    }
    lines = {
        ("a", "d"): "M5,5 L55,65",
        ("b", "c"): "M55,5 L5,65",
        ("c", "d"): "M5,65 L5,85 L55,85 L55,65",
    }
    view = Shown(
        "made",
        dict.fromkeys(boxes, (10, 10)),
        frozenset(),
        tuple(lines),
        (900, 400),
        Arrangement(boxes, lines),
    )
    found = scored(view, view.ours)
    assert (found.crossings, found.through, found.shared) == (1, 1, 0)
    assert found.turns == pytest.approx(2)
    assert found.aspect == pytest.approx(60 / 90)
