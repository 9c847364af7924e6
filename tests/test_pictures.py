"""Every picture of the gallery can be read on a slide: measured from the written SVG."""

from __future__ import annotations

import itertools
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measure_canvas import canvas_is_used
from random_graphs import graphs

import archgraph as ag
from archgraph.errors import DrawError
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.look.theme import THEMES
from archgraph.exporters.pictures.view import build_view
from archgraph.exporters.pictures.writers.svg import svg_text
from bench import readable
from bench.every_layer import missing
from bench.reading_svg import read

NETWORKS = sorted(ag.architectures())
LEVELS = ("stage", "block", "layer")
LARGEST = 18.0


def pictures(name, level, fit, **options):
    net = ag.load(name)
    return [read(svg_text(page)) for page in drawings(net, level=level, fit=fit, **options)]


@pytest.mark.parametrize("fit", ["16:9", "a4"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_picture_can_be_read(name, level, fit):
    pages = pictures(name, level, fit)
    for picture in pages:
        can_be_read(picture)
        if len(pages) == 1:  # several end where a block does
            the_canvas_is_used(picture, "layout", name, level, fit)


@pytest.mark.parametrize("options", [{"level": "stage"}, {"level": "block"}, {"style": "volumes"}])
@pytest.mark.parametrize("name", ["alexnet_two_gpu", "resnet50", "vgg16", "vit_b_16"])
def test_scripts_read_what_is_behind_each_box(name, options):
    if options.get("style") == "volumes" and name in ("resnet50", "vit_b_16"):
        pytest.skip("branches are no chain of volumes")
    net = ag.load(name)
    (drawing,) = drawings(net, pages=False, **options)
    behind = [dict(group.data) for group in drawing.groups("node")]
    wanted = {"macs": net.total("macs"), "params": net.total("params")}
    if "level" in options:  # volumes leave out what does not change a map
        wanted["operators"] = len(net)
    for key, total in wanted.items():
        assert sum(int(each[key]) for each in behind) == total
    view = {node.repeat for node in build_view(net, "block").nodes.values()}
    assert options.get("level") != "block" or {int(each["repeat"]) for each in behind} == view
    assert 'data-operators="' in svg_text(drawing)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(net=graphs(), level=st.sampled_from(LEVELS), fit=st.sampled_from(["16:9", "a4", "none"]))
def test_a_picture_of_any_network_can_be_read(net, level, fit):
    pages = [read(svg_text(page)) for page in drawings(net, level=level, fit=fit)]
    for picture in pages:
        sizes_are_readable(picture)
        words_stay_in_their_boxes(picture)
        boxes_do_not_overlap(picture)
        lines_avoid_foreign_boxes(picture)
        words_do_not_cover_each_other(picture)
        everything_is_on_the_canvas(picture)
    assert not list(missing(build_view(net, level), pages))


@pytest.mark.parametrize("name", ["alexnet_two_gpu", "googlenet", "resnet18"])
@pytest.mark.parametrize("level", ["block", "layer"])
def test_any_number_of_facts_fit_their_boxes(name, level):
    net = ag.load(name)
    net.attach("heat_of_the_chip", dict.fromkeys(list(net)[:3], 1), title="Heat of the chip")
    facts = ("op", "shape", "heat_of_the_chip", "macs", "params", "flops", "activation_bytes")
    for page in drawings([net], level=level, facts=facts):
        can_be_read(read(svg_text(page)))


def can_be_read(picture):
    sizes_are_readable(picture)
    words_stay_in_their_boxes(picture)
    boxes_do_not_overlap(picture)
    lines_avoid_foreign_boxes(picture)
    lines_avoid_loose_words(picture)
    words_do_not_cover_each_other(picture)
    everything_is_on_the_canvas(picture)


def holding_to(rule):
    """Return a check that a picture does not offend against a rule."""

    def check(picture):
        assert not list(rule(picture))

    return check


sizes_are_readable = holding_to(readable.small_words)
words_stay_in_their_boxes = holding_to(readable.words_outside)
boxes_do_not_overlap = holding_to(readable.overlapping_boxes)
lines_avoid_foreign_boxes = holding_to(readable.lines_through_boxes)
lines_avoid_loose_words = holding_to(readable.lines_through_words)
words_do_not_cover_each_other = holding_to(readable.covered_words)
everything_is_on_the_canvas = holding_to(readable.off_the_page)


def the_canvas_is_used(picture, *drawn):
    """The boxes reach over most of the canvas, or are as large as text should be on a slide."""
    boxes = [node.box for node in picture.nodes.values()]
    points = [p for box in boxes for p in ((box.x, box.y), (box.right, box.bottom))]
    if max(word.size for node in picture.nodes.values() for word in node.words) < LARGEST:
        canvas_is_used(picture, points, *drawn)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_block_picture_fits_on_one_slide(name):
    assert len(pictures(name, "block", "16:9")) == 1


@pytest.mark.parametrize("name", ["googlenet", "resnet152", "alexnet_two_gpu"])
def test_the_same_input_gives_the_same_bytes(name):
    one, two = (svg_text(drawings(ag.load(name))[0]) for _ in range(2))
    assert one == two


@pytest.mark.parametrize("name", NETWORKS)
def test_every_operator_stands_behind_some_box(name):
    net = ag.load(name)
    for level in LEVELS:
        view = build_view(net, level)
        behind = [name for node in view.nodes.values() for name in node.members]
        assert sorted(behind) == sorted(net)


def test_repeated_blocks_are_folded_by_structure():
    repeats = [n.repeat for n in build_view(ag.load("resnet152"), "block").nodes.values()]
    # Each stage's first block has a projection; the others are equal.
    assert [n for n in repeats if n > 1] == [2, 7, 35, 2]
    whole = build_view(ag.load("resnet152"), "block", fold=False)
    assert sum(key.startswith("layer") for key in whole.nodes) == 50


def test_the_lanes_of_two_gpus_show_each_half_and_what_crosses():
    (picture,) = pictures("alexnet_two_gpu", "layer", "16:9")
    widths = {
        lane: [
            node.title.split("output ")[1].split(" ")[0]
            for node in picture.nodes.values()
            if node.id.endswith(f"gpu{lane}") and node.classes[1] in ("conv", "linear")
        ]
        for lane in (0, 1)
    }
    wanted = ["48", "128", "192", "192", "128", ["2048", "MACs"][0], "2048"]
    assert [w.split("\n")[0] for w in widths[0]] == wanted
    assert [w.split("\n")[0] for w in widths[1]] == wanted
    crossing = {line.target.split(".")[0] for line in picture.lines if line.kind == "crossing"}
    assert crossing == {"gather3", "gather6", "gather7", "gather8"}
    for layer in ("conv1", "conv4", "fc6"):
        upper, lower = (picture.nodes[f"{layer}.gpu{lane}"].box for lane in (0, 1))
        assert upper.bottom < lower.y
        assert abs(upper.x - lower.x) < 0.1
    assert any("84.5 KiB" in word.text for word in picture.words)


def test_the_branches_of_an_inception_module_stand_in_the_papers_order():
    (picture,) = pictures("googlenet/inception3a", "layer", "16:9")
    starts = ["branch1.conv", "branch2.0.conv", "branch3.0.conv", "branch4.0"]
    boxes = [picture.nodes[f"inception3a.{name}"].box for name in starts]
    across = [(box.x, box.y) for box in boxes]
    assert across == sorted(across)
    bar = picture.nodes["inception3a.concat"].box
    assert max(bar.width, bar.height) >= 0.9 * max(
        boxes[-1].right - boxes[0].x, boxes[-1].bottom - boxes[0].y
    )


def test_shortcuts_of_residual_blocks_are_shown_as_such():
    (first,) = pictures("resnet50/layer1.0", "layer", "16:9")
    assert {line.kind for line in first.lines} == {"data", "projection"}
    (second,) = pictures("resnet50/layer1.1", "layer", "16:9")
    shortcut = [line for line in second.lines if line.kind == "shortcut"]
    assert [(line.source, line.target) for line in shortcut] == [("input", "layer1.1.add")]


def test_auxiliary_heads_leave_the_side_of_4a_and_4d():
    (picture,) = pictures("googlenet", "block", "16:9")
    leaving = {(line.source, line.target) for line in picture.lines if line.kind == "auxiliary"}
    assert leaving == {("inception4a", "aux1"), ("inception4d", "aux2")}


def test_a_level_that_does_not_fit_on_one_page_is_drawn_coarser_and_says_so():
    with pytest.warns(UserWarning, match="'resnet152' at layer level does not fit.*block level"):
        (page,) = drawings(ag.load("resnet152"), level="layer", pages=False)
    assert {group.id for group in page.groups("node")} >= {"layer1.0", "layer4.0"}


@pytest.mark.parametrize("color", ["op", "macs", "params", "activation_bytes"])
@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_colours_leave_the_words_readable(color, theme):
    for page in drawings(ag.load("googlenet"), color=color, theme=theme):
        for group in page.groups("node"):
            fill = group.items[0].paint.fill
            for item in group.items[1:]:
                if hasattr(item, "text"):
                    # WCAG 2.2 asks for a contrast of 4.5.
                    assert contrast(fill, item.color) >= 4.5, (group.id, fill, item.color)


def test_greys_on_paper_can_be_told_apart():
    tones = THEMES["print"].tones
    kinds = ("input", "reduction", "module", "conv", "pool", "merge", "linear")
    steps = [lightness(tones[kind].fill) for kind in kinds]
    assert all(one - other >= 4 for one, other in itertools.pairwise(steps)), steps
    common = [lightness(tones[kind].fill) for kind in ("input", "module", "conv", "pool", "linear")]
    assert all(one - other >= 7 for one, other in itertools.pairwise(common)), common


def lightness(colour):
    """Return the L* of CIE 1976, 0 to 100."""
    return 116 * (contrast(colour, "#000000") * 0.05 - 0.05) ** (1 / 3) - 16


def contrast(one, other):
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_hostile_names_come_out_as_harmless_words():
    b = ag.Builder('<script>alert("x")</script> & Co', input=(3, 8, 8))
    b.net.graph["title"] = '<script>alert("1")</script> 한국어 עברית'
    names = ["</g>", "a&b", '"quoted"', "한국어", "x" * 300, "%#$_{}~^\\"]
    x = b.input
    for index, name in enumerate(names):
        x = b.conv(f"conv{index}", x, 4, 3, padding=1, label=name)
    net = b.build(x)
    (page,) = drawings(net, level="layer")
    svg = svg_text(page)
    assert "<script" not in svg
    picture = read(svg)
    sizes_are_readable(picture)
    words_stay_in_their_boxes(picture)
    assert any("한국어" in word.text for word in picture.words)
    assert any("</g>" in word.text for word in picture.words)


def test_a_tangled_graph_is_laid_out_without_overlaps():
    b = ag.Builder("dense", input=(4, 8, 8))
    found = [b.input]
    for index in range(5):
        joined = b.concat(f"concat{index}", *found) if index else found[0]
        found.append(b.conv(f"conv{index}", joined, 4, 3, padding=1))
    net = b.build(b.concat("out", *found[1:]))
    for page in drawings(net, level="layer"):
        picture = read(svg_text(page))
        boxes_do_not_overlap(picture)
        words_stay_in_their_boxes(picture)
        assert len(picture.lines) == net.number_of_edges() + 1  # to the output


def test_a_tangle_behind_parallel_branches_is_laid_out_with_them():
    b = ag.Builder("branches, then dense", input=(4, 8, 8))
    branches = [b.conv(name, b.input, 4, 3, padding=1) for name in ("left", "right")]
    found = [b.concat("join", *branches)]
    for index in range(4):
        joined = b.concat(f"concat{index}", *found) if index else found[0]
        found.append(b.conv(f"conv{index}", joined, 4, 3, padding=1))
    net = b.build(b.concat("out", *found))
    for page in drawings(net, level="layer"):
        picture = read(svg_text(page))
        boxes_do_not_overlap(picture)
        words_stay_in_their_boxes(picture)
        lines_avoid_foreign_boxes(picture)
        lines = {(line.source, line.target) for line in picture.lines}
        assert lines == {*net.edges, ("out", "output:1")}


def test_no_frame_cuts_a_box_that_is_not_its_own():
    net = ag.ArchGraph(name="apart")
    x = net.add("input", ag.ops.Input((1, 3, 3)))
    x = net.add("pool", ag.ops.MaxPool2d(1), [x])
    x = net.add("stem.relu", ag.ops.ReLU(), [net.add("relu", ag.ops.ReLU(), [x])])
    net.add("stem.zeros", ag.ops.Full((2, 3)))
    net.set_outputs(x, "stem.zeros")
    for level, fit in itertools.product(LEVELS, ("16:9", "a4", "none")):
        (page,) = drawings(net, level=level, fit=fit)
        words_do_not_cover_each_other(read(svg_text(page)))
        for frame in page.groups("cluster"):
            for node in page.groups("node"):
                cut = frame.items[0], node.items[0]
                assert not overlapping(*cut) or holding(*cut), (frame.id, node.id)


def overlapping(one, other):
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


def holding(one, other):
    across = one.x <= other.x and other.x + other.width <= one.x + one.width
    return across and one.y <= other.y and other.y + other.height <= one.y + one.height


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"level": "module"}, "no level 'module'; the levels are stage, block, layer"),
        ({"fit": "letter"}, "no canvas 'letter'"),
        ({"theme": "neon"}, "no theme 'neon'; the themes are light, dark, print"),
        ({"color": "mac"}, "cannot colour by 'mac' .*'macs'"),
        ({"color": "device"}, "is on one device"),
    ],
)
def test_a_wrong_option_is_refused_with_the_right_ones(options, words):
    with pytest.raises(DrawError, match=words):
        drawings(ag.load("lenet5"), **options)


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        yield
