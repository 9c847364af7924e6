"""ONNX files of others: forms of operators, opsets, what is unknown, what is open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import archgraph as ag
from archgraph.ops import Opaque


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

    @pytest.mark.parametrize(
        ("kind", "settings", "read"),
        [
            ("HardSigmoid", {}, ["Hardsigmoid"]),
            ("HardSigmoid", {"beta": 0.25}, ["Mul", "Add", "Pointwise"]),
            ("HardSigmoid", {"alpha": 1 / 6}, ["Hardsigmoid"]),
            ("Swish", {"alpha": 1.702}, ["QuickGELU"]),
            ("Swish", {"alpha": 2.0}, ["Mul", "Sigmoid", "Mul"]),
        ],
    )
    def test_activations_with_numbers_of_their_own(self, tmp_path, kind, settings, read):
        path = save(tmp_path / "net.onnx", [node(kind, ["x"], ["y"], **settings)], {}, opset=24)
        net = ag.load(path)
        assert kinds(net) == read
        x = np.linspace(-4, 4, 3 * 9 * 8, dtype=np.float32).reshape(1, 3, 9, 8)
        wanted = ReferenceEvaluator(onnx.load(path)).run(None, {"x": x})[0]
        found = ag.to_torch(net)(torch.from_numpy(x)).detach().numpy()
        np.testing.assert_allclose(found, wanted, atol=1e-6)

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
        macs = 9 * 8 * 3 * 6 * 4
        flops = 2 * macs + 6 * 9 * 8  # with a bias
        assert net.op("up") == Opaque("ConvTranspose", (6, 9, 8), 0, macs, flop_count=flops)
        assert net.nodes["up"]["params"] == 3 * 6 * 4 + 6
        assert net.op("turn") == ag.ops.Permute((0, 2, 3, 1))
        assert net.nodes["turn"]["shape"] == (9, 8, 6)
        assert net.total("params") == 78
        assert net.total("macs") == 5184
        assert net.total("flops") == flops

    def test_results_of_one_operator_that_are_all_read_are_all_there(self, tmp_path):
        nodes = [
            node("Squeeze", ["x", "axis"], ["rows"]),
            node("TopK", ["rows", "k"], ["best", "where"], name="top"),
            node("Cast", ["where"], ["w"], to=TensorProto.FLOAT),
            node("Add", ["best", "w"], ["y"]),
        ]
        numbers = {"axis": np.array([1]), "k": np.array([2])}
        net = loaded(tmp_path, nodes, numbers, shape=("n", 1, 9, 8))
        assert kinds(net) == ["Reshape", "Sort", "Cast", "Add"]
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

    def test_open_sizes_are_letters(self, tmp_path):
        conv = node("Conv", ["x", "w"], ["y"])
        path = save(tmp_path / "net.onnx", [conv], {"w": (4, 3, 3, 3)}, shape=("n", 3, "h", "w"))
        net = ag.load(path)
        assert str(net.nodes["x"]["shape"]) == "(3, h, w)"
        assert str(net.nodes["conv"]["shape"]) == "(4, h-2, w-2)"
        assert net.total("params") == 4 * 3 * 3 * 3
        assert net.total("macs") is None
        assert ag.load(path, input=(3, 20, 10)).nodes["conv"]["shape"] == (4, 18, 8)
        with pytest.raises(ag.ArchGraphError, match="3 axes besides the batch, not 3×20"):
            ag.load(path, input=(3, 20))
