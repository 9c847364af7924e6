"""Rooflines: by hand for single operators, their sums, devices as people write them, and charts."""

from __future__ import annotations

import json
import math

import pytest

import archgraph as ag
from archgraph import ops
from archgraph.answers.speed import roofline, this_machine
from archgraph.answers.speed.roofline import together
from archgraph.answers.speed.roofline_table import roofline_table
from archgraph.answers.speed.traffic import moved_bytes
from archgraph.cli.main import main
from archgraph.errors import DrawError, FormatError, UnknownNameError
from archgraph.exporters.pictures.charts.roof import roofline_page
from archgraph.exporters.pictures.choices import Choices
from archgraph.exporters.pictures.explore.costs_data import network_data
from archgraph.known_devices import DEVICES, device_named, rates_named
from archgraph.metrics import Metric, MetricFamily, Ratio, metric_named

MINE = "10TFLOPS+400GB/s"


def one_conv():
    b = ag.Builder("one", input=(16, 10, 10))
    return b.build(b.conv("conv", b.input, 32, 3, padding=1))


def test_a_convolution_by_hand():
    net = one_conv()
    # 2 · 32·10·10 outputs · 16·3·3 products, and 32·10·10 additions of the bias
    flops = 2 * 3200 * 144 + 3200
    # 16·10·10 in, 32·10·10 out, 32·16·3·3 weights and 32 of the bias, of 4 bytes
    size = 4 * (1600 + 3200 + 4608 + 32)
    each = roofline(net, MINE).nodes["conv"]
    assert (each.flops, each.bytes) == (flops, size)
    assert each.intensity == pytest.approx(flops / size)
    assert each.seconds == pytest.approx(max(flops / 10e12, size / 400e9))
    assert each.bound == "memory"
    slow = roofline(net, "100GFLOPS+400GB/s").nodes["conv"]
    assert (slow.seconds, slow.bound, slow.share) == (pytest.approx(flops / 1e11), "compute", 1.0)


def test_a_batch_moves_its_weights_once():
    each = roofline(one_conv(), MINE, batch=8).nodes["conv"]
    assert each.flops == 8 * (2 * 3200 * 144 + 3200)
    assert each.bytes == 4 * (8 * (1600 + 3200) + 4608 + 32)


def test_a_product_of_two_matrices_by_hand():
    net = ag.ArchGraph(name="product")
    net.add("a", ops.Input((8, 64)))
    net.add("b", ops.Input((64, 16)))
    net.add("ab", ops.MatMul(), ["a", "b"])
    each = roofline(net, MINE).nodes["ab"]
    assert each.flops == 2 * 8 * 64 * 16
    assert each.bytes == 4 * (8 * 64 + 64 * 16 + 8 * 16)


def test_half_the_bits_are_half_the_bytes_and_another_rate():
    net = one_conv()
    whole, half = roofline(net, "A100").nodes["conv"], roofline(net, "A100 float16").nodes["conv"]
    assert 2 * half.bytes == whole.bytes
    assert (whole.peak, half.peak) == (19.5e12, 312e12)
    rounded = roofline(net, "A100", numbers="tf32").nodes["conv"]
    assert (rounded.bytes, rounded.peak) == (whole.bytes, 156e12)


def test_views_and_inputs_cost_nothing():
    net = ag.load("vit_b_16")
    found = roofline(net, "A100")
    views = ["input", "patches", "encoder.layers.encoder_layer_0.self_attention.query_heads"]
    for name in views:
        each = found.nodes[name]
        assert (each.bytes, each.seconds, each.bound) == (0, 0.0, "nothing")


def test_an_embedding_reads_the_rows_that_it_gives():
    net = ag.ArchGraph(name="words")
    net.add("ids", ops.Input((7,), "int64"))
    net.add("table", ops.Embedding(30000, 64), ["ids"])
    assert moved_bytes(net)["table"] == 7 * 8 + 2 * 7 * 64 * 4


def test_one_tensor_that_is_read_twice_is_moved_once():
    net = ag.ArchGraph(name="twice")
    net.add("x", ops.Input((100,)))
    net.add("sum", ops.Add(), ["x", "x"])
    assert moved_bytes(net)["sum"] == 4 * 200


def test_the_total_is_the_sum_and_so_are_groups():
    net = ag.load("googlenet")
    found = roofline(net, "T4", batch=4)
    each = [node.seconds for node in found.nodes.values()]
    assert found.seconds == pytest.approx(math.fsum(each))
    assert net.total("time@T4", batch=4) == pytest.approx(1e3 * found.seconds)
    rows = {by: roofline_table(net, found, by=by, exact=True) for by in ("layer", "block", "stage")}
    for table in rows.values():
        keys = [column.key for column in table.columns]
        for key, total in (
            ("flops", net.total("flops", batch=4)),
            ("bytes", net.total("bytes_moved", batch=4)),
            ("time_ms", net.total("time@T4", batch=4)),
        ):
            assert sum(row[keys.index(key)] for row in table.rows) == pytest.approx(total)


