"""Volumes in perspective: measured from the written SVG, as a reader sees them."""

from __future__ import annotations

import itertools
import re
import warnings
from math import sqrt
from xml.etree import ElementTree

import pytest
from measure_svg import SVG, read

import archgraph as ag
from archgraph.errors import DrawError
from archgraph.exporters.pictures.draw import draw, volumes
from archgraph.exporters.pictures.writers.svg import write

BRANCHING = {"inception_naive", "inception_reduced"}
"""One module each: nothing in between where all data passes."""
NO_ROW = {"unet", "unet_bn", "vit_b_16"}
"""Networks that no row of volumes shows: up again to larger maps, or tokens without maps."""
NETWORKS = sorted(set(ag.architectures()) - BRANCHING - NO_ROW)
LABEL, NUMBER = 9.0, 7.0
AWAY = 0.40
"""The documented shortening of depth, to the right."""


class Volume:
    """One volume of a picture: its faces, its words and what its title says."""

    def __init__(self, group, node):
        self.node, self.id = node, node.id
        faces = [
            [tuple(map(float, corner.split(","))) for corner in face.get("points").split()]
            for face in group.findall(f"{SVG}polygon")
        ]
        self.top, self.side = faces
        front = node.box
        corners = [(front.x, front.y), (front.right, front.y)]
        corners += [(front.right, front.bottom), (front.x, front.bottom)]
        self.faces = [corners, *faces]
        self.depth = self.top[1][0] - self.top[0][0]
        wanted = re.search(r"^output (.*)$", node.title, re.M)[1]
        self.shape = tuple(map(int, wanted.split(" × ")))


def picture_of(name, fit="16:9", **options):
    net = ag.load(name) if isinstance(name, str) else name
    (page,) = volumes(net, fit=fit, **options)
    svg = write(page)
    picture = read(svg)
    groups = {g.get("id"): g for g in ElementTree.fromstring(svg).iter(f"{SVG}g")}
    found = {key: Volume(groups[key], node) for key, node in picture.nodes.items()}
    for before, after in itertools.pairwise(list(found.values())):
        if touching(before, after):  # the second hides the right face of the first
            before.faces = before.faces[:2]
    return picture, found


@pytest.mark.parametrize("fit", ["16:9", "a4"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_picture_of_volumes_can_be_read(name, fit):
    picture, found = picture_of(name, fit)
    sizes_are_readable(picture)
    words_do_not_cover_each_other(picture)
    words_stand_off_the_volumes(picture, found)
    no_line_strikes_a_word_through(picture)
    everything_is_on_the_canvas(picture, found)
    the_canvas_is_used(picture, found)
    edges_follow_the_documented_scale(found)
    volumes_do_not_overlap(found)
    volumes_follow_each_other(found)
    numbers_are_the_shapes(ag.load(name), found)


def sizes_are_readable(picture):
    assert min(word.size for word in picture.words) >= NUMBER
    names = [word.size for node in picture.nodes.values() for word in node.words[-1:]]
    assert max(names) >= LABEL


def words_do_not_cover_each_other(picture):
    for one, other in itertools.combinations(picture.words, 2):
        assert not one.box.overlaps(other.box, slack=0.3), (one.text, other.text)


def words_stand_off_the_volumes(picture, found):
    """Only a name on its volume's front and a kernel's size on a right face cover a volume."""
    for word in picture.words:
        box = word.box
        points = [
            (box.x + 0.6 + (box.width - 1.2) * a / 8, box.y + 0.6 + (box.height - 1.2) * b / 3)
            for a in range(9)
            for b in range(4)
        ]
        on = set()
        for volume in found.values():
            for number, face in enumerate(volume.faces):
                inside = [within(point, face) for point in points]
                if any(inside):
                    assert all(inside), (word.text, volume.id)
                    on.add(number)
        assert len(on) < 2, word.text
        assert 1 not in on, word.text
        assert 2 not in on or re.fullmatch(r"\d+×\d+", word.text), word.text


def no_line_strikes_a_word_through(picture):
    """Only the traffic between devices stands on its lines, on a ground of its own."""
    for line in picture.lines:
        for start, end in itertools.pairwise(line.points):
            for step in range(101):
                x = start[0] + (end[0] - start[0]) * step / 100
                y = start[1] + (end[1] - start[1]) * step / 100
                for word in picture.words:
                    box = word.box
                    inside = box.x + 0.8 < x < box.right - 0.8 and box.y + 2 < y < box.bottom - 2
                    assert not inside or re.search("iB$|each way", word.text), word.text


def within(point, corners):
    """Return whether a point lies in a convex outline."""
    turns = [
        (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)
        for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True)
    ]
    return all(turn > 0 for turn in turns) or all(turn < 0 for turn in turns)


def everything_is_on_the_canvas(picture, found):
    points = [p for volume in found.values() for face in volume.faces for p in face]
    points += [p for line in picture.lines for p in line.points]
    for word in picture.words:
        points += [(word.box.x, word.box.y), (word.box.right, word.box.bottom)]
    assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in points)


