"""Several pages show every layer: each box once, each edge with its line or both its marks."""

from __future__ import annotations

import warnings

import pytest

import archgraph as ag
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.layout import several_pages
from archgraph.exporters.pictures.view import build_view
from archgraph.exporters.pictures.writers.svg import svg_text
from archgraph.ops import ConvTranspose2d, MaxPool2d
from bench.every_layer import missing, offences
from bench.reading_svg import read


def dense(layers):
    """Return layers each of which reads all before it."""
    b = ag.Builder("dense", input=(16, 32, 32))
    read_by_all = [b.conv("stem", b.input, 16, 3, padding=1)]
    for number in range(layers):
        x = b.concat(f"concat{number}", *read_by_all) if number else read_by_all[0]
        read_by_all.append(b.conv(f"conv{number}", b.relu(f"relu{number}", x), 16, 3, padding=1))
    return b.build(b.concat("join", *read_by_all))


def nested(depth):
    """Return an encoder and a decoder, many layers each, with a skip at each size of maps."""
    b = ag.Builder("nested", input=(8, 256, 256))

    def layers(path, x):
        for number in range(5):
            conv = b.conv(f"{path}.conv{number}", x, 8, 3, padding=1)
            x = b.relu(f"{path}.relu{number}", conv)
        return x

    x, skips = b.input, []
    for level in range(depth):
        skips.append(layers(f"down{level}", x))
        x = b.add(f"down{level}.pool", MaxPool2d(2), skips[-1])
    for level in reversed(range(depth)):
        x = b.add(f"up{level}.up", ConvTranspose2d(8, 8, 2, 2), x)
        x = layers(f"up{level}", b.concat(f"up{level}.concat", skips[level], x))
    return b.build(x)


def residual(blocks):
    """Return many blocks with a shortcut each, which are not alike."""
    b = ag.Builder("residual", input=(8, 32, 32))
    x = b.input
    for number in range(blocks):
        y = b.conv(f"a{number}", x, 8 + number, 3, padding=1)
        x = b.sum(f"add{number}", b.conv(f"b{number}", b.relu(f"r{number}", y), 8, 1), x)
    return b.build(x)


def pages_of(net, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing coarser is drawn instead
        return [read(svg_text(each)) for each in drawings(net, level="layer", **options)]


@pytest.mark.parametrize("fit", ["16:9", "a4"])
@pytest.mark.parametrize("make", [lambda: dense(25), lambda: nested(4), lambda: residual(50)])
def test_every_layer_is_on_a_readable_page(make, fit):
    net = make()
    pages = pages_of(net, fit=fit)
    assert len(pages) > 1
    assert offences(build_view(net, "layer"), pages) == {}


def test_a_lost_flag_is_noticed():
    net = nested(4)
    view, pages = build_view(net, "layer"), pages_of(net)
    assert not list(missing(view, pages))
    flag = next(key for key, node in pages[-1].nodes.items() if "marks" in node.data)
    del pages[-1].nodes[flag]
    assert list(missing(view, pages))


def test_flags_say_number_page_name_and_shape():
    pages = pages_of(nested(4))
    words = {
        word.text
        for page in pages
        for node in page.nodes.values()
        if "marks" in node.data
        for word in node.words
    }
    assert "down0.relu4" in words
    assert "8 × 256 × 256" in words
    assert any(word.endswith("from page 1") for word in words)
    assert any(f"to page {len(pages)}" in word for word in words)


def test_many_layers_take_time_in_proportion(monkeypatch):
    tried = []
    usual = several_pages.in_columns
    monkeypatch.setattr(
        several_pages, "in_columns", lambda view, space: tried.append(view) or usual(view, space)
    )
    boxes = []
    for blocks in (40, 80):
        tried.clear()
        several_pages.several_pages(build_view(residual(blocks), "layer"), (920.0, 446.0))
        boxes.append(sum(len(view.nodes) for view in tried))
    assert boxes[1] < 2.5 * boxes[0]


def test_the_same_network_gives_the_same_pages():
    first, second = (
        [svg_text(each) for each in drawings(nested(4), level="layer")] for _ in range(2)
    )
    assert first == second
