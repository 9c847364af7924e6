"""Charts tell the truth and can be read: measured from the written SVG."""

from __future__ import annotations

import itertools
import math
from xml.etree import ElementTree

import pytest

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import DrawError
from archgraph.exporters.pictures.charts.chart import chart_page
from archgraph.exporters.pictures.writers.svg import svg_text
from bench.reading_svg import SVG, read

LECTURE = ["alexnet", "zfnet", "vgg16", "vgg19", "googlenet"]
LECTURE += ["resnet34", "resnet50", "resnet101", "resnet152"]
CASES = [
    ("layers", ["alexnet", "vgg16"]),
    ("layers", ["lenet5"]),
    ("layers", ["plain34", "resnet34"]),
    ("layers", ["alexnet", "vgg16", "googlenet", "resnet50", "resnet152"]),
    ("layers", ["alexnet_two_gpu", "inception_naive", "inception_reduced"]),
    ("layers", ["resnet20_cifar", "resnet110_cifar"]),
    ("accuracy", LECTURE),
    ("accuracy", ["resnet50", "resnet101"]),
    ("accuracy", ["alexnet"]),
]


def chart(names, kind, fit="16:9", theme="light"):
    nets = [ag.load(name) for name in names]
    return chart_page(nets, chart=kind, fit=fit, theme=theme).drawing


def groups(svg, kind):
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        if (group.get("class") or "").split()[:1] == [kind]:
            yield group


def shape(group):
    rect = next(group.iter(f"{SVG}rect"))
    return {key: float(rect.get(key)) for key in ("x", "y", "width", "height")}


@pytest.mark.parametrize("fit", ["16:9", "4:3", "a4"])
@pytest.mark.parametrize(("kind", "names"), CASES)
def test_a_chart_can_be_read(kind, names, fit):
    picture = read(svg_text(chart(names, kind, fit)))
    for word in picture.words:
        assert word.size >= 9
        assert word.box.x >= 0
        assert word.box.y >= 0
        assert word.box.right <= picture.width, word.text
        assert word.box.bottom <= picture.height, word.text
    for one, other in itertools.combinations(picture.words, 2):
        assert not one.box.overlaps(other.box, slack=0.8), (one.text, other.text)


@pytest.mark.parametrize("metric", ["activation_bytes", "params", "macs"])
def test_bars_are_as_high_as_their_figures(metric):
    svg = svg_text(chart(["alexnet", "vgg16"], "layers"))
    heights, values = [], []
    for group in groups(svg, "bar"):
        if metric in group.get("class"):
            heights.append(shape(group)["height"])
            figure = group.findtext(f"{SVG}title").rpartition(": ")[2].split(" ")[0]
            values.append(int(figure.replace(",", "")))
    assert len(values) == 9 + 17
    totals = [ag.load(name).total(metric) for name in ("alexnet", "vgg16")]
    assert [sum(values[:9]), sum(values[9:])] == totals
    scale = max(heights) / max(values)
    for height, value in zip(heights, values, strict=True):
        assert height == pytest.approx(value * scale, abs=0.02)


def test_bars_show_where_the_lecture_says_the_cost_is():
    """Most memory in VGG-16's early convolutions, most parameters in fc6, as the lecture shows."""
    said = chart(["alexnet", "vgg16"], "layers").description
    assert "VGG-16: 110 MiB activations, most in conv1_2; 138 M parameters, most in fc6" in said
    assert "AlexNet: 4.80 MiB activations, most in conv1; 61.1 M parameters, most in fc6" in said


def test_circles_are_as_large_as_the_parameters_and_stand_at_macs_and_accuracy():
    svg = svg_text(chart(LECTURE, "accuracy"))
    found = {group.get("id"): shape(group) for group in groups(svg, "point")}
    assert set(found) == set(LECTURE)
    nets = {name: ag.load(name) for name in LECTURE}
    for name, circle in found.items():
        assert circle["width"] == circle["height"]
        area = circle["width"] ** 2 / found["vgg19"]["width"] ** 2
        assert area == pytest.approx(
            nets[name].total("params") / nets["vgg19"].total("params"), rel=0.01
        )
    x = {name: circle["x"] + circle["width"] / 2 for name, circle in found.items()}
    y = {name: circle["y"] + circle["height"] / 2 for name, circle in found.items()}
    decade = (x["vgg19"] - x["alexnet"]) / math.log10(19_632_062_464 / 714_188_480)
    wanted = x["alexnet"] + decade * math.log10(4_089_184_256 / 714_188_480)
    assert x["resnet50"] == pytest.approx(wanted, abs=0.1)
    # Published top-5 errors: AlexNet 18.2, GoogLeNet 10.07, ResNet-152 4.49.
    point = (y["alexnet"] - y["resnet152"]) / (18.2 - 4.49)
    assert y["googlenet"] == pytest.approx(y["resnet152"] + point * (10.07 - 4.49), abs=0.1)