def the_canvas_is_used(picture, found):
    points = [p for volume in found.values() for face in volume.faces for p in face]
    wide, high = (max(axis) - min(axis) for axis in zip(*points, strict=True))
    assert max(wide / picture.width, high / picture.height) >= 0.6


def edges_follow_the_documented_scale(found):
    """Every edge is as long as the square root of its extent, times one unit for its kind."""
    units = {"channels": [], "heights": [], "widths": [], "features": []}
    for volume in found.values():
        box = volume.node.box
        if len(volume.shape) == 1:
            units["features"].append((box.height, sqrt(volume.shape[0])))
            continue
        channels, height, width = volume.shape
        units["channels"].append((box.width, sqrt(channels)))
        units["heights"].append((box.height, sqrt(height)))
        units["widths"].append((volume.depth / AWAY, sqrt(width)))
    unit = {kind: max(pairs)[0] / max(pairs)[1] for kind, pairs in units.items() if pairs}
    for kind, pairs in units.items():
        for drawn, wanted in pairs:
            assert drawn == pytest.approx(unit[kind] * wanted, rel=0.02, abs=0.06)
    # Maps may be drawn higher to fill the canvas, but their form stays.
    assert 0.98 <= unit["heights"] / unit["widths"] <= 1.38


def volumes_do_not_overlap(found):
    for one, other in itertools.combinations(found.values(), 2):
        assert not one.node.box.overlaps(other.node.box, slack=0.05), (one.id, other.id)
        for volume, foreign in ((one, other), (other, one)):
            for face in volume.faces:
                middle = [sum(axis) / 4 for axis in zip(*face, strict=True)]
                assert not any(within(middle, part) for part in foreign.faces), (one.id, other.id)


def touching(one, other):
    """Return whether the second volume stands at the first, with the same maps."""
    same = one.shape[1:] == other.shape[1:] and one.node.box.y == other.node.box.y
    return same and abs(one.node.box.right - other.node.box.x) < 0.05


def volumes_follow_each_other(found):
    """Left to right, row by row; the lanes of several devices share their places."""
    shown = list(found.values())
    if any(" gpu" in v.id or ".lane" in v.id for v in shown):
        return
    for before, after in itertools.pairwise(shown):
        right = after.node.box.x >= before.node.box.right - 0.05
        assert right or after.node.box.y > before.node.box.bottom, (before.id, after.id)


def numbers_are_the_shapes(net, found):
    """Each volume's extents are its operators' shapes, and stand at its edges."""
    shapes = {data["shape"] for _, data in net.nodes(data=True)}
    shown = list(found.values())
    for number, volume in enumerate(shown):
        assert volume.shape in shapes, volume.id
        words = [word.text for word in volume.node.words]
        before = shown[number - 1] if number else None
        if before and touching(before, volume):
            continue
        if len(volume.shape) == 3:
            assert [str(extent) for extent in volume.shape[1:]] == words[:2], volume.id
        assert words[len(volume.shape) - 1].split(" × ")[-1] == str(volume.shape[0])


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        # Figure 2 of the 2012 paper for one GPU; table 1 of the 2014 paper, configuration D.
        (
            "alexnet_grouped",
            "3×227×227 96×55×55 256×27×27 384×13×13 384×13×13 256×13×13 4096 4096 1000",
        ),
        (
            "vgg16",
            "3×224×224 64×224×224 64×224×224 128×112×112 128×112×112 256×56×56 256×56×56 "
            "256×56×56 512×28×28 512×28×28 512×28×28 512×14×14 512×14×14 512×14×14 4096 4096 1000",
        ),
        ("lenet5", "1×32×32 6×28×28 16×10×10 120 84 10"),
    ],
)
def test_the_volumes_are_the_papers(name, wanted):
    _, found = picture_of(name)
    assert ["×".join(map(str, volume.shape)) for volume in found.values()] == wanted.split()


