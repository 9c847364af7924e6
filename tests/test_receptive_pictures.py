"""Pictures of receptive fields: squares on the input, or single units of small networks."""

from __future__ import annotations

import pytest

import archgraph as ag
from archgraph import ops
from archgraph.errors import DrawError
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.drawing import Box, Drawing, Text
from archgraph.exporters.pictures.text.widths import text_width


def _stacked(name: str, *kernels: int) -> ag.ArchGraph:
    b = ag.Builder(name, input=(8, 15, 15))
    x = b.input
    for number, kernel in enumerate(kernels, 1):
        x = b.conv(f"conv{number}", x, 8, kernel, padding=kernel // 2, bias=False)
    return b.build(x)


def _texts(drawing: Drawing) -> list[Text]:
    return [shape for shape in drawing.shapes() if isinstance(shape, Text)]


def _words(drawing: Drawing) -> list[str]:
    return [text.text for text in _texts(drawing)]


def _drawn(*nets: ag.ArchGraph, **options) -> Drawing:
    (page,) = drawings(nets, style="receptive", **options)
    return page


def test_two_small_windows_see_as_far_as_a_large_one_with_fewer_weights():
    page = _drawn(_stacked("two", 3, 3), _stacked("one", 5))
    words = _words(page)
    assert words.count("one unit sees 5 × 5 pixels") == 2
    assert words.count("5 × 5 pixels are seen") == 2
    assert "3 × 3 units, each sees 3 × 3 pixels" in words
    assert "3·3 + 3·3 = 18 weights for each pair of channels" in words
    assert "5·5 = 25 weights for each pair of channels" in words


def test_squares_have_the_sizes_that_are_told():
    page = _drawn(ag.load("vgg16"))
    sizes = {
        group.id: group.items[0].width
        for group in page.groups("field")
        if isinstance(group.items[0], Box)
    }
    pixel = next(page.groups("outline")).items[0].width / 224
    told = {"features.4": 6, "features.9": 16, "features.16": 44, "features.23": 100}
    assert {key: round(size / pixel, 6) for key, size in sizes.items()} == told | {
        "features.30": 212
    }
    assert "sees 212 × 212 px, step 32" in _words(page)
    assert "sees the whole input" in _words(page)


@pytest.mark.parametrize(
    "names",
    [
        ["vgg16"],
        ["resnet50"],
        ["unet"],
        ["googlenet"],
        ["lenet5"],
        ["lenet5", "alexnet"],
        ["vit_b_16"],
    ],
)
@pytest.mark.parametrize("fit", ["16:9", "a4", "none"])
def test_words_are_readable_on_the_canvas_and_cover_no_others(names, fit):
    page = _drawn(*map(ag.load, names), fit=fit)
    boxes = []
    for text in _texts(page):
        width = text_width(text.text, text.size, text.bold)
        left = text.x - {"start": 0, "middle": width / 2, "end": width}[text.anchor]
        assert text.size >= 7
        assert left >= 0
        assert left + width <= page.width
        assert 0 <= text.y <= page.height
        boxes.append((left, text.y - 0.7 * text.size, left + width, text.y, text.text))
    for n, a in enumerate(boxes):
        for b in boxes[n + 1 :]:
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            assert apart, (a, b)


def test_one_axis_is_drawn_as_strips():
    b = ag.Builder("sound", input=(1, 4000))
    x = b.add("first", ops.Conv1d(1, 4, 10, 5), b.input)
    page = _drawn(b.build(b.add("second", ops.Conv1d(4, 4, 9, 4), x)))
    words = _words(page)
    assert "sees 10 px, step 5" in words
    assert "sees 50 px, step 20" in words
    assert "4000 px, a part is shown" in words


@pytest.mark.parametrize("suffix", ["svg", "pdf", "pptx", "tex"])
def test_every_format_of_pages_has_them(tmp_path, suffix):
    first = ag.draw(ag.load("lenet5"), tmp_path / f"a.{suffix}", style="receptive").read_bytes()
    again = ag.draw(ag.load("lenet5"), tmp_path / f"b.{suffix}", style="receptive").read_bytes()
    assert first == again


def test_a_network_whose_units_all_see_all_says_so(tmp_path):
    b = ag.Builder("mlp", input=(16,))
    net = b.build(b.linear("fc", b.input, 4))
    with pytest.raises(DrawError, match="'mlp' has no layer whose receptive field"):
        ag.draw(net, tmp_path / "x.svg", style="receptive")


def test_a_network_of_open_size_says_how_to_say_it(tmp_path):
    net = ag.ArchGraph(name="open")
    net.add("x", ops.Input((3, "H", "W")))
    net.add("conv", ops.Conv2d(3, 4, 3), ["x"])
    with pytest.raises(DrawError, match="say its size with input='3x224x224'"):
        ag.draw(net, tmp_path / "x.svg", style="receptive")
