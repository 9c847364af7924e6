"""What our own reader measures in an SVG is what a browser shows."""

from __future__ import annotations

import browser as browsers
import pytest

import archgraph as ag
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.writers.svg import svg_text
from bench.reading_svg import read

SAMPLE = [
    ("lenet5", "layer", "a4"),
    ("alexnet_two_gpu", "layer", "16:9"),
    ("vgg16", "block", "16:9"),
    ("googlenet", "block", "16:9"),
    ("googlenet_bn", "layer", "a4"),
    ("inception_reduced", "layer", "16:9"),
    ("resnet50", "block", "16:9"),
    ("resnet152", "stage", "a4"),
    ("resnet18", "layer", "16:9"),
]

MEASURE = """() => {
  const box = (e) => { const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; };
  const words = (e) => [...e.querySelectorAll("text")].map((t) =>
    [t.textContent, parseFloat(getComputedStyle(t).fontSize), ...box(t)]);
  const root = document.querySelector("svg"), nodes = [...root.querySelectorAll("g.node")];
  return {
    nodes: nodes.map((g) => [box(g.querySelector("rect")), words(g)]),
    words: words(root), size: box(root),
  };
}"""


@pytest.fixture(scope="module")
def browser():
    with browsers.chromium() as found:
        yield found


@pytest.mark.parametrize(("name", "level", "fit"), SAMPLE)
def test_a_browser_shows_words_in_their_boxes(browser, name, level, fit):
    for page in drawings(ag.load(name), level=level, fit=fit):
        svg = svg_text(page)
        with browsers.page(browser) as tab:
            tab.set_content(f'<body style="margin:0">{svg}</body>')
            # One CSS pixel is one point of the drawing.
            tab.evaluate(f"document.querySelector('svg').setAttribute('width', '{page.width}px')")
            tab.evaluate(f"document.querySelector('svg').setAttribute('height', '{page.height}px')")
            seen = tab.evaluate(MEASURE)
        ours = read(svg)
        assert len(seen["words"]) == len(ours.words)
        assert min(word[1] for word in seen["words"]) >= 7
        for box, words in seen["nodes"]:
            assert max(size for _, size, *_ in words) >= 9
            for text, size, x, _, width, _ in words:
                assert box[0] - 0.5 <= x, text
                assert x + width <= box[0] + box[2] + 0.5, text
                assert width <= 40 * size
        for (text, _, x, y, width, height), word in zip(seen["words"], ours.words, strict=True):
            assert text == word.text
            turned = word.box.height > word.box.width and len(text) > 2
            if not turned:
                assert width == pytest.approx(word.box.width, rel=0.03, abs=1.5), text
                assert x == pytest.approx(word.box.x, abs=1.5 + 0.02 * width), text
            assert x >= 0
            assert x + width <= page.width + 0.5
            assert y + height <= page.height + 0.5
