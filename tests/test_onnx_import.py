"""Any ONNX file can be loaded; one that archgraph wrote comes back as it was."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from onnx import TensorProto, helper, numpy_helper
from random_graphs import graphs
from torch import nn
from torch.nn import functional

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import ExportError
from archgraph.formats.graph_json import dumps
from archgraph.ops import Opaque
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


class Residual(nn.Module):
    """A block as people write them: one activation used twice, a sum without a module."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        shortcut = [nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)]
        self.downsample = nn.Sequential(*shortcut) if stride > 1 else None

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + (self.downsample(x) if self.downsample else x))


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.maxpool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.layer1 = nn.Sequential(Residual(16, 16, 1), Residual(16, 32, 2))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.drop = nn.Dropout()
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.layer1(self.maxpool(functional.relu(self.bn1(self.conv1(x)))))
        return self.fc(self.drop(self.avgpool(x).view(x.size(0), -1)))


@pytest.fixture(scope="module")
def from_torch(tmp_path_factory):
    """A module, the output and multiply-adds of its layers, and its files by torch's exporters."""
    folder = tmp_path_factory.mktemp("torch")
    module = Network().eval()
    layers: dict[str, tuple[tuple[int, ...], int]] = {}
    for name, layer in module.named_modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):

            def note(layer, _, output, name=name):
                shape = tuple(output.shape[1:])
                layers[name] = shape, output[0].numel() * layer.weight[0].numel()

            layer.register_forward_hook(note)
    images = torch.zeros(2, 3, 64, 48)
    module(images)
    old = {"dynamo": False, "dynamic_axes": {"image": {0: "n"}}, "input_names": ["image"]}
    torch.onnx.export(module, (images,), folder / "old.onnx", **old)
    training = {"training": torch.onnx.TrainingMode.TRAINING, "do_constant_folding": False}
    torch.onnx.export(module, (images,), folder / "old_unfused.onnx", **old, **training)
    new = {"dynamo": True, "verbose": False}
    axes = ({0: torch.export.Dim("n")},)
    program = torch.onnx.export(module.eval(), (images,), dynamic_shapes=axes, **new)
    program.save(str(folder / "new.onnx"))
    program = torch.onnx.export(module, (images,), optimize=False, **new)
    program.save(str(folder / "new_unfused.onnx"))
    return module, layers, folder


@pytest.mark.filterwarnings("ignore")
class TestFilesOfTorch:
    @pytest.mark.parametrize("name", ["old", "old_unfused", "new", "new_unfused"])
    def test_layers_have_the_modules_names_shapes_and_arithmetic(self, from_torch, name):
        _, layers, folder = from_torch
        net = ag.load(folder / f"{name}.onnx")
        found = {
            each: (data["shape"], data["macs"])
            for each, data in net.nodes(data=True)
            if net.op(each).family in ("conv", "linear")
        }
        assert found == layers
        assert net.input_shape == (3, 64, 48)
        assert net.total("macs") == sum(macs for _, macs in layers.values())

    @pytest.mark.parametrize("name", ["old_unfused", "new_unfused"])
    def test_batch_norms_and_parameters_are_the_modules(self, from_torch, name):
        module, _, folder = from_torch
        net = ag.load(folder / f"{name}.onnx")
        norms = {n for n, each in module.named_modules() if isinstance(each, nn.BatchNorm2d)}
        assert {n for n in net if net.op(n).kind == "BatchNorm2d"} == norms
        assert net.total("params") == sum(each.numel() for each in module.parameters())

    def test_they_draw_and_cost_from_the_command_line(self, from_torch, tmp_path, capsys):
        _, layers, folder = from_torch
        assert main(["cost", str(folder / "new.onnx"), "--format", "json"]) == 0
        total = json.loads(capsys.readouterr().out)["totals"]["macs"]
        assert total == sum(macs for _, macs in layers.values())
        assert main(["draw", str(folder / "old.onnx"), "-o", str(tmp_path / "x.svg")]) == 0
        assert main(["cost", f"{folder / 'new.onnx'}/layer1", "--format", "json"]) == 0
        assert "layer1.0.conv1" in capsys.readouterr().out


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.Hardswish())
        self.bottom = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU())
        self.up = nn.ConvTranspose2d(16, 8, 3, 2, 1, output_padding=1, groups=2)
        self.head = nn.Conv2d(16, 2, 1)

    def forward(self, x):
        high = self.down(x)
        return self.head(torch.cat([high, self.up(self.bottom(high))], 1))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
        self.head = nn.Linear(32, 5)

    def forward(self, x):
        return self.head(self.layer(x).mean(1))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dynamo", [True, False])