def test_what_happens_between_volumes_is_written_there():
    picture, _ = picture_of("alexnet")
    words = [word.text for word in picture.words]
    # conv1 to conv5 have kernels of 11, 5, 3, 3, 3; three pools; three dense layers.
    assert sorted(w for w in words if re.fullmatch(r"\d+×\d+", w)) == [
        "11×11", "3×3", "3×3", "3×3", "5×5",
    ]  # fmt: skip
    assert words.count("max pooling") == 3
    assert words.count("dense") == 3
    assert words.count("stride of 4") == 1


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("resnet18", "without shortcuts"),
        ("googlenet", "without auxiliary heads"),
        ("vgg11", "square roots of sizes"),
    ],
)
def test_what_volumes_leave_out_is_said(name, missing):
    picture, _ = picture_of(name)
    assert any(word.text.endswith(missing) for word in picture.words)


def test_poolings_are_volumes_at_layer_level():
    _, found = picture_of("alexnet", level="layer")
    pools = [volume.shape for volume in found.values() if volume.node.classes[1] == "pool"]
    assert pools == [(64, 27, 27), (192, 13, 13), (256, 6, 6)]


def test_the_two_lanes_show_each_half_and_where_they_cross():
    picture, found = picture_of("alexnet_two_gpu")
    lanes = [[v for v in found.values() if f".lane{lane}." in v.id] for lane in (0, 1)]
    for lane in lanes:
        assert [v.shape[0] for v in lane] == [48, 128, 192, 192, 128, 2048, 2048]
    for upper, lower in zip(*lanes, strict=True):
        assert upper.node.box.bottom < lower.side[1][1]
        assert upper.node.box.x == pytest.approx(lower.node.box.x)
    crossing = {line.target.split(".")[0] for line in picture.lines if line.kind == "crossing"}
    assert crossing == {"conv3", "fc6", "fc7", "fc8"}
    both = [line.target for line in picture.lines if line.source == "input"]
    assert {target.split(".")[1] for target in both} == {"lane0", "lane1"}
    # The pooled maps of one GPU: 128 · 13 · 13 · 4 bytes.
    assert any(word.text == "84.5 KiB" for word in picture.words)
    input_, last = found["input"].node.box, found["fc8"].node.box
    assert lanes[0][0].node.box.y < input_.y + input_.height / 2 < lanes[1][0].node.box.bottom
    assert lanes[0][-1].node.box.right < last.x


def test_a_branching_network_shows_what_all_its_data_passes_through():
    _, found = picture_of("googlenet")
    modules = [v.shape for v in found.values() if v.id.startswith("inception")]
    # facts of the 2014 paper, table 1
    assert [shape[0] for shape in modules] == [256, 480, 512, 512, 512, 528, 832, 832, 1024]
    _, found = picture_of("resnet18", level="layer")
    assert [v.shape[0] for v in found.values()] == [
        3, 64, 64, 64, 64, 128, 128, 256, 256, 512, 512, 512, 1000,
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(NO_ROW))
def test_a_network_without_a_row_of_volumes_is_refused_in_one_sentence(name):
    with pytest.raises(DrawError, match=f"'{name}' .*use style='layout'"):
        volumes(ag.load(name))


@pytest.mark.parametrize("name", sorted(BRANCHING))
def test_a_network_without_a_chain_is_refused_in_one_sentence(name):
    with pytest.raises(DrawError, match="its branches meet only at its end; use style='layout'"):
        volumes(ag.load(name))


def test_equal_blocks_are_drawn_once_where_there_are_too_many():
    picture, found = picture_of("resnet152")
    assert len(found) < 20
    assert any(word.text.endswith("× 1024") for word in picture.words)