def test_the_legend_of_circles_is_drawn_to_scale_in_a_free_place():
    for names, fit in ((LECTURE, "16:9"), (LECTURE, "a4"), (["alexnet"], "16:9"), (LECTURE, "4:3")):
        page = chart(names, "accuracy", fit)
        svg = svg_text(page)
        circles = {group.get("id"): shape(group) for group in groups(svg, "point")}
        (sizes,) = groups(svg, "legend")
        rings = [float(ring.get("width")) for ring in sizes.iter(f"{SVG}rect")]
        said = [text.text for text in sizes.iter(f"{SVG}text")][1:]
        assert len(rings) == len(said) >= 1
        for ring, words in zip(rings, said, strict=True):
            params = float(words.split()[0]) * {"k": 1e3, "M": 1e6}[words.split()[1]]
            for name, circle in circles.items():
                wanted = (ring / circle["width"]) ** 2 * ag.load(name).total("params")
                assert params == pytest.approx(wanted, rel=0.01)
        for ring in sizes.iter(f"{SVG}rect"):
            x, y, size = (float(ring.get(key)) for key in ("x", "y", "width"))
            for circle in circles.values():
                apart = math.hypot(
                    x + size / 2 - circle["x"] - circle["width"] / 2,
                    y + size / 2 - circle["y"] - circle["width"] / 2,
                )
                assert apart > (size + circle["width"]) / 2


def test_a_bar_means_the_same_for_all_networks():
    """Layers of AlexNet beside blocks of ResNet-152 would make AlexNet's look small."""
    from archgraph.exporters.pictures.charts.series import series

    nets = [ag.load(name) for name in ("alexnet", "vgg16", "googlenet", "resnet152")]
    assert {each.level for each in series(nets, 200)} == {"block"}
    assert {each.level for each in series(nets[:2], 200)} == {"layer"}
    assert {each.level for each in series(nets, 60)} == {"stage"}
    with pytest.raises(DrawError, match=r"have \d+ stages, but the chart has room for 8 bars"):
        series(nets, 8)


def test_what_no_paper_reports_is_said_and_not_invented():
    page = chart([*LECTURE, "resnet18"], "accuracy")
    words = [word.text for word in read(svg_text(page)).words]
    assert any("no top-5 error" in text and "ResNet-18" in text for text in words)
    with pytest.raises(DrawError, match=r"no error .* known for 'inception_naive'"):
        chart(["inception_naive"], "accuracy")


def test_errors_on_different_images_are_not_compared():
    page = chart(["resnet18", "resnet34", "resnet50", "resnet20_cifar", "lenet5"], "accuracy")
    assert {group.id for group in page.groups("point")} == {"resnet18", "resnet34", "resnet50"}
    words = " ".join(word.text for word in read(svg_text(page)).words)
    assert "top-1 accuracy on ILSVRC validation" in words
    assert "is published: ResNet-20 for CIFAR-10, LeNet-5" in words


def test_the_fitting_chart_is_chosen():
    assert "accuracy" in chart(["alexnet", "vgg16", "resnet50"], None).title
    assert "memory" in chart(["alexnet", "vgg16"], None).title
    assert "memory" in chart(["alexnet", "vgg16", "inception_naive"], None).title


def test_an_unknown_cost_is_shown_as_unknown():
    b = ag.Builder("odd", input=(3, 8, 8))
    x = b.conv("conv", b.input, 4, 3)
    net = b.build(b.add("odd", ag.ops.Opaque("Odd", shape=(4, 6, 6)), x))
    svg = svg_text(chart_page([net, net], chart="layers").drawing)
    assert any(word.text.startswith("total unknown") for word in read(svg).words)


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png", "pptx"])
def test_the_command_writes_every_format(suffix, tmp_path, capsys):
    file = tmp_path / f"chart.{suffix}"
    assert main(["compare", "alexnet", "vgg16", "-o", str(file), "--theme", "dark"]) == 0
    assert file.stat().st_size > 5000
    assert str(file) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--chart", "layer", "-o", "x.svg"], "no chart 'layer' (did you mean 'layers'?)"),
        (["--chart", "layers"], "--chart needs -o FILE"),
        (["--theme", "neon", "-o", "x.svg"], "no theme 'neon'"),
        (["--fit", "square", "-o", "x.svg"], "no canvas 'square'"),
    ],
)
def test_a_wrong_option_is_refused(arguments, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["compare", "alexnet", "vgg16", *arguments]) == 1
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("other", ["vgg16", "lenet5"])
def test_names_and_totals_of_a_narrow_chart_are_whole(other):
    narrow = ag.load("lenet5")
    narrow.graph["title"] = "a network of a longer name"
    page = chart_page([ag.load(other), narrow], fit="column").drawing
    drawn = read(svg_text(page))
    words = {word.text for word in drawn.words}
    assert "a network of a longer name" in words
    assert any("61.7 k" in word for word in words)
    for word in drawn.words:
        assert -0.1 <= word.box.x <= word.box.right <= drawn.width + 0.1, word.text


def test_dots_of_a_roofline_are_told_apart():
    from archgraph.answers.speed import roofline
    from archgraph.answers.speed.rates import rates_of
    from archgraph.exporters.pictures.charts.roof_dots import estimated_dots

    net = ag.load("resnet50")
    labels = [dot.label for dot in estimated_dots(net, roofline(net, rates_of("A100")), "layer")]
    assert len(set(labels)) > 0.8 * len(labels)