class TestModulesOfOthers:
    def test_a_network_that_goes_down_and_up_costs_what_fvcore_counts(self, dynamo, tmp_path):
        from fvcore.nn import FlopCountAnalysis

        module, image = UNet().eval(), torch.randn(1, 3, 32, 24)
        target = tmp_path / "net.onnx"
        torch.onnx.export(module, (image,), target, dynamo=dynamo, verbose=False)
        net = ag.load(target)
        counted = FlopCountAnalysis(module, image).unsupported_ops_warnings(False)
        assert net.total("macs") == counted.by_operator()["conv"]
        assert net.total("params") == sum(each.numel() for each in module.parameters())
        assert ag.draw(net, tmp_path / "net.svg").exists()

    def test_a_transformer_costs_what_its_layers_multiply(self, dynamo, tmp_path):
        module, image = Encoder().eval(), torch.randn(1, 9, 32)
        target = tmp_path / "net.onnx"
        torch.onnx.export(module, (image,), target, dynamo=dynamo, verbose=False)
        net = ag.load(target)
        projections = 9 * (32 * 96 + 32 * 32 + 2 * 32 * 64) + 32 * 5
        assert net.total("macs") == projections + 2 * 4 * 9 * 9 * 8
        # torch's newer exporter leaves out one of two equal vectors of 32.
        missing = sum(each.numel() for each in module.parameters()) - net.total("params")
        assert missing in (0, 32)


def save(path: Path, nodes, weights, *, shape=("n", 3, 9, 8), opset=18, outputs=("y",), **more):
    """Write a file as others do; weights are given as shapes or arrays."""
    tensors = [
        numpy_helper.from_array(
            np.zeros(each, np.float32) if isinstance(each, tuple) else each, name
        )
        for name, each in weights.items()
    ]
    graph = helper.make_graph(
        nodes,
        "main",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        initializer=tensors,
    )
    imports = [helper.make_opsetid("", opset), helper.make_opsetid("custom", 1)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8, **more)
    onnx.save(model, path)
    return path