def test_a_level_that_does_not_fit_is_drawn_coarser_and_says_so():
    b = ag.Builder("long", input=(3, 300, 300))
    x = b.input
    for number in range(240):
        with b.stage(f"part{number // 80}", f"part{number // 80}"):
            x = b.conv(f"conv{number}", x, 8 + number % 3, 3, padding=number % 2)
    net = b.build(x)
    with pytest.warns(UserWarning, match="'long' at layer level does not fit.*stage level"):
        _, found = picture_of(net, level="layer")
    assert len(found) == 4


def test_own_networks_of_any_form_are_drawn():
    b = ag.Builder("mlp", input=(64,))
    net = b.build(b.linear("out", b.relu("relu", b.linear("hidden", b.input, 128)), 10))
    picture, found = picture_of(net)
    assert [v.shape for v in found.values()] == [(64,), (128,), (10,)]
    everything_is_on_the_canvas(picture, found)

    b = ag.Builder("wide", input=(3, 40, 120))
    x = b.conv("first", b.input, 16, (3, 5), (1, 2), label='</g><b>"&한국어' + "x" * 300)
    picture, found = picture_of(b.build(b.conv("second", x, 32, 3)))
    edges_follow_the_documented_scale(found)
    everything_is_on_the_canvas(picture, found)
    words_do_not_cover_each_other(picture)
    words = [word.text for word in picture.words]
    assert any("stride of 1×2" in word for word in words)
    assert any("3×5" in word for word in words)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("color", ["op", "macs", "device"])
def test_names_on_volumes_stand_out(theme, color):
    from test_pictures import contrast

    name = "alexnet_two_gpu" if color == "device" else "vgg11"
    (page,) = volumes(ag.load(name), theme=theme, color=color)
    for group in page.groups("node"):
        fill = group.items[0].paint.fill
        for item in group.items[3:]:
            ground = fill if item.rotate else page.background
            assert contrast(ground, item.color) >= 4.5, (group.id, item.text)
    sides = {group.id: group.items[2].paint.fill for group in page.groups("node")}
    for group in page.groups("edge"):
        for item in group.items:
            if re.fullmatch(r"\d+×\d+", getattr(item, "text", "")) and item.color != soft(theme):
                assert contrast(sides[group.ends[0]], item.color) >= 4.5, group.id


def soft(theme):
    from archgraph.exporters.pictures.look.theme import THEMES

    return THEMES[theme].soft


def test_the_same_network_gives_the_same_bytes():
    one, two = (write(volumes(ag.load("alexnet_two_gpu"))[0]) for _ in range(2))
    assert one == two


@pytest.mark.parametrize("fit", ["4:3", "none"])
def test_every_canvas_holds_the_volumes(fit):
    for name in ("alexnet", "vgg16", "alexnet_two_gpu"):
        picture, found = picture_of(name, fit)
        everything_is_on_the_canvas(picture, found)
        words_do_not_cover_each_other(picture)
        sizes_are_readable(picture)


def test_the_text_of_a_pdf_can_be_read(tmp_path):
    from pypdf import PdfReader

    path = draw(ag.load("alexnet"), tmp_path / "alexnet.pdf", style="volumes")
    text = PdfReader(path).pages[0].extract_text()
    assert "max pooling" in text
    assert "conv5" in text


@pytest.mark.parametrize(
    ("suffix", "nets", "words"),
    [
        ("dot", ["alexnet"], "a .dot file cannot show volumes"),
        ("html", ["alexnet"], "a .html file cannot show volumes"),
        ("svg", ["alexnet", "vgg16"], "several networks cannot show volumes"),
    ],
)
def test_what_cannot_show_volumes_says_so(tmp_path, suffix, nets, words):
    path = tmp_path / f"x.{suffix}"
    with warnings.catch_warnings(), pytest.raises(DrawError, match=words):
        draw([ag.load(name) for name in nets], path, style="volumes")
    assert not path.exists()


def test_a_network_that_goes_down_and_up_again_is_refused(tmp_path):
    from test_runtimes import unet

    with pytest.raises(ag.ArchGraphError, match="smaller maps and back .*style='layout'"):
        ag.draw(unet(), tmp_path / "x.svg", style="volumes")
    assert list(tmp_path.iterdir()) == []
