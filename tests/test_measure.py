"""Measured times: every operator has one, alone or with those that the runtime runs with it."""

from __future__ import annotations

import csv
import io

import pytest

pytest.importorskip("onnxruntime")
pytest.importorskip("torch")

import networkx as nx

import archgraph as ag
from archgraph import ops
from archgraph.answers.speed import measure, roofline
from archgraph.answers.speed.measured_table import measured_table
from archgraph.answers.speed.times import SHARED, Asked, grouped
from archgraph.cli.main import main
from archgraph.errors import DrawError, ExportError, FormatError
from archgraph.exporters.measured.fused_nodes import Step, fused
from archgraph.exporters.pictures.charts.roof import roofline_page
from archgraph.exporters.pictures.drawing import Text

FAST = {"runs": 2, "threads": 1}


def step(name, kind, reads, makes=None):
    return Step(name, kind, tuple(reads.split()), tuple((makes or name).split()))


@pytest.mark.parametrize("runtime", ["onnxruntime", "torch"])
def test_every_operator_of_lenet_has_a_time_or_shares_one(runtime):
    net = ag.load("lenet5")
    found = measure(net, runtime=runtime, **FAST)
    names = [name for group in found.groups for name in group.names]
    assert sorted(names) == sorted(net)
    values = dict(net.values("measured_ms"))
    for group in found.groups:
        first, *others = group.names
        assert values[first] == pytest.approx(group.milliseconds, rel=1e-5)
        assert all(values[name] == 0 and net.nodes[name][SHARED] == first for name in others)
        assert nx.is_weakly_connected(net.subgraph(group.names))
        if net.op(first).parameters():
            assert group.milliseconds > 0
            assert 0 < group.least <= group.low <= group.milliseconds <= group.high
    assert net.total("measured_ms") == pytest.approx(found.total, rel=1e-5)
    if runtime == "torch":
        assert all(len(group.names) == 1 for group in found.groups)


def test_times_are_saved_with_what_they_are(tmp_path):
    net = ag.load("lenet5")
    found = measure(net, batch=3, **FAST)
    again = ag.load(net.save(tmp_path / "net.json"))
    assert dict(again.values("measured_ms")) == dict(net.values("measured_ms"))
    title = again.metric("measured_ms").title
    assert title == f"Measured: onnxruntime {found.version}, 1 thread, batch 3"
    assert again.graph["measured"]["processor"] == found.asked.processor
    assert again.graph["measured"]["runs"] == 2
    ag.draw(again, tmp_path / "net.svg", color="measured_ms", level="layer")
    assert title in (tmp_path / "net.svg").read_text("utf-8")


def test_a_second_measurement_leaves_nothing_of_the_first():
    net = ag.load("lenet5")
    measure(net, **FAST)
    assert any(SHARED in data for _, data in net.nodes(data=True))
    measure(net, runtime="torch", **FAST)
    assert not any(SHARED in data for _, data in net.nodes(data=True))
    assert net.graph["measured"]["runtime"] == "torch"


def test_a_transformer_is_told_operator_by_operator():
    encoder = ag.load("vit_b_16/encoder.layers.encoder_layer_0")
    found = measure(encoder, **FAST)
    homes = {name: group for group in found.groups for name in group.names}
    assert homes.keys() == set(encoder)
    heavy = [name for name in encoder if encoder.nodes[name]["macs"]]
    assert heavy
    assert all(homes[name].milliseconds > 0 for name in heavy)
    assert len({id(homes[name]) for name in heavy}) == len(heavy)


