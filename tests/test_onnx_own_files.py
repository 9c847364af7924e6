"""ONNX files that archgraph wrote come back as the network that was written."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import onnx
import pytest
from hypothesis import given, settings
from random_graphs import graphs

import archgraph as ag
from archgraph.errors import ExportError
from archgraph.formats.graph_json import dumps
from archgraph.parts import with_element_type

NETWORKS = sorted(ag.architectures())


def whole(net: ag.ArchGraph) -> dict:
    """All that a graph holds, as plain data."""
    return json.loads(dumps(net))


class TestOurOwnFiles:
    @pytest.mark.parametrize("name", NETWORKS)
    def test_every_network_comes_back_exactly(self, name, tmp_path):
        # Operators, names, labels, groups, lanes, roles, slices of layers, facts, outputs.
        net = ag.load(name)
        target = tmp_path / "net.onnx"
        ag.export_onnx(net, target, structure_only=True)
        assert whole(ag.load(target)) == whole(net.inference())

    def test_what_only_training_uses_comes_back_where_it_was_exported(self, tmp_path):
        net = ag.load("googlenet")
        path = ag.export_onnx(net, tmp_path / "a.onnx", structure_only=True, auxiliary=True)
        assert whole(ag.load(path)) == whole(net)
        assert ag.load(path).total("params", training=True) == 13_378_280

    @pytest.mark.parametrize(
        "choices",
        [{}, {"external": True}, {"precision": "float16"}, {"batch": 4}, {"opset": 13}],
        ids=str,
    )
    def test_weights_and_choices_do_not_change_what_comes_back(self, choices, tmp_path):
        net = ag.load("resnet20_cifar")
        path = ag.export_onnx(net, tmp_path / "net.onnx", **choices)
        # A file of float16 holds the network with weights and activations of half the size.
        expected = with_element_type(net, choices.get("precision", "float32"))
        assert whole(ag.load(path)) == whole(expected if "precision" in choices else net)

    def test_folded_batch_norms_are_gone_and_the_rest_is_there(self, tmp_path):
        net = ag.load("resnet20_cifar")
        path = ag.export_onnx(net, tmp_path / "net.onnx", fold_batch_norm=True)
        got = ag.load(path)
        assert set(got) == {name for name in net if ".bn" not in name and name != "bn1"}
        assert all(got.op(name).bias for name in got if got.op(name).kind == "Conv2d")
        assert got.groups == net.groups
        # Each convolution has one bias per filter instead of a scale and a shift.
        filters = sum(net.op(n).num_features for n in net if net.op(n).kind == "BatchNorm2d")
        assert got.total("params") == net.total("params") - filters

    def test_the_users_own_numbers_come_back(self, tmp_path):
        net = ag.load("lenet5")
        net.attach("latency", {"c1": 1.5, "c3": 2}, title="Latency", unit="ms", reduce="max")
        net.nodes["input"]["label"] = "digit"
        got = ag.load(ag.export_onnx(net, tmp_path / "net.onnx", structure_only=True))
        assert whole(got) == whole(net)
        assert got.total("latency") is None
        assert got.metrics["latency"].unit == "ms"

    def test_the_lanes_come_back_from_the_standard_fields_alone(self, tmp_path):
        net = ag.load("alexnet_two_gpu")
        path = ag.export_onnx(net, tmp_path / "net.onnx", structure_only=True)
        model = onnx.load(path)
        del model.metadata_props[:]
        for node in model.graph.node:
            del node.metadata_props[:]
        onnx.save(model, path)
        got = ag.load(path)
        # The values are still named after the nodes that make them.
        lanes = {step: got.nodes[step]["device"] for step in got}
        assert lanes == {
            name: data["device"] for name, data in net.nodes(data=True) if "drop" not in name
        }
        assert len(got.crossings()) > 0

    def test_notes_that_the_nodes_do_not_bear_out_are_not_believed(self, tmp_path):
        net = ag.load("lenet5")
        path = ag.export_onnx(net, tmp_path / "net.onnx", structure_only=True)
        model = onnx.load(path)
        changed = {node.name: node for node in model.graph.node}
        assert changed["tanh1"].op_type == "Tanh"
        changed["tanh1"].op_type = "Relu"
        changed["f6"].input[0] = "c5"  # past tanh5
        onnx.save(model, path)
        got = ag.load(path)
        assert got.op("tanh1") == ag.ops.ReLU()
        assert got.inputs_of("f6") == ("c5",)
        assert got.op("c3") == net.op("c3")
        assert got.nodes["c3"]["label"] == net.nodes["c3"]["label"]

    @pytest.mark.parametrize("size", [(3, 227, 227), (3, 192, 256)])
    def test_another_input_gives_the_graph_of_that_input(self, size, tmp_path):
        net = ag.load("googlenet")
        path = ag.export_onnx(net, tmp_path / "net.onnx", structure_only=True)
        assert whole(ag.load(path, input=size)) == whole(net.inference().with_input(size))

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(graphs())
    def test_random_graphs_come_back_exactly(self, net):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "net.onnx"
            try:
                ag.export_onnx(net, path, structure_only=True)
            except ExportError:
                return
            wanted, got = whole(net), whole(ag.load(path))
        # A file's inputs stand before its operators.
        wanted["nodes"].sort(key=lambda record: record["op"] != "Input")
        assert got == wanted
