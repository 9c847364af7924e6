"""The core carries any network: the batch followed, typed outputs, stored tensors, unknowns."""

from __future__ import annotations

import json

import networkx as nx
import pytest

import archgraph as ag
from archgraph import ops
from archgraph.analysis import receptive_field
from archgraph.errors import FormatError, GraphError, ShapeError
from archgraph.tensors import Batch, Key, N, Tensor, promoted


def tokens():
    """Return a small language model whose head is tied to its embedding."""
    b = ag.Builder("lm", input=(16,), dtype="int64")
    x = b.embedding("wte", b.input, 100, 32)
    x = b.sum("add", x, b.parameter("wpe", (1, 16, 32)))
    x = b.attention("attn", x, 4, causal=True)
    b.net.store("wte.weight", (100, 32))
    b.net.store("head.weight", (100, 32), alias="wte.weight")
    return b.build(b.linear("head", x, 100, bias=False))


def logits():
    """Return two towers whose outputs are compared: N × N of them."""
    b = ag.Builder("two_towers", input=(8,))
    other = b.add_input("text", (6,))
    image, text = b.linear("image", b.input, 4), b.linear("words", other, 4)
    return b.build(b.add("logits", ops.MatMul(), image, b.permute("turned", text, 1, 0)))


# ---- the batch -----------------------------------------------------------------------------


def test_an_extent_that_follows_the_batch_equals_no_number():
    assert N != 1
    assert N != 2
    assert Batch(2) == Batch(2)
    assert {N, 1} != {1}
    assert repr(Batch(64)) == "64N"
    assert ops.Add().output_shape((N, 4), (1, 4)) == (N, 4)
    with pytest.raises(ShapeError, match="differ in shape"):
        ops.Add().output_shape((N, 4), (3, 4))


@pytest.mark.parametrize("batch", [1, 2, 3, 7])
def test_costs_are_polynomials_in_the_batch(batch):
    net = logits()
    # One product of N × 4 and 4 × N beside two linear layers.
    assert net.total("macs", batch=batch) == batch * (8 * 4 + 6 * 4) + batch**2 * 4
    assert net.nodes["logits"]["outputs"] == (Tensor((N, N)),)
    metric = net.metric("activation_bytes")
    assert net.value("logits", metric, batch) == 4 * batch**2


def test_windows_are_multiples_of_the_batch_and_a_bias_costs_once():
    b = ag.Builder("windows", input=(16, 8))
    x = b.add("windows", ops.Reshape(("4N", 4, 8)), b.input)
    bias = b.add("made", ops.Pointwise("exp"), b.parameter("table", (1, 4, 8)))
    x = b.sum("add", x, bias)
    net = b.build(b.add("back", ops.Reshape((N, 16, 8)), x))
    assert net.nodes["windows"]["outputs"][0].shape == (Batch(4), 4, 8)
    assert net.nodes["windows"]["shape"] == (4, 4, 8)
    assert net.nodes["back"]["shape"] == (16, 8)
    # exp of the table once, the sum for each image.
    assert net.total("flops", batch=5) == 4 * 8 + 5 * 128
    again = net.module("add")
    assert again.nodes[again.outputs[0]]["outputs"][0].shape == (Batch(4), 4, 8)


def test_a_network_of_a_fixed_batch_makes_no_claim_for_another():
    net = ag.ArchGraph(name="fixed")
    net.add("input", ops.Input((1, 16), batched=False))
    net.add("fc", ops.Linear(16, 4), ["input"])
    assert not net.batched
    assert net.nodes["fc"]["outputs"][0].shape == (1, 4)
    assert net.total("macs") == 64


def test_an_extent_that_is_no_multiple_of_the_batch_is_refused():
    b = ag.Builder("grows", input=(8,))
    with pytest.raises(ShapeError, match="'all' .*a number or a multiple of the batch"):
        b.concat("all", b.input, b.parameter("memory", (1, 8)), dim=0)


# ---- typed outputs -------------------------------------------------------------------------


def test_several_outputs_are_one_node_and_an_edge_says_which_it_carries():
    b = ag.Builder("gate", input=(8, 4, 4))
    first, second = b.split("chunk", b.input, (4, 4))
    net = b.build(b.add("gated", ops.Mul(), first, second, second))
    edge = net.edges["chunk", "gated"]
    assert edge["uses"] == ((0, 0), (1, 1), (1, 2))
    assert edge["bytes"] == 2 * 4 * 16 * 4  # each distinct output once
    assert net.reads("gated") == ("chunk", "chunk:1", "chunk:1")
    assert net.inputs_of("gated") == ("chunk", "chunk", "chunk")
    with pytest.raises(GraphError, match="'x' reads 'chunk:2': 'chunk' has 2 outputs"):
        net.add("x", ops.ReLU(), ["chunk:2"])