def test_nodes_that_run_as_one_pass_nothing_through_memory():
    b = ag.Builder("fused", input=(16, 10, 10))
    x = b.conv("conv", b.input, 32, 3, padding=1)
    net = b.build(b.relu("relu", x))
    found = roofline(net, "1000TFLOPS+1GB/s")
    (alone,) = together(net, [["conv"]], found)
    (both,) = together(net, [["conv", "relu"]], found)
    assert alone == both == found.nodes["conv"].seconds
    assert found.nodes["relu"].seconds > 0
    # A map that somebody else reads has to be written.
    net.add("pool", ops.GlobalAvgPool2d(), ["conv"])
    (read,) = together(net, [["conv", "relu"]], roofline(net, "1000TFLOPS+1GB/s"))
    assert read == pytest.approx(both + 3200 * 4 / 1e9)


def test_what_is_unknown_stays_unknown():
    net = ag.ArchGraph(name="odd")
    net.add("x", ops.Input((4,)))
    net.add("odd", ops.Opaque("Odd", (4,)), ["x"])
    net.add("relu", ops.ReLU(), ["x"])
    found = roofline(net, MINE)
    assert found.unknown == ("odd",)
    assert found.nodes["odd"].seconds is None
    assert net.total(f"time@{MINE}") is None
    assert dict(net.values("intensity"))["odd"] is None
    table = roofline_table(net, found)
    assert "≥" in table.texts(table.totals)[-2]


def test_a_type_without_a_rate_is_unknown_but_moving_it_is_not():
    net = one_conv()
    found = roofline(net, "bfloat16:100TFLOPS+1TB/s")
    assert found.unknown == ("conv",)
    assert found.nodes["conv"].bytes is not None
    assert found.nodes["input"].seconds == 0.0


def test_arithmetic_on_whole_numbers_is_its_bytes():
    net = ag.ArchGraph(name="whole")
    net.add("x", ops.Input((1000,), "int64"))
    net.add("y", ops.Add(), ["x", "x"])
    each = roofline(net, MINE).nodes["y"]
    assert (each.flops, each.seconds) == (0, pytest.approx(16000 / 400e9))


def test_an_empty_graph_takes_no_time():
    net = ag.ArchGraph(name="nothing")
    assert roofline(net, "A100").seconds == 0
    assert net.total("time@A100") == 0


# ---- devices ---------------------------------------------------------------------------------


