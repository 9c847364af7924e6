"""An ArchGraph checks itself as it is built and works as a networkx graph."""

from __future__ import annotations

import json

import networkx as nx
import pytest

import archgraph as ag
from archgraph.errors import CycleError, GraphError, ShapeError, UnknownNameError
from archgraph.ops import (
    Add,
    Concat,
    Conv2d,
    Flatten,
    Input,
    Linear,
    MaxPool2d,
    Opaque,
    ReLU,
)


@pytest.fixture
def net():
    net = ag.ArchGraph(name="tiny")
    net.add("input", Input((3, 8, 8)))
    net.add("conv", Conv2d(3, 4, 3, padding=1), ["input"])
    return net


def test_shapes_and_costs_are_inferred(net):
    data = net.nodes["conv"]
    assert data["shape"] == (4, 8, 8)
    assert data["params"] == 4 * 3 * 3 * 3 + 4
    assert data["macs"] == 4 * 8 * 8 * 27
    assert data["flops"] == 2 * 4 * 8 * 8 * 27 + 4 * 8 * 8
    assert data["activation_bytes"] == 4 * 8 * 8 * 4


def test_adding_a_tensor_to_itself_is_one_edge_with_two_positions(net):
    net.add("double", Add(), ["conv", "conv"])
    assert net.edges["conv", "double"]["uses"] == ((0, 0), (0, 1))
    assert net.inputs_of("double") == ("conv", "conv")
    net.check()


def test_inputs_keep_their_order(net):
    net.add("relu", ReLU(), ["conv"])
    net.add("join", Concat(), ["relu", "input", "conv", "input"])
    assert net.inputs_of("join") == ("relu", "input", "conv", "input")
    assert net.nodes["join"]["shape"] == (14, 8, 8)


def test_an_edge_carries_the_size_of_its_tensor(net):
    assert net.edges["input", "conv"]["bytes"] == 3 * 8 * 8 * 4


@pytest.mark.parametrize(
    ("name", "op", "inputs", "error", "words"),
    [
        ("conv", ReLU(), ["input"], GraphError, "two nodes are named 'conv'"),
        ("x", ReLU(), ["cnov"], GraphError, r"'x' reads 'cnov', which does not.*'conv'"),
        ("x", ReLU(), [], GraphError, r"'x' \(ReLU\) takes 1 input, but has 0"),
        ("x", Add(), [], GraphError, "takes one or more inputs, but has 0"),
        ("x", Linear(5, 2), ["conv"], ShapeError, "takes 5 features, but its input is 4×8×8"),
        ("x", Conv2d(3, 4, 3), ["conv"], ShapeError, "takes 3 channels .* input is 4×8×8"),
        ("x", Conv2d(4, 4, 9), ["conv"], ShapeError, "9×9 kernel does not fit into the 4×8×8"),
        ("x", MaxPool2d(9), ["conv"], ShapeError, "9×9 window does not fit"),
        ("x", Add(), ["conv", "input"], ShapeError, "'x' .*4×8×8 and 3×8×8 differ in shape"),
        ("conv.relu", ReLU(), ["conv"], GraphError, "'conv' is an operator"),
        ("a b", ReLU(), ["conv"], GraphError, "'a b' cannot name a node"),
        ("", ReLU(), ["conv"], GraphError, "'' cannot name a node"),
        ("x", "ReLU", ["conv"], GraphError, "'x' needs an operator of archgraph.ops"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(net, name, op, inputs, error, words):
    before = list(net)
    with pytest.raises(error, match=words) as caught:
        net.add(name, op, inputs)
    assert "\n" not in str(caught.value)
    assert list(net) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"kernel_size": 0},
        {"kernel_size": (3, 3, 3)},
        {"kernel_size": 3, "stride": 0},
        {"kernel_size": 3, "padding": -1},
        {"kernel_size": 3, "groups": 2},
        {"kernel_size": 3, "groups": True},
        {"kernel_size": 2.5},
    ],
)
def test_an_operator_with_impossible_settings_is_refused(fields):
    with pytest.raises(ShapeError):
        Conv2d(3, 4, **fields)


def test_a_cycle_made_with_networkx_is_found(net):
    net.add("relu", ReLU(), ["conv"])
    net.add_edge("relu", "conv")
    with pytest.raises(CycleError, match="conv → relu → conv|relu → conv → relu"):
        net.check()


def test_a_bare_networkx_node_or_edge_is_found(net):
    net.add("relu", ReLU(), ["conv"])
    net.add_edge("input", "relu")
    with pytest.raises(GraphError, match="'relu' do not fill its input positions"):
        net.check()
    net.remove_edge("input", "relu")
    net.check()
    net.add_node("stranger")
    with pytest.raises(GraphError, match="'stranger' has no operator"):
        net.check()


def test_a_shape_changed_by_hand_is_found(net):
    net.nodes["conv"]["shape"] = (4, 9, 9)
    with pytest.raises(ShapeError, match="'conv' says its output is"):
        net.check()


def test_a_name_cannot_be_an_operator_and_a_module(net):
    net.add("head.fc", Flatten(), ["conv"])
    net.add("head", ReLU(), ["conv"])
    with pytest.raises(GraphError, match="'head' names both"):
        net.check()


def test_networkx_algorithms_run_and_copies_stay_graphs():
    net = ag.load("resnet18")
    assert nx.is_directed_acyclic_graph(net)
    assert net.topological() == list(nx.topological_sort(net))
    assert isinstance(net.copy(), ag.ArchGraph)
    net.copy().check()
    assert isinstance(net.reverse(), ag.ArchGraph)
    part = net.subgraph(["conv1", "bn1"]).copy()
    assert part.total("params") == 9408 + 128
    renamed = nx.relabel_nodes(net, {"fc": "classifier"})
    renamed.graph["outputs"] = ["classifier"]
    renamed.check()