def test_a_network_may_return_several_outputs_of_one_node():
    b = ag.Builder("lstm", input=(5, 8))
    x = b.add("rnn", ops.LSTM(8, 3, bidirectional=True, batch_first=True), b.input)
    net = b.build(x, f"{x}:1", f"{x}:2")
    assert net.outputs == ["rnn"]
    assert net.results == ["rnn", "rnn:1", "rnn:2"]
    assert [t.shape for t in net.nodes["rnn"]["outputs"]] == [(N, 5, 6), (2, N, 3), (2, N, 3)]
    # torch.nn.LSTM: 4 gates of 3 units, each direction reads 8 inputs and 3 states.
    assert net.nodes["rnn"]["params"] == 2 * (12 * 8 + 12 * 3 + 12 + 12)
    assert net.total("macs", batch=2) == 2 * 5 * 2 * (12 * 8 + 12 * 3)


@pytest.mark.parametrize(
    ("types", "wanted"),
    [
        # torch.result_type of tensors that have axes.
        (("float16", "float32"), "float32"),
        (("bfloat16", "float16"), "float32"),
        (("int64", "float16"), "float16"),
        (("uint8", "int8"), "int16"),
        (("bool", "uint8"), "uint8"),
        (("int32", "int64"), "int64"),
        (("float64", "complex64"), "complex64"),
    ],
)
def test_element_types_are_promoted(types, wanted):
    assert promoted(types) == wanted
    assert promoted(types[::-1]) == wanted


@pytest.mark.parametrize(
    ("types", "wanted"),
    [
        # torch.result_type of a tensor with axes and one without.
        (("float16", "float32"), "float16"),
        (("int64", "float32"), "float32"),
        (("uint8", "int64"), "uint8"),
        (("bool", "int64"), "int64"),
    ],
)
def test_a_scalar_does_not_widen_what_it_meets(types, wanted):
    net = ag.ArchGraph(name="scaled")
    net.add("x", ops.Input((4,), types[0]))
    scalar = net.store("scalar", (), types[1], "constant", value=(2,))
    net.add("y", ops.Mul(), ["x", scalar])
    assert net.nodes["y"]["outputs"][0].dtype == wanted


def test_bytes_follow_the_element_type():
    net = tokens()
    assert net.nodes["input"]["activation_bytes"] == 16 * 8
    assert net.edges["wte", "add"]["bytes"] == 16 * 32 * 4
    half = ag.ArchGraph(name="half")
    half.add("input", ops.Input((3, 8, 8), "float16"))
    half.add("conv", ops.Conv2d(3, 4, 3), ["input"])
    assert half.nodes["conv"]["activation_bytes"] == 4 * 36 * 2


# ---- what is stored ------------------------------------------------------------------------


def test_tied_tensors_count_once_where_they_are_read_first():
    net = tokens()
    assert net.nodes["wte"]["params"] == 3200
    assert net.nodes["head"]["params"] == 0
    assert net.nodes["head"]["shared"] == {"wte.weight": "wte"}
    assert net.nodes["add"]["params"] == 16 * 32
    assert net.total("params") == sum(data["params"] for _, data in net.nodes(data=True))
    assert net.tensors["head.weight"].alias == "wte.weight"


def test_a_part_taken_alone_owns_all_that_it_reads():
    net = tokens()
    assert net.module("head").total("params") == 3200
    assert net.module("attn").total("params") == 32 * 96 + 96 + 32 * 32 + 32


def test_numbers_survive_files_and_new_names(tmp_path):
    for net in (tokens(), logits()):
        again = ag.load(net.save(tmp_path / f"{net.name}.json"))
        again.check()
        assert dict(again.nodes(data=True)) == dict(net.nodes(data=True))
        assert again.tensors == net.tensors
        names = {name: f"renamed.{name}" for name in net}
        renamed = nx.relabel_nodes(net, names)
        renamed.set_outputs(*[names[each] for each in net.results])
        saved = ag.load(renamed.save(tmp_path / "renamed.json"))
        for metric in ("params", "macs", "activation_bytes"):
            assert saved.total(metric, batch=3) == net.total(metric, batch=3)


def test_a_module_that_runs_again_reads_the_same_tensors():
    b = ag.Builder("twice", input=(8,))
    x = b.linear("backbone.fc", b.input, 8)
    net = b.build(b.linear("backbone@2.fc", x, 8))
    assert net.total("params") == 8 * 8 + 8
    assert net.nodes["backbone@2.fc"]["shared"] == {
        "backbone.fc.weight": "backbone.fc",
        "backbone.fc.bias": "backbone.fc",
    }
    assert set(net.tensors) == {"backbone.fc.weight", "backbone.fc.bias"}


def test_constants_are_no_parameters():
    b = ag.Builder("scaled", input=(8,))
    half = b.net.store("half", (), kind="constant", value=(0.5,))
    net = b.build(b.add("scale", ops.Mul(), b.input, half))
    assert net.total("params") == 0
    assert net.reads("scale") == ("input", Key("half"))
    assert net.tensors["half"].value == (0.5,)
    with pytest.raises(GraphError, match="'x' reads the stored tensor 'hlaf', which was not"):
        net.add("x", ops.Mul(), ["scale", Key("hlaf")])
    with pytest.raises(GraphError, match="'half' is declared twice"):
        net.store("half", (2,))


