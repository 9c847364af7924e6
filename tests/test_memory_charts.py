"""The picture of memory tells what lies there at each step, and can be read."""

from __future__ import annotations

import itertools

import pytest

import archgraph as ag
from archgraph import ops
from archgraph.answers.footprint.places import places_of
from archgraph.answers.footprint.report import inference_memory, training_memory
from archgraph.answers.footprint.timeline import timeline
from archgraph.answers.footprint.training_timeline import training_timelines
from archgraph.cli import main
from archgraph.errors import DrawError
from archgraph.exporters.pictures.charts.chart import chart_page
from archgraph.exporters.pictures.drawing import Polygon, Text
from archgraph.exporters.pictures.writers.svg import svg_text
from bench.reading_svg import read

CASES = [
    (["resnet50"], {}),
    (["unet"], {"batch": 8, "fit": "a4"}),
    (["alexnet"], {"optimizer": "adam", "batch": 128, "fits": "GTX 580"}),
    (["alexnet_two_gpu"], {"optimizer": "sgd", "batch": 128, "fits": "2GB", "fit": "4:3"}),
    (["vit_b_16"], {"optimizer": "adamw", "theme": "dark"}),
    (["alexnet", "alexnet_two_gpu"], {"fit": "none"}),
    (["lenet5", "googlenet", "resnet152"], {"theme": "print"}),
]


def drawing(names, **options):
    return chart_page([ag.load(name) for name in names], chart="memory", **options).drawing


def words(found) -> str:
    return "\n".join(each.text for each in found.shapes() if isinstance(each, Text))


def unknown_net():
    """Return a network that holds an operator nobody knows."""
    net = ag.ArchGraph(name="odd")
    x = net.add("x", ops.Input((8, 4, 4)))
    y = net.add("odd", ops.Opaque("vendor::odd", None), [net.add("conv", ops.Conv2d(8, 8, 1), [x])])
    net.add("relu", ops.ReLU(), [y])
    return net


@pytest.mark.parametrize(("names", "options"), CASES)
def test_it_can_be_read(names, options):
    picture = read(svg_text(drawing(names, **options)))
    for word in picture.words:
        assert word.size >= 9
        assert word.box.x >= 0
        assert word.box.y >= 0
        assert word.box.right <= picture.width, word.text
        assert word.box.bottom <= picture.height, word.text
    for one, other in itertools.combinations(picture.words, 2):
        assert not one.box.overlaps(other.box, slack=0.8), (one.text, other.text)


@pytest.mark.parametrize("optimizer", [None, "momentum"])
def test_the_area_is_as_high_as_what_lies_there(optimizer):
    net = ag.load("alexnet")
    (area,) = drawing(["alexnet"], optimizer=optimizer, batch=2).groups("area")
    (polygon,) = area.items
    assert isinstance(polygon, Polygon)
    ground = polygon.points[0][1]
    heights = [ground - y for _, y in polygon.points[1:-1]]
    if optimizer is None:
        live = inference_memory(net, batch=2).program[None].live
    else:
        live = training_timelines(net, [None], batch=2)[None].live
    levels = [size for size, _ in itertools.groupby(live)]
    assert len(heights) == 2 * len(levels)
    scale = max(heights) / max(live)
    for size, left, right in zip(levels, heights[::2], heights[1::2], strict=True):
        assert left == right == pytest.approx(size * scale, abs=1e-6)


def test_the_peak_and_the_best_order_are_those_of_the_tables():
    found = inference_memory(ag.load("unet"))
    said = words(drawing(["unet"]))
    assert "peak 160 MiB of activations at up1.concat, with weights 278 MiB" in said
    assert found.program[None].at == "up1.concat"
    assert "in the best order 159 MiB, proven best" in said
    places = places_of(ag.load("unet"))
    assert timeline(places, found.best.order).peak == found.best.peak


def test_each_device_has_a_panel_and_devices_without_room_are_told():
    page = drawing(["alexnet_two_gpu"], optimizer="sgd", batch=128, fits="GTX 580")
    assert [group.id for group in page.groups("panel")] == ["memory GPU 0", "memory GPU 1"]
    assert "the largest batch for 2 × GTX 580 of 3.00 GiB, each with its part, is 438" in words(
        page
    )
    net = ag.ArchGraph(name="row")
    x = net.add("x", ops.Input((8,)), device=0)
    for device in range(9):
        x = net.add(f"fc{device}", ops.Linear(8, 8 + device), [x], device=device)
        x = net.add(f"back{device}", ops.Linear(8 + device, 8), [x], device=device)
    page = chart_page([net], chart="memory").drawing
    assert len([*page.groups("panel")]) == 3
    assert "the 3 fullest of 9 devices" in words(page)


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "resnet18", "unet", "vit_b_16"])
def test_training_holds_at_the_turn_what_gradients_need_and_lets_it_go(name):
    net = ag.load(name)
    line = training_timelines(net, [None], batch=2)[None]
    assert line.forward is not None
    assert line.live[line.forward] == training_memory(net, batch=2).activations[None]
    back = line.live[line.forward :]
    assert all(one >= other for one, other in itertools.pairwise(back))
    first = next(each for each in line.order[1:] if net.op(each).parameters())
    assert line.order[-1] == first  # its gradient needs the image, and nothing else lies there
    assert back[-1] == net.nodes[net.inputs_of(first)[0]]["activation_bytes"] * 2


def test_what_is_unknown_is_told():
    page = chart_page([unknown_net()], chart="memory").drawing
    assert "peak at least" in words(page)
    assert "unknown sizes count as nothing" in words(page)


def test_what_cannot_be_drawn_is_said_in_a_sentence(tmp_path, capsys):
    with pytest.raises(DrawError, match=r"has room for the memory of 3 networks, not of 4"):
        drawing(["lenet5"] * 4)
    with pytest.raises(DrawError, match=r"'nothing' has no operator that runs"):
        chart_page([ag.ArchGraph(name="nothing")], chart="memory")
    with pytest.raises(DrawError, match=r"batch is of chart='memory'"):
        chart_page([ag.load("lenet5")], chart="layers", batch=2)
    assert main(["memory", "lenet5", "--theme", "dark"]) == 1
    assert "--theme needs -o FILE" in capsys.readouterr().err
    file = tmp_path / "memory.svg"
    assert main(["memory", "lenet5", "--training", "--batch", "8", "-o", str(file)]) == 0
    assert "LeNet-5: memory in training" in file.read_text("utf-8")


def test_of_very_many_steps_none_that_is_higher_is_lost():
    net = ag.ArchGraph(name="long")
    x = net.add("x", ops.Input((8,)))
    for number in range(3000):
        x = net.add(f"relu{number}", ops.ReLU(), [x])
    net.add("wide", ops.Linear(8, 800), [x])
    page = chart_page([net], chart="memory").drawing
    (area,) = page.groups("area")
    assert len(area.items[0].points) < 3000
    assert "peak 3.16 KiB of activations at wide" in words(page)