def test_devices_are_named_as_people_write_them():
    assert device_named("a100-80gb") is DEVICES["A100 80GB"]
    assert rates_named("rtx4090 float16") == (DEVICES["RTX 4090"], "float16")
    mine = device_named("my card=float16:125TFLOPS + 15.7 TFLOPS+900GB/s+16GB")
    assert mine.name == "my card"
    assert mine.flops == {"float16": 125e12, "float32": 15.7e12}
    assert (mine.bandwidth, mine.memory) == (900e9, 16 * 2**30)
    with_comma, with_plus = device_named("10TFLOPS,400GB/s"), device_named("10TFLOPS+400GB/s")
    assert (with_comma.flops, with_comma.bandwidth) == (with_plus.flops, with_plus.bandwidth)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A101", "did you mean 'A10' or 'A100'"),
        ("3GB", "has no rates"),
        ("10TFLOPS", "has no rates"),
        ("A100 float64x", "there is no device"),
        ("V100 bfloat16", "V100 has no rate for bfloat16; it has some for float32"),
        ("x=int3:1TFLOPS+1GB/s", "names no type of numbers"),
        ("0TFLOPS+1GB/s", "holds and does nothing"),
        ("here 0", "names no number of threads"),
        ("a;b=1TFLOPS+1GB/s", "must be of letters"),
        ("", "there is no device"),
    ],
)
def test_a_wrong_device_is_one_sentence(capsys, text, said):
    assert main(["roofline", "lenet5", "--device", text]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_every_device_has_a_source_and_rates_in_order():
    for device in DEVICES.values():
        assert device.source
        assert device.bandwidth > 1e9
        rates = [device.flops[kind] for kind in ("float64", "float32", "tf32", "float16", "int8")
                 if kind in device.flops]  # fmt: skip
        assert rates == sorted(rates), device.name


def test_a_batch_that_there_is_not_is_refused():
    net = ag.ArchGraph(name="fixed")
    net.add("x", ops.Input((2, 3), batched=False))
    with pytest.raises(FormatError, match="takes one batch only"):
        roofline(net, "A100", batch=2)
    with pytest.raises(FormatError, match="a number above zero"):
        roofline(one_conv(), "A100", batch=0)


RATES = {
    "flops": {"float32": 1e11},
    "libraries": {"float32": "numpy 2"},
    "bandwidth": 1e10,
}


def test_this_machine_is_measured_once(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(this_machine, "cache_file", lambda: tmp_path / "cache" / "machine.json")
    monkeypatch.setattr(this_machine, "_measured", lambda n: asked.append(n) or dict(RATES))
    first = roofline(one_conv(), "here 1")
    assert roofline(one_conv(), "here 1").device == first.device
    assert asked == [1]
    assert "numpy 2" in first.device.source
    assert first.device.name.endswith("1 thread")
    for broken in ("", "[]", '{"x": 1}', (tmp_path / "cache" / "machine.json").read_text("utf-8")
                   .replace("100000000000.0", "-1")):  # fmt: skip
        (tmp_path / "cache" / "machine.json").write_text(broken, "utf-8")
        assert roofline(one_conv(), "here 1").seconds == first.seconds
    assert asked == [1] * 5


def test_a_device_of_unknown_memory_fits_nothing_that_could_be_said(capsys):
    assert main(["memory", "lenet5", "--fits", "EPYC 7763"]) == 1
    assert "the memory of EPYC 7763 is not known" in capsys.readouterr().err


# ---- metrics with a parameter ----------------------------------------------------------------


def test_metrics_take_a_device():
    net = ag.load("lenet5")
    assert net.metric("time@a100").name == "time@A100"
    assert net.metric("time@a100 Float16").unit == "ms"
    assert "time@DEVICE" in net.metric_names()
    assert net.has_metric("time@nonsense")  # so that the device is what the sentence is about
    with pytest.raises(UnknownNameError, match="no device 'nonsense'"):
        net.metric("time@nonsense")
    with pytest.raises(UnknownNameError, match="no metric 'tome@A100'.*time@DEVICE"):
        net.metric("tome@A100")
    assert not net.has_metric("macs@A100")


def test_descriptions_of_one_name_are_not_confused():
    net = one_conv()
    fast, slow = (net.total(f"time@x={n}TFLOPS+1000TB/s") for n in (2, 1))
    assert slow == pytest.approx(2 * fast)


def test_a_ratio_of_a_block_is_that_of_its_sums():
    net = one_conv()
    net.add("relu", ops.ReLU(), ["conv"])
    flops, size = net.total("flops"), net.total("bytes_moved")
    assert net.total("intensity") == pytest.approx(flops / size)
    assert net.total("intensity@A100") == pytest.approx(flops / size)
    metric = Metric("r", "R", reduce="ratio")
    assert metric.combine([Ratio(1, 2), Ratio(3, 2)]) == 1.0
    assert metric.combine([Ratio(1, 2), None]) is None
    assert Ratio(0, 0) == 0.0
    assert Ratio(1, 0) == math.inf


def test_the_interactive_page_gets_both_amounts_of_a_ratio():
    net = one_conv()
    data = network_data(net, Choices.of({"color": "intensity", "facts": "shape,time@A100"}))
    place = [metric["name"] for metric in data["metrics"]].index("intensity")
    kinds = [row["kind"] for row in data["rows"]]
    assert sum(kind["unders"][place] for kind in kinds) == net.total("bytes_moved")
    assert data["metric"] == "intensity"
    assert "time@A100" in data["totals"]


def test_a_package_offers_a_family(monkeypatch):
    family = MetricFamily(
        "scaled", "FACTOR",
        lambda text: Metric(f"scaled@{text}", "Scaled",
                            by_batch=lambda net, batch: dict.fromkeys(net, batch * int(text))),
    )  # fmt: skip
    monkeypatch.setattr("archgraph.metrics.metric_families", lambda: {"scaled": family})
    assert metric_named("scaled@3").name == "scaled@3"
    assert one_conv().total("scaled@3", batch=5) == 2 * 15


# ---- the command and its chart -----------------------------------------------------------------


def test_the_table_says_that_it_is_an_estimate(capsys):
    assert main(["roofline", "lenet5", "--device", "A100"]) == 0
    shown = capsys.readouterr().out
    assert "estimated on A100, float32" in shown
    assert "NVIDIA A100 datasheet" in shown
    assert main(["roofline", "lenet5", "--device", "A100", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows if isinstance(rows, list) else rows["rows"]) == len(ag.load("lenet5"))


def test_a_chart_has_a_dot_for_every_operator_that_computes():
    net = ag.load("resnet18")
    found = roofline(net, "A100", batch=16)
    drawing = roofline_page(net, found).drawing
    dots = [*drawing.groups("point")]
    told = {line for dot in dots for line in dot.title.splitlines()[1:]}
    assert {n for n, e in found.nodes.items() if e.flops and e.seconds} == told
    assert drawing.title == "Roofline of ResNet-18 on A100, float32"
    right = max(text.x for text in drawing.shapes() if hasattr(text, "text"))
    assert right <= drawing.width


@pytest.mark.parametrize("suffix", ["svg", "pdf", "pptx", "png"])
def test_charts_come_in_every_format_the_same_each_time(tmp_path, suffix):
    command = ["roofline", "googlenet", "--device", "T4", "--by", "block", "-o"]
    files = [tmp_path / f"{name}.{suffix}" for name in "ab"]
    for file in files:
        assert main([*command, str(file)]) == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_nothing_to_draw_is_said():
    net = ag.ArchGraph(name="nothing")
    net.add("x", ops.Input((4,)))
    with pytest.raises(DrawError, match="no operator of 'nothing' has FLOPs"):
        roofline_page(net, roofline(net, "A100"))