def test_networkx_writers_take_the_plain_form(tmp_path):
    net = ag.load("googlenet")
    nx.write_graphml(net.plain(), tmp_path / "x.graphml")
    back = nx.read_graphml(tmp_path / "x.graphml")
    assert set(back.edges) == set(net.edges)
    assert back.nodes["conv1.conv"]["macs"] == net.nodes["conv1.conv"]["macs"]
    assert back.nodes["conv1.conv"]["op"] == "Conv2d"
    assert back.nodes["conv1.conv"]["shape"] == "64x112x112"
    text = json.dumps(nx.node_link_data(net.plain(), edges="edges"))
    again = nx.node_link_graph(json.loads(text), edges="edges")
    assert sum(data["macs"] for _, data in again.nodes(data=True)) == net.total(
        "macs", training=True
    )


def test_an_unknown_cost_is_never_zero(net):
    net.add("mystery", Opaque("FancyOp", (4, 8, 8)), ["conv"])
    assert net.nodes["mystery"]["macs"] is None
    assert net.total("macs") is None
    assert net.total("activation_bytes") == (3 + 4 + 4) * 64 * 4
    known = net.metric("macs").known(value for _, value in net.values("macs"))
    assert known == net.nodes["conv"]["macs"]


def test_attached_metrics_add_up_as_they_say(net):
    net.attach("latency_ms", {"conv": 0.5, "input": 0.25}, unit="ms")
    net.attach("heat", {"conv": 3, "input": 7}, reduce="max")
    assert net.total("latency_ms") == 0.75
    assert net.total("heat") == 7
    assert net.metrics["latency_ms"].unit == "ms"
    net.attach("partial", {"conv": 1})
    assert net.total("partial") is None
    with pytest.raises(GraphError, match="'macs' is computed by archgraph"):
        net.attach("macs", {})
    with pytest.raises(UnknownNameError, match="no node named 'cnov'.*'conv'"):
        net.attach("x", {"cnov": 1})
    with pytest.raises(UnknownNameError, match="no metric 'latency'"):
        net.total("latency")
    assert net.value("conv", "latency_ms") == net.value("conv", net.metric("latency_ms"))
    with pytest.raises(UnknownNameError, match="no node named 'cnov'.*'conv'"):
        net.value("cnov", "latency_ms")
    with pytest.raises(UnknownNameError, match="no metric 'latency'"):
        net.value("conv", "latency")


def test_a_module_is_a_graph_of_its_own():
    net = ag.load("resnet50")
    block = net.module("layer1.0")
    block.check()
    assert block.input_shape == (64, 56, 56)
    assert block.total("params") == sum(
        data["params"] for name, data in net.nodes(data=True) if name.startswith("layer1.0.")
    )
    assert block.outputs == ["layer1.0.relu3"]
    again = ag.load("resnet50/layer1.0")
    assert dict(again.nodes(data=True)) == dict(block.nodes(data=True))
    assert ag.load("vgg16/conv3").total("params") == 295_168 + 590_080 + 590_080
    with pytest.raises(UnknownNameError, match="no module 'layer9'.*'layer4'"):
        net.module("layer9")


def test_another_input_shape_keeps_the_operators():
    net = ag.load("resnet18").with_input((3, 64, 64))
    assert net.nodes["layer4.1.add"]["shape"] == (512, 2, 2)
    assert net.total("params") == 11_689_512
    with pytest.raises(ShapeError, match="'fc6' .*takes 9216 features.*6400"):
        ag.load("zfnet").with_input((3, 192, 192))


def test_edges_between_devices_tell_their_traffic():
    crossing = ag.load("alexnet_two_gpu").crossings()
    assert sorted({target.split(".")[0] for _, target, _ in crossing}) == [
        "gather3",
        "gather6",
        "gather7",
        "gather8",
    ]
    # pool2: 128 maps of 13×13 in 32-bit floats, one way.
    assert {size for source, _, size in crossing if source.startswith("pool2")} == {
        128 * 13 * 13 * 4
    }
    assert ag.load("alexnet").crossings() == []


def test_an_auxiliary_head_alone_is_a_network():
    head = ag.load("googlenet/aux1")
    # The paper: 1×1 convolution with 128 filters on 4 × 4 × 512, 1024 units, 1000 classes.
    params = (512 * 128 + 128) + (2048 * 1024 + 1024) + (1024 * 1000 + 1000)
    assert head.total("params") == params
    assert head.nodes[head.outputs[0]]["shape"] == (1000,)


def test_attached_values_are_numbers_of_python():
    import numpy as np

    net = ag.load("lenet5")
    net.attach("time", {"c1": np.float32(0.5), "c3": np.int64(2), "f6": None})
    assert [type(net.nodes[name]["time"]) for name in ("c1", "c3")] == [float, int]
    for wrong in ("fast", True, float("nan"), 1j):
        with pytest.raises(
            GraphError, match="the time of 'c1' is .* must be a number of at most 1e.30, or None"
        ):
            net.attach("time", {"c1": wrong})
    assert net.nodes["c1"]["time"] == 0.5


def test_a_network_shows_its_name_and_size():
    net = ag.load("lenet5")
    assert repr(net) == f"ArchGraph('lenet5', nodes={len(net)}, edges={len(net.edges)})"