def test_estimates_of_groups_stand_beside(capsys):
    net = ag.load("lenet5")
    found = measure(net, **FAST)
    table = measured_table(net, found, roofline(net, "A100"))
    assert "measured: onnxruntime" in table.title
    assert all("estimated" not in text for text in (table.title, table.subtitle))
    assert any("Estimated: A100" in note for note in table.notes)
    assert main(["measure", "lenet5", "--runs", "2", "--format", "csv", "--device", "A100"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    told = [name for row in rows for name in (row["name"], *row["with"].split())]
    assert sorted(told) == sorted(net)


def test_a_roofline_shows_what_was_measured_and_says_so():
    net = ag.load("lenet5")
    found = roofline(net, "A100")
    with pytest.raises(DrawError, match="has no measured times"):
        roofline_page(net, found, measured=True)
    times = measure(net, **FAST)
    drawing = roofline_page(net, found, measured=True).drawing
    texts = [shape.text for shape in drawing.shapes() if isinstance(shape, Text)]
    assert any("measured, under the roof of A100" in text for text in texts)
    assert any(times.where in text for text in texts)
    assert not any("estimated" in text for text in texts)
    dots = [*drawing.groups("point")]
    ran = [g for g in times.groups if g.milliseconds and net.nodes[g.names[0]]["flops"]]
    assert len(dots) == len(ran)
    with pytest.raises(DrawError, match="are of a batch of 1, but the roofline is of 8"):
        roofline_page(net, roofline(net, "A100", batch=8), measured=True)
    with pytest.raises(DrawError, match="layer by layer"):
        roofline_page(net, found, measured=True, by="block")


# ---- which nodes run as one ----------------------------------------------------------------


def test_what_follows_a_convolution_is_fused_into_it():
    original = [
        step("conv", "Conv", "x w"),
        step("bn", "BatchNormalization", "conv s"),
        step("relu", "Relu", "bn"),
        step("pool", "MaxPool", "relu"),
    ]
    middle = [step("conv", "FusedConv", "x w2", "relu"), step("pool", "MaxPool", "relu")]
    final = [
        step("relu_nchwc", "Conv", "x w3", "t0"),
        step("pool_nchwc", "MaxPool", "t0", "t1"),
        step("back", "ReorderOutput", "t1", "pool"),
    ]
    assert fused(original, middle, final, ["x"]) == [((0, 1, 2), (0,)), ((3,), (1, 2))]


def test_a_norm_that_stands_alone_runs_for_itself_and_a_join_keeps_its_name():
    original = [
        step("pool", "MaxPool", "x"),
        step("norm", "BatchNormalization", "pool s"),
        step("relu", "Relu", "norm"),
        step("conv", "Conv", "relu w"),
        step("cat", "Concat", "pool conv"),
    ]
    final = [
        step("pool_nchwc", "MaxPool", "x", "t0"),
        step("norm_bn_nchwc", "Conv", "t0 s2", "t1"),
        step("conv_nchwc", "Conv", "t1 w2", "t2"),
        step("cat", "Concat", "t0 t2", "t3"),
        step("back", "ReorderOutput", "t3", "cat"),
    ]
    assert fused(original, original, final, ["x"]) == [
        ((0,), (0,)), ((1, 2), (1,)), ((3,), (2,)), ((4,), (3, 4)),
    ]  # fmt: skip


def test_of_two_sums_each_goes_to_its_own_convolution():
    original = [
        step("a", "Conv", "x w"),
        step("one", "Add", "x a"),
        step("b", "Conv", "one v"),
        step("two", "Add", "one b"),
    ]
    final = [
        step("a_nchwc", "Conv", "x w2 c x", "t0"),
        step("b_nchwc", "Conv", "t0 v2 c t0", "t1"),
        step("back", "ReorderOutput", "t1", "two"),
    ]
    assert fused(original, original, final, ["x"]) == [((0, 1), (0,)), ((2, 3), (1, 2))]


def test_a_sum_goes_to_the_convolution_that_adds():
    original = [
        step("a", "Conv", "x w"),
        step("b", "Conv", "x v"),
        step("sum", "Add", "a b"),
        step("relu", "Relu", "sum"),
    ]
    final = [
        step("b_nchwc", "Conv", "x v2", "t0"),
        step("a_nchwc", "Conv", "x w2 c t0", "t1"),
        step("back", "ReorderOutput", "t1", "relu"),
    ]
    assert fused(original, original, final, ["x"]) == [((0, 2, 3), (1, 2)), ((1,), (0,))]


def test_one_operator_in_several_kernels_and_several_in_one():
    original = [
        step("mul", "Mul", "x k"),
        step("erf", "Erf", "mul"),
        step("half", "Mul", "x erf"),
        step("fc", "Gemm", "half w"),
    ]
    middle = [
        step("gelu", "Gelu", "x", "half"),
        step("in", "Reshape", "half s", "made"),
        step("fc", "Gemm", "made w"),
    ]
    assert fused(original, middle, middle, ["x"]) == [((0, 1, 2), (0,)), ((3,), (1, 2))]


def test_what_is_computed_beforehand_runs_nothing():
    original = [step("shape", "Mul", "c d"), step("add", "Add", "x shape")]
    middle = [step("add", "Add", "x folded")]
    assert fused(original, middle, middle, ["x"]) == [((0,), ()), ((1,), (0,))]


def test_groups_that_share_a_node_become_one_and_medians_are_of_runs():
    net = ag.load("lenet5")
    asked = Asked(batch=1, runs=3, warm_up=1, threads=1, processor="any")
    rows = [
        (["c1"], [[9, 1, 2, 6]]),
        (["c1", "tanh1"], [[9, 10, 10, 10]]),
        (["s2"], [[9, 9, 1, 2, 3, 4, 5, 6]]),  # twice in each run
        ([], [[9, 5, 5, 5]]),
    ]
    found = {group.names: group for group in grouped(net, rows, asked)}
    assert found["c1", "tanh1"].milliseconds == 12
    assert found["s2",].milliseconds == 7
    assert found[()].milliseconds == 5
    assert found["input",].milliseconds == 0


# ---- mistakes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"runtime": "tensorflow"}, "no runtime 'tensorflow'.*onnxruntime, torch"),
        ({"runs": 0}, "runs is 0"),
        ({"batch": 0}, "batch is 0"),
        ({"threads": 10**6}, "this process may take 1 to"),
    ],
)
def test_a_wrong_choice_is_one_sentence(options, said):
    with pytest.raises(FormatError, match=said):
        measure("lenet5", **options)


def test_what_cannot_run_is_said():
    net = ag.ArchGraph(name="odd")
    net.add("x", ops.Input((4,)))
    net.add("odd", ops.Opaque("Odd", (4,)), ["x"])
    for runtime in ("onnxruntime", "torch"):
        with pytest.raises(ExportError):
            measure(net, runtime=runtime, **FAST)


def test_only_a_graph_file_is_written(tmp_path, capsys):
    assert main(["measure", "lenet5", "-o", str(tmp_path / "x.svg")]) == 1
    assert "goes into a .json file" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())