def loaded(tmp_path: Path, nodes, weights, **settings) -> ag.ArchGraph:
    """Load a written file, once its shapes were seen to be those that onnxruntime computes."""
    path = save(tmp_path / "net.onnx", nodes, weights, **settings)
    net = ag.load(path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (got, *_) = session.run(None, {"x": np.zeros((1, *net.input_shape), np.float32)})
    assert net.nodes[net.outputs[0]]["shape"] == got.shape[1:]
    return net


def kinds(net: ag.ArchGraph) -> list[str]:
    return [net.op(name).kind for name in net if name not in net.sources]


node = helper.make_node


class TestFilesOfOthers:
    @pytest.mark.parametrize(
        "padding",
        [{"auto_pad": "SAME_UPPER"}, {"auto_pad": "SAME_LOWER"}, {"pads": [0, 1, 1, 1]}],
        ids=str,
    )
    def test_uneven_padding_becomes_an_operator_of_its_own(self, padding, tmp_path):
        conv = node("Conv", ["x", "w"], ["y"], strides=[2, 2], **padding)
        net = loaded(tmp_path, [conv], {"w": (4, 3, 3, 3)})
        assert kinds(net)[-1] == "Conv2d"
        assert net.total("params") == 108

    def test_padding_that_only_rounds_up_is_read_as_that(self, tmp_path):
        pool = node("MaxPool", ["x"], ["y"], kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1])
        net = loaded(tmp_path, [pool], {}, shape=("n", 3, 8, 8))
        assert net.op(net.outputs[0]) == ag.ops.MaxPool2d(3, 2, ceil_mode=True)

    def test_products_with_weights_are_linear_layers_with_their_bias(self, tmp_path):
        nodes = [
            node("Flatten", ["x"], ["f"]),
            node("MatMul", ["f", "dense/kernel"], ["m"]),
            node("Add", ["m", "dense/bias"], ["a"]),
            node("Gemm", ["a", "g", "c"], ["y"], transB=1),
        ]
        weights = {"dense/kernel": (216, 5), "dense/bias": (5,), "g": (7, 5), "c": (7,)}
        net = loaded(tmp_path, nodes, weights)
        assert kinds(net) == ["Flatten", "Linear", "Linear"]
        assert net.op("dense") == ag.ops.Linear(216, 5, transposed=True)
        assert net.keys_of("dense") == {"weight": "dense/kernel", "bias": "dense/bias"}
        assert net.total("params") == 216 * 5 + 5 + 7 * 5 + 7

    def test_shape_arithmetic_before_a_reshape_is_no_operator(self, tmp_path):
        nodes = [
            node("Shape", ["x"], ["s"]),
            node("Gather", ["s", "zero"], ["n"]),
            node("Unsqueeze", ["n", "axis"], ["n1"]),
            node("Concat", ["n1", "rest"], ["to"], axis=0),
            node("Reshape", ["x", "to"], ["y"]),
        ]
        numbers = {"zero": np.array(0), "axis": np.array([0]), "rest": np.array([-1])}
        net = loaded(tmp_path, nodes, numbers)
        assert kinds(net) == ["Flatten"]
        assert net.total("params") == 0

    def test_sizes_that_onnx_cannot_follow_are_computed(self, tmp_path):
        nodes = [
            node("Shape", ["x"], ["s"]),
            node("Mod", ["minus", "four"], ["axis"]),
            node("Gather", ["s", "axis"], ["w"]),
            node("Where", ["yes", "w", "four"], ["chosen"]),
            node("Concat", ["batch", "chosen", "rest"], ["to"], axis=0),
            node("Reshape", ["x", "to"], ["y"]),
        ]
        numbers = {
            "minus": np.array([-1]),
            "four": np.array([4]),
            "yes": np.array([True]),
            "batch": np.array([1]),
            "rest": np.array([-1]),
        }
        net = loaded(tmp_path, nodes, numbers, shape=(1, 3, 9, 8))
        assert net.nodes[net.outputs[0]]["shape"] == (8, 27)
        assert net.total("params") == 0

    def test_a_split_is_one_node_whose_parts_are_read(self, tmp_path):
        nodes = [
            node("Split", ["x", "sizes"], ["a", "b"], axis=1),
            node("Concat", ["b", "a"], ["y"], axis=1),
        ]
        net = loaded(tmp_path, nodes, {"sizes": np.array([1, 2])})
        assert kinds(net) == ["Split", "Concat"]
        split, joined = [name for name in net if name not in net.sources]
        assert net.op(split) == ag.ops.Split((1, 2), 1)
        assert net.reads(joined) == (f"{split}:1", split)

    def test_old_operator_sets_are_read(self, tmp_path):
        nodes = [
            node("Clip", ["x"], ["c"], min=0.0, max=6.0),
            node("Pad", ["c"], ["p"], pads=[0, 0, 1, 0, 0, 0, 0, 2]),
            node("Slice", ["p"], ["s"], starts=[1], ends=[9999], axes=[1]),
            node("Dropout", ["s"], ["d"], ratio=0.25),
            node("Softmax", ["d"], ["y"], axis=3),
        ]
        net = loaded(tmp_path, nodes, {}, opset=9)
        assert [net.op(name) for name in net if name not in net.sources] == [
            ag.ops.ReLU6(),
            ag.ops.ZeroPad2d((0, 2, 1, 0)),
            ag.ops.Slice(1, 3),
            ag.ops.Dropout(0.25),
            ag.ops.Softmax(3),
        ]

    def test_unknown_operators_have_a_shape_parameters_and_multiply_adds(self, tmp_path):
        nodes = [
            node("ConvTranspose", ["x", "w", "b"], ["t"], name="up", pads=[0, 0, 1, 1]),
            node("Transpose", ["t"], ["y"], perm=[0, 2, 3, 1], name="turn"),
        ]
        net = loaded(tmp_path, nodes, {"w": (3, 6, 2, 2), "b": (6,)})
        # What it learns is stored in the network, and counts there.
        assert net.op("up") == Opaque("ConvTranspose", (6, 9, 8), 0, 9 * 8 * 3 * 6 * 4)
        assert net.nodes["up"]["params"] == 3 * 6 * 4 + 6
        assert net.op("turn") == ag.ops.Permute((0, 2, 3, 1))
        assert net.nodes["turn"]["shape"] == (9, 8, 6)
        assert net.total("params") == 78
        assert net.total("macs") == 5184
        assert net.total("flops") is None

    def test_results_of_one_operator_that_are_all_read_are_all_there(self, tmp_path):
        nodes = [
            node("Squeeze", ["x", "axis"], ["rows"]),
            node("TopK", ["rows", "k"], ["best", "where"], name="top"),
            node("Cast", ["where"], ["w"], to=TensorProto.FLOAT),
            node("Add", ["best", "w"], ["y"]),
        ]
        numbers = {"axis": np.array([1]), "k": np.array([2])}
        net = loaded(tmp_path, nodes, numbers, shape=("n", 1, 9, 8))
        assert kinds(net) == ["Reshape", "Opaque", "Cast", "Add"]
        assert net.nodes["top"]["outputs"] == (
            ag.tensors.Tensor((ag.tensors.N, 9, 2), "float32"),
            ag.tensors.Tensor((ag.tensors.N, 9, 2), "int64"),
        )
        (cast,) = [name for name in net if net.op(name).kind == "Cast"]
        assert net.reads(cast) == ("top:1",)
        assert net.reads(net.outputs[0]) == ("top", cast)

    def test_an_operator_from_elsewhere_has_the_shape_that_the_file_notes(self, tmp_path):
        nodes = [node("Magic", ["x"], ["m"], domain="custom"), node("Relu", ["m"], ["y"])]
        path = save(tmp_path / "net.onnx", nodes, {}, shape=(1, 3, 9, 8))
        unknown = ag.load(path)
        assert kinds(unknown) == ["Opaque", "ReLU"]
        assert unknown.nodes[unknown.outputs[0]]["shape"] is None
        assert unknown.total("macs") is None
        model = onnx.load(path)
        noted = helper.make_tensor_value_info("m", TensorProto.FLOAT, (1, 5, 2, 2))
        model.graph.value_info.append(noted)
        onnx.save(model, path)
        net = ag.load(path)
        assert kinds(net) == ["Opaque", "ReLU"]
        assert net.nodes[net.outputs[0]]["shape"] == (5, 2, 2)

    def test_a_branch_reads_what_its_graphs_read(self, tmp_path):
        def branch(name: str, kind: str):
            made = helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, 3, 9, 8))
            return helper.make_graph([node(kind, ["r"], [name])], name, [], [made])

        nodes = [
            node("Relu", ["x"], ["r"]),
            node("ReduceMax", ["x"], ["m"], keepdims=0),
            node("Cast", ["m"], ["c"], to=TensorProto.BOOL),
            node(
                "If", ["c"], ["y"], then_branch=branch("a", "Tanh"), else_branch=branch("b", "Neg")
            ),
        ]
        net = ag.load(save(tmp_path / "net.onnx", nodes, {}, shape=(1, 3, 9, 8)))
        found = {net.op(source).kind for source in net.inputs_of(net.outputs[0])}
        assert "ReLU" in found

    def test_functions_are_put_in_place(self, tmp_path):
        twice = helper.make_function(
            "custom", "Twice", ["a"], ["b"],
            [node("Relu", ["a"], ["r"]), node("Tanh", ["r"], ["b"])],
            [helper.make_opsetid("", 18)],
        )  # fmt: skip
        call = node("Twice", ["x"], ["y"], domain="custom")
        net = loaded(tmp_path, [call], {}, functions=[twice])
        assert kinds(net) == ["ReLU", "Tanh"]

    def test_open_sizes_are_asked_for(self, tmp_path):
        conv = node("Conv", ["x", "w"], ["y"])
        path = save(tmp_path / "net.onnx", [conv], {"w": (4, 3, 3, 3)}, shape=("n", 3, "h", "w"))
        with pytest.raises(ag.ArchGraphError, match=r"open \(3×h×w\); say it"):
            ag.load(path)
        assert ag.load(path, input=(3, 20, 10)).nodes["conv"]["shape"] == (4, 18, 8)
        with pytest.raises(ag.ArchGraphError, match="3 axes besides the batch, not 3×20"):
            ag.load(path, input=(3, 20))