# ---- what is unknown -----------------------------------------------------------------------


def test_an_unknown_shape_stays_unknown_and_the_rest_is_counted():
    net = ag.ArchGraph(name="open")
    net.add("input", ops.Input((3, 8, 8)))
    net.add("conv", ops.Conv2d(3, 4, 3, padding=1), ["input"])
    net.add("mystery", ops.Opaque("NonMaxSuppression", None), ["conv"])
    net.add("relu", ops.ReLU(), ["mystery"])
    net.add("fc", ops.Linear(5, 2), ["mystery"])
    assert net.nodes["relu"]["shape"] is None
    assert net.nodes["relu"]["macs"] == 0
    assert net.nodes["fc"]["macs"] is None
    assert net.nodes["fc"]["params"] == 12
    assert net.total("macs") is None
    assert net.metric("macs").known(v for _, v in net.values("macs")) == 4 * 64 * 27
    net.check()


def test_a_receptive_field_behind_something_unknown_is_unknown():
    b = ag.Builder("r", input=(3, 8, 8))
    x = b.conv("conv", b.input, 3, 3, padding=1)
    strange = b.add("strange", ops.Opaque("Deform", (3, 8, 8)), x)
    over_places = b.add("softmax", ops.Softmax(-1), x)
    net = b.build(strange, over_places, b.add("channels", ops.Softmax(1), x))
    assert receptive_field(net, "strange") is None
    assert receptive_field(net, "softmax", axis=1).size is None
    assert receptive_field(net, "softmax", axis=0).size == 3
    assert receptive_field(net, "channels").size == 3


# ---- what may be given ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["training_only", "stage", "tensors", "macs", "outputs"])
def test_what_archgraph_keeps_on_nodes_is_no_metric(name):
    net = ag.load("lenet5")
    with pytest.raises(GraphError, match=f"'{name}' is computed by archgraph"):
        net.attach(name, {"c1": 1})
    assert net.total("macs") == 416_520


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"metrics": {"macs": {"title": "", "unit": "", "reduce": "sum", "per_image": True}}},
         "'metrics' holds 'macs', which archgraph computes"),
        ({"tensors": {"w": {"shape": "big"}}}, "the stored tensor 'w' is malformed"),
        ({"tensors": []}, "'tensors' of the graph is"),
    ],
)  # fmt: skip
def test_a_file_cannot_redefine_what_is_computed(change, words, tmp_path):
    path = ag.load("lenet5").save(tmp_path / "net.json")
    whole = json.loads(path.read_text())
    whole["graph"] |= change
    path.write_text(json.dumps(whole))
    with pytest.raises(FormatError, match=words):
        ag.load(path)


@pytest.mark.parametrize("value", ["NaN", "Infinity", '"much"', "true"])
def test_a_metric_in_a_file_is_a_number(value, tmp_path):
    net = ag.load("lenet5")
    net.attach("time", {"c1": 1.5})
    path = net.save(tmp_path / "net.json")
    path.write_text(path.read_text().replace("1.5", value))
    with pytest.raises(
        FormatError, match="NaN|Infinity|must be a number of at most 1e.30, or null"
    ):
        ag.load(path)


def test_an_operator_of_a_session_is_saved_and_loaded_and_a_double_is_refused(tmp_path):
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Scramble(ops.Op):
        strength: int = 1

    b = ag.Builder("odd", input=(3, 8, 8))
    net = b.build(b.add("scramble", Scramble(2), b.input))
    assert ag.load(net.save(tmp_path / "odd.json")).op("scramble") == Scramble(2)

    @dataclass(frozen=True)
    class ReLU(ops.Op):
        pass

    b = ag.Builder("odd", input=(3, 8, 8))
    net = b.build(b.add("relu", ReLU(), b.input))
    with pytest.raises(FormatError, match="'ReLU' is the name of one of archgraph.ops"):
        net.save(tmp_path / "odd.json")


def test_a_builder_tells_wrong_sources_and_forgotten_branches():
    b = ag.Builder("b", input=(3, 8, 8))
    x = b.conv("conv1", b.input, 4, 3)
    with pytest.raises(GraphError, match=r"no 'conv2', which does not exist.*'conv1'"):
        b.conv("fc", "conv2", 4, 3)
    b.relu("forgotten", x)
    with pytest.warns(UserWarning, match="nothing comes of 'forgotten'"):
        b.build(b.flatten("flatten", x))


def test_a_metric_of_the_whole_graph_is_computed_when_it_is_asked_for(tmp_path):
    net = ag.load("vgg16")
    # Araujo, Norris and Sim, Distill 2019: VGG-16 sees 212 pixels at its last pooling.
    assert dict(net.values("receptive_field"))["features.30"] == 212
    assert "receptive_field" not in net.metrics
    ag.draw(net, tmp_path / "x.svg", color="receptive_field", facts=("op", "receptive_field"))
    assert "212 px" in (tmp_path / "x.svg").read_text()
